-- Why: cards. Their money is in the ledger (account card:<id>:<asset>); here is who they are and what they may do.
-- Size: empty tables. Locks: none held by others.

-- Keys from which all keys of an issuer's cards follow, sealed with a key that is not in the database.
create table card_issuer (
    id int generated always as identity primary key,
    sealed bytea not null,
    sealed_with text not null,                               -- which key sealed it, as its fingerprint
    writes boolean not null,                                 -- whether new cards may have its keys; not if taken over
    created_at timestamptz not null
);

create table card_programme (
    id text primary key,
    store_id text not null,
    name text not null,
    currency text not null,                                  -- as people read it
    asset text not null,                                     -- as the ledger counts it
    tap_max bigint check (tap_max > 0),                      -- limits in the asset's smallest unit; null: none
    day_max bigint check (day_max > 0),
    week_max bigint check (week_max > 0),
    month_max bigint check (month_max > 0),
    pin_from bigint check (pin_from >= 0),                   -- a PIN is asked from this amount on; null: never
    spread_ppm int not null check (spread_ppm between 0 and 500000),
    valid_days int check (valid_days > 0),
    start_units bigint not null check (start_units >= 0),
    funded_by text not null check (funded_by in ('Store', 'Programme')),
    activation text not null check (activation in ('Automatic', 'Manual')),
    shows_balance boolean not null,
    rules jsonb not null,
    branding jsonb not null,
    archived boolean not null default false,
    version bigint not null check (version > 0),
    created_at timestamptz not null
);
create index card_programme_store on card_programme (store_id, created_at);

create table card (
    id text primary key,
    store_id text not null,
    programme_id text not null references card_programme (id),
    issuer_id int references card_issuer (id),
    tag bytea unique,                                        -- the chip, by IssuerKey.cardId: the UID is kept nowhere
    key_version int not null default 0 check (key_version >= 0), -- seen on the chip
    next_version int check (next_version >= 0),              -- handed out, not seen yet
    key_extra text,
    state text not null check (state in ('Blank', 'Programming', 'Issued', 'Active', 'Frozen', 'Lost', 'Replaced',
        'Expired', 'Resetting', 'Reset')),
    counter int not null default -1 check (counter between -1 and 16777215), -- of the newest tap shown
    tap_open boolean not null default false,                 -- whether that tap may still pay
    tapped_at timestamptz,                                   -- when it was first shown
    holder text,
    label text,
    pin_hash text,
    pin_tries smallint not null default 3 check (pin_tries between 0 and 3),
    tap_max bigint check (tap_max > 0),                      -- what the holder or operator set below the programme's
    day_max bigint check (day_max > 0),
    week_max bigint check (week_max > 0),
    month_max bigint check (month_max > 0),
    expires_at timestamptz,
    replaced_by text references card (id),
    version bigint not null check (version > 0),
    created_at timestamptz not null,
    check ((tag is null) or (issuer_id is not null))
) with (fillfactor = 70);
create index card_of_store on card (store_id, created_at desc, id desc);
revoke delete, truncate on card from public, current_user;

-- A way to the keys of one card: once, and not for long. The token itself is not kept.
create table card_link (
    token_hash bytea primary key,
    card_id text not null references card (id),
    purpose text not null check (purpose in ('Program', 'Reset')),
    made_by text not null,
    expires_at timestamptz not null,
    used_at timestamptz
);

create table terminal (
    id text primary key,
    store_id text not null,
    name text not null,
    category text,
    enabled boolean not null default true,
    version bigint not null check (version > 0),
    created_at timestamptz not null
);
create index terminal_store on terminal (store_id, created_at);

-- What terminals asked of cards, approved or declined. The money itself moves in the ledger.
create table card_charge (
    id text primary key,
    card_id text not null,
    store_id text not null,
    terminal_id text not null,
    key_version int not null,
    counter int not null,
    status text not null check (status in ('Authorized', 'Captured', 'Voided', 'Declined')),
    reason text check ((reason is not null) = (status = 'Declined')),
    currency text not null,
    minor bigint not null check (minor > 0),                 -- the price in its currency
    asset text not null,
    units bigint not null check (units > 0),                 -- what it is for the card
    spread bigint not null check (spread >= 0),              -- the part of it that pays for the exchange
    captured bigint not null default 0 check (captured between 0 and units),
    refunded bigint not null default 0 check (refunded between 0 and captured),
    counted bigint not null check (counted >= 0),            -- what it uses of the card's limits
    request bytea,                                           -- terminal and Idempotency-Key, hashed
    request_hash bytea,                                      -- what was asked under that key
    invoice_id text,
    until timestamptz,                                       -- an authorisation that was not captured ends
    version bigint not null check (version > 0),
    at timestamptz not null
) with (fillfactor = 90);
create unique index card_charge_request on card_charge (request) where request is not null;
create index card_charge_card on card_charge (card_id, at);
create index card_charge_terminal on card_charge (terminal_id, at);
create index card_charge_held on card_charge (until) where status = 'Authorized';
revoke delete, truncate on card_charge from public, current_user;

-- A tap that a wallet may still turn into a payment (LNURL-withdraw): its k1 names it, and one tap has one.
create table card_session (
    k1_hash bytea primary key,
    card_id text not null references card (id),
    key_version int not null,
    counter int not null,
    expires_at timestamptz not null,
    unique (card_id, key_version, counter)
);
create index card_session_age on card_session (expires_at);

-- Invoices are paid by card too. Their money is credited by the card's own transfer.
alter table payment drop constraint payment_rail_check;
alter table payment add constraint payment_rail_check check (rail in ('BTC-CHAIN', 'BTC-LN', 'CARD'));
