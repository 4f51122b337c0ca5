-- Why: a master key of cards that is made of a passphrase needs a salt that is there at each start.
-- Size: an empty table for one row. Locks: none held by others.

create table card_master (
    one boolean primary key default true check (one),
    salt bytea not null                                      -- of Argon2id; no secret
);
