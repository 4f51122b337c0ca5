-- Why: an account that another program used may be owed payments that wait in the mempool when it is connected, and the
-- first invoice to get such an address was taken for paid. Addresses of a keychain are handed out only after the
-- mempool was read with all of its scripts; what it held by then is retired.
-- Size: a flag a keychain. Locks: keychain exclusively, for a moment.

alter table keychain add column mempool_read boolean not null default false;
update keychain set mempool_read = exists (select from chain_block);
