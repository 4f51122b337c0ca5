-- Why: how each store prices bitcoin, and what rate sources said last, so that a restart has it.
-- Size: two rows a store at most; one row a source. Locks: none held by others.

create table store_rate (
    store_id text not null,
    slot text not null check (slot in ('primary', 'fallback')),
    spread numeric(8, 5) not null check (spread between 0 and 100),
    preferred_source text check (length(preferred_source) <= 50),
    script text check (length(script) between 1 and 10000),
    updated_at timestamptz not null default now(),
    primary key (store_id, slot),
    constraint store_rate_source_or_script check (preferred_source is null or script is null)
);

-- quotes: {"BTC_USD": [bid, ask, milliseconds]}, rewritten every few minutes.
create table rate_last_good (
    source text primary key,
    at timestamptz not null,
    quotes jsonb not null
) with (fillfactor = 50);
