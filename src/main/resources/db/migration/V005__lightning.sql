-- Why: what we know of each Lightning node, and payments that leave through one.
-- Size: empty tables. Locks: none held by others.

-- The settle cursor itself is stream_cursor 'lightning:<node>'; settled_index and settled_hash name the newest settle
-- we applied, as evidence against a node that was restored from a backup. Every invoice up to audited_index is final.
create table lightning_node (
    node text primary key check (length(node) <= 128),
    pubkey text not null check (pubkey ~ '^[0-9a-f]{66}$'),
    settled_index bigint not null default 0 check (settled_index >= 0),
    settled_hash text check (settled_hash ~ '^[0-9a-f]{64}$'),
    audited_index bigint not null default 0 check (audited_index >= 0),
    first_seen_at timestamptz not null default now()
);

-- One row for each payment hash ever tried, written before the node hears of it.
create table outgoing_payment (
    hash text primary key check (hash ~ '^[0-9a-f]{64}$'),
    node text not null,
    node_pubkey text,
    bolt11 text not null check (length(bolt11) <= 7089),
    amount_msat bigint check (amount_msat > 0),
    fee_limit_msat bigint not null check (fee_limit_msat >= 0),
    purpose text not null check (length(purpose) <= 200),
    state text not null check (state in ('intended', 'in-flight', 'succeeded', 'failed')),
    sends int not null default 0,
    sent_at timestamptz,
    preimage text,
    paid_msat bigint,
    fee_msat bigint,
    failure text,
    created_at timestamptz not null,
    finished_at timestamptz,
    constraint outgoing_payment_outcome check (
        (state = 'succeeded') = (preimage is not null and paid_msat is not null and fee_msat is not null)
        and (state = 'failed') = (failure is not null)
        and (state in ('succeeded', 'failed')) = (finished_at is not null))
);
create index outgoing_payment_open on outgoing_payment (node) where state in ('intended', 'in-flight');
