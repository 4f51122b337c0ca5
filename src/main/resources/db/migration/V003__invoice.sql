-- Why: invoices, the prompts that tell how to pay them, and the payments they received.
-- Size: empty tables. Locks: none held by others.

create extension if not exists pg_trgm;

create table invoice (
    id text primary key,
    store_id text not null,
    kind text not null check (kind in ('Standard', 'TopUp')),
    currency text not null,
    amount_minor bigint check (amount_minor >= 0),           -- null: a top-up nobody has paid yet
    due_msat bigint check (due_msat >= 0),                   -- the amount at the locked rate; null likewise
    rate numeric not null check (rate > 0),                  -- units of currency for one bitcoin, locked
    tolerance_ppm int not null check (tolerance_ppm between 0 and 1000000),
    speed_policy text not null,
    chain_fee_msat bigint not null check (chain_fee_msat >= 0),
    chain_fee_mode text not null check (chain_fee_mode in ('MultiplePaymentsOnly', 'Always', 'Never')),
    status text not null check (status in ('New', 'Processing', 'Expired', 'Invalid', 'Settled')),
    additional text not null check (additional in ('None', 'PaidLate', 'PaidPartial', 'Marked', 'Invalid', 'PaidOver')),
    version bigint not null check (version > 0),
    created_at timestamptz not null,
    expires_at timestamptz not null,
    monitor_until timestamptz not null,
    paid_msat bigint not null default 0 check (paid_msat >= 0), -- accounted payments less their fees
    archived boolean not null default false,
    order_id text,
    metadata jsonb not null,
    checkout jsonb not null,
    receipt jsonb not null,
    search text not null
) with (fillfactor = 70);
create index invoice_store on invoice (store_id, created_at desc, id desc);
create index invoice_order on invoice (store_id, order_id) where order_id is not null;
create index invoice_search on invoice using gin (search gin_trgm_ops);
create index invoice_expiring on invoice (expires_at) where status = 'New';
create index invoice_monitored on invoice (monitor_until) where status = 'Processing';
revoke delete, truncate on invoice from public, current_user;

-- A way to pay an invoice. Lightning prompts get a new generation when what is due changes.
create table invoice_prompt (
    invoice_id text not null references invoice (id),
    rail text not null check (rail in ('BTC-CHAIN', 'BTC-LN')),
    generation int not null check (generation > 0),
    holder text not null check (holder in ('OPERATOR', 'STORE')),
    source text not null,
    state text not null check (state in ('lazy', 'pending', 'active', 'closing', 'closed')),
    destination text,
    script text,
    key_path text,
    payment_hash text,
    preimage bytea,
    amount_msat bigint,
    reason text,                                             -- why it cannot be used yet, for people
    created_at timestamptz not null,
    primary key (invoice_id, rail, generation),
    check (state <> 'active' or destination is not null),
    check ((rail = 'BTC-LN') = (payment_hash is not null)),
    check (rail <> 'BTC-CHAIN' or state = 'lazy' or script is not null)
);
create unique index prompt_script on invoice_prompt (script) where script is not null;
create unique index prompt_hash on invoice_prompt (payment_hash) where payment_hash is not null;
create index prompt_open on invoice_prompt (created_at)
    where rail = 'BTC-LN' and state in ('pending', 'active', 'closing');

create table payment (
    id text primary key,                                     -- txid-vout, or the payment hash
    invoice_id text not null references invoice (id),
    rail text not null check (rail in ('BTC-CHAIN', 'BTC-LN')),
    holder text not null check (holder in ('OPERATOR', 'STORE')),
    destination text not null,
    value_msat bigint not null check (value_msat > 0),
    fee_msat bigint not null check (fee_msat >= 0),
    status text not null check (status in ('Processing', 'Settled', 'Invalid')),
    received_at timestamptz not null,
    late boolean not null,
    confirmations_needed int not null check (confirmations_needed >= 0),
    block_height int,
    block_hash text,
    conflict_txid text,
    credits int not null default 0 check (credits >= 0),     -- how often it was credited; reversals undo the last
    credited boolean not null default false,
    check ((block_height is null) = (block_hash is null)),
    check ((status = 'Invalid') = (conflict_txid is not null))
);
create index payment_invoice on payment (invoice_id);
create index payment_confirming on payment (block_height)
    where block_height is not null and (status = 'Processing' or not credited);
revoke delete, truncate on payment from public, current_user;
