-- Why: a node that a store brought is known by its owner and address, not by its credential, so that a new macaroon
-- does not orphan open invoices; and one that a store no longer uses is followed until its last invoice is final.
-- Size: one row for each store with a Lightning node of its own. Locks: none held by others.

create table lightning_source (
    node text primary key,
    owner text not null,                                     -- store:<id>
    connection text not null,                                -- secret, as payment_method.config
    since timestamptz not null
);
create index lightning_source_owner on lightning_source (owner);
insert into lightning_source (node, owner, connection, since)
select source, 'store:' || store_id, config ->> 'connectionString', now()
from payment_method where rail = 'BTC-LN' and holder = 'STORE'
on conflict do nothing;
