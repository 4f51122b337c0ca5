-- Why: money onto cards on chain, to an address of the operator's wallet that is the card's alone.
-- Size: two empty tables. Locks: none held by others.

create table card_address (
    script text primary key,                                 -- output script, hex
    address text not null,
    card_id text not null references card (id),
    confirmations int not null check (confirmations > 0),    -- that a deposit needs before it counts
    created_at timestamptz not null
);
create index card_address_card on card_address (card_id, created_at);

create table card_deposit (
    txid text not null,
    vout int not null,
    card_id text not null references card (id),
    script text not null references card_address (script),
    value_sat bigint not null check (value_sat > 0),
    needed int not null check (needed > 0),                  -- confirmations
    height int,                                              -- null while in no block of the active chain
    credits int not null default 0 check (credits >= 0),     -- how often it was credited, reversed ones too
    credited boolean not null default false,
    seen_at timestamptz not null,
    primary key (txid, vout)
);
create index card_deposit_waiting on card_deposit (height) where not credited and height is not null;
create index card_deposit_script on card_deposit (script);
revoke delete, truncate on card_deposit from public, current_user;
