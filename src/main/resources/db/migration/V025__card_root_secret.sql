-- Why: PINs, request names and chips in software follow from a secret. That was the master key itself, so sealing all
-- keys with another one made every PIN wrong. Now it is a secret of its own, sealed like the others; it begins as the
-- master key of that time, so that what followed from it before still holds.
-- Size: an empty table for one row. Locks: none held by others.

create table card_root (
    one boolean primary key default true check (one),
    sealed bytea not null,
    sealed_with text not null                                -- which key sealed it, as its fingerprint
);
