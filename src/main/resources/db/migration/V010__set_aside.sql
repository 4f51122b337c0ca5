-- Why: a fact of a node that cannot be applied must not keep those after it from being applied: it is kept here, whole,
-- until it can be, and the stream goes on.
-- Size: empty; a row is an incident. Locks: none held by others.

create table set_aside (
    kind text not null,                                      -- settle:<node>
    key text not null,                                       -- the fact's own id
    facts jsonb not null,
    error text not null,                                     -- why it could not be applied, the last time
    tries int not null default 1 check (tries > 0),
    since timestamptz not null,
    primary key (kind, key)
);
