-- Why: a place where cards are made one after the other, by an app that has nothing but a link: BTCPay's card factory.
-- Size: an empty table; a column without default and a partial index over imported cards. Locks: card exclusively, for
-- a moment.

create table card_factory (
    id text primary key,
    programme_id text not null references card_programme (id),
    name text not null,
    secret_hash bytea not null unique,                       -- the secret itself is not kept
    wipes boolean not null,                                  -- whether it gives keys to wipe chips, for a fresh tap
    cards_max int not null check (cards_max > 0),
    cards_made int not null default 0 check (cards_made between 0 and cards_max),
    made_by text not null,
    expires_at timestamptz not null,
    closed_at timestamptz,
    created_at timestamptz not null
);
create index card_factory_programme on card_factory (programme_id, created_at);

alter table card add column factory_id text references card_factory (id); -- where it was made; null: by the API
create index card_pull_payment on card (key_extra) where key_extra is not null;
