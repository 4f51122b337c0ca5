-- Why: money onto cards over Lightning: by a link, or by an address that each card has.
-- Size: a column without default, one unique index over cards; a new table. Locks: card exclusively, for a moment.

alter table card add column handle text unique;              -- name of its Lightning address; random, tells nothing

create table card_topup (
    hash text primary key,                                   -- payment hash
    card_id text not null references card (id),
    preimage bytea not null,
    bolt11 text,                                             -- null until the node made it
    amount_msat bigint not null check (amount_msat > 0),
    units bigint not null check (units >= 0),                -- what it is for the card, at the rate of then
    received_msat bigint,                                    -- null until paid
    settled_at timestamptz,
    created_at timestamptz not null,
    expires_at timestamptz not null
);
create index card_topup_age on card_topup (expires_at) where received_msat is null;
revoke truncate on card_topup from public, current_user;
