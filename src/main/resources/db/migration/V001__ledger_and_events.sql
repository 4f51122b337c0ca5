-- Why: the core every feature stands on: double-entry ledger, event log, leases, request keys.
-- Size: empty tables. Locks: none held by others.

create table account (
    id bigint generated always as identity primary key,
    code text not null unique,
    asset text not null,
    kind text not null check (kind in ('asset', 'liability', 'income', 'expense', 'memo')),
    guarded boolean not null,
    debits_posted bigint not null default 0 check (debits_posted >= 0),
    credits_posted bigint not null default 0 check (credits_posted >= 0),
    debits_pending bigint not null default 0 check (debits_pending >= 0),
    credits_pending bigint not null default 0 check (credits_pending >= 0),
    opened_at timestamptz not null default now(),
    constraint account_never_negative
        check (not guarded or debits_posted + debits_pending <= credits_posted)
) with (fillfactor = 50);

-- No foreign keys: the one statement that writes here joins account, accounts are never deleted, and
-- `ledger verify` proves both. A check per row would cost two row locks a transfer.
create table transfer (
    id text primary key check (length(id) <= 200),
    debit bigint not null,
    credit bigint not null check (credit <> debit),
    amount bigint not null check (amount > 0 or (amount = 0 and phase = 'void')),
    phase text not null check (phase in ('single', 'pending', 'post', 'void')),
    pending_of text check ((pending_of is not null) = (phase in ('post', 'void'))),
    kind text not null,
    subject text not null,
    at timestamptz not null default now()
);
-- A reservation ends once.
create unique index transfer_resolution on transfer (pending_of) where pending_of is not null;
create index transfer_subject on transfer (subject);
create index transfer_debit on transfer (debit, at);
create index transfer_credit on transfer (credit, at);

-- Append-only: even the owning role cannot change history (a superuser could: do not run as one).
revoke update, delete, truncate on transfer from public, current_user;

-- The outbox. tx orders rows by the transaction that wrote them: readers page below the oldest running one.
create table event (
    tx xid8 not null default pg_current_xact_id(),
    seq bigint generated always as identity,
    at timestamptz not null,
    kind text not null,
    store_id text,
    subject text not null,
    version bigint not null,
    body jsonb not null,
    primary key (tx, seq)
);
create index event_subject on event (subject, seq);
create index event_store on event (store_id, at) where store_id is not null;
revoke update, truncate on event from public, current_user;

-- Where each reader of the event log, or of an outside stream, stands; moved in the transaction of its effect.
create table stream_cursor (
    name text primary key,
    tx xid8,
    position bigint not null,
    updated_at timestamptz not null default now()
);

-- One holder a name; token grows with each change of hands and fences the previous holder off.
create table lease (
    name text primary key,
    holder text not null,
    token bigint not null,
    expires_at timestamptz not null
);

-- Idempotency-Key: written in the transaction of the effect.
create table request_key (
    scope text not null,
    key text not null check (length(key) between 1 and 255),
    request_hash bytea not null,
    status int,
    body text,
    created_at timestamptz not null default now(),
    primary key (scope, key)
);
create index request_key_age on request_key (created_at);
