-- Why: webhook endpoints and their deliveries: one row per attempt, so the log of what was sent is the queue itself.
-- Size: empty tables. Locks: none held by others.

-- Secrets are kept readable because each delivery is signed with them; whoever reads this table can sign as us.
create table webhook (
    id text primary key,
    store_id text not null,
    url text not null,
    secret text not null,
    previous_secret text,
    previous_until timestamptz,
    enabled boolean not null,
    automatic_redelivery boolean not null,
    everything boolean not null,
    events text[] not null,
    disabled_reason text,
    version bigint not null default 1,
    created_at timestamptz not null,
    deleted_at timestamptz
);
create index webhook_store on webhook (store_id) where deleted_at is null;
create index webhook_deleted on webhook (deleted_at) where deleted_at is not null;

-- The facts of an event are kept once, by the original delivery; attempts after it point there.
create table webhook_delivery (
    id text primary key,
    webhook_id text not null,
    original_id text not null,
    kind text not null,
    event_at timestamptz not null,
    facts text,
    attempt int not null check (attempt > 0),
    state text not null check (state in ('due', 'success', 'http_error', 'failed')),
    due_at timestamptz not null,
    claimed_by text,
    claimed_until timestamptz,
    sent_at timestamptz,
    http_code int,
    error text,
    excerpt text,
    created_at timestamptz not null
);
create index webhook_delivery_due on webhook_delivery (webhook_id, due_at) where state = 'due';
create index webhook_delivery_log on webhook_delivery (webhook_id, created_at desc, id desc);
create index webhook_delivery_facts on webhook_delivery (created_at) where facts is not null;

insert into stream_cursor (name, tx, position) values ('webhook', '0'::xid8, 0);
