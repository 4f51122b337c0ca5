-- Why: users, API keys and server policies; stores, their members and payment methods.
-- Size: empty tables. Locks: none held by others.

create table app_user (
    id text primary key,
    email text not null check (length(email) <= 254),
    password_hash text not null,
    name text,
    image_url text,
    admin boolean not null default false,
    disabled boolean not null default false,
    second_factor boolean not null default false,
    version bigint not null default 1,
    created_at timestamptz not null
);
-- E-mail addresses name a person in any case.
create unique index app_user_email on app_user (lower(email));

-- A key is shown once; only the SHA-256 of its 160 random bits is kept.
create table api_key (
    id text primary key,
    hash bytea not null unique check (length(hash) = 32),
    user_id text not null references app_user (id) on delete cascade,
    label text not null,
    permissions text[] not null,
    ip_list text[] not null,
    expires_at timestamptz,
    last_used_at timestamptz,
    created_at timestamptz not null
);
create index api_key_user on api_key (user_id, created_at);

create table server_setting (
    key text primary key,
    value jsonb not null
);

-- Never deleted: payments refer to stores for ever. closed_at: nobody owns it any more.
create table store (
    id text primary key,
    document jsonb not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    closed_at timestamptz
);

create table store_member (
    store_id text not null references store (id),
    user_id text not null references app_user (id) on delete cascade,
    role text not null check (role in ('Owner', 'Manager', 'Employee', 'Guest')),
    primary key (user_id, store_id)
);
create index store_member_store on store_member (store_id);

create table payment_method (
    store_id text not null references store (id),
    rail text not null check (rail in ('BTC-CHAIN', 'BTC-LN')),
    enabled boolean not null,
    holder text not null check (holder in ('OPERATOR', 'STORE')),
    source text not null,
    config jsonb not null,
    primary key (store_id, rail)
);
