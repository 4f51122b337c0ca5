-- Why: wallets and the addresses they hand out; what the chain said about outputs that pay them.
-- Size: empty tables. Locks: none held by others.

-- One key, one row, however many wallets use it: an address is handed out once in the whole installation.
create table keychain (
    id bigint generated always as identity primary key,
    descriptor text not null unique,
    next_index int not null default 0 check (next_index >= 0)
);

create table wallet (
    id text primary key check (length(id) <= 128),
    owner text not null,
    descriptor text not null,
    keychain bigint not null references keychain,
    opened_at timestamptz not null default now(),
    unique (owner, descriptor)
);

-- subject is null: in the pool. Rows are never deleted and subjects never change: addresses are not recycled.
create table chain_address (
    script bytea primary key,
    keychain bigint not null,
    index int not null check (index >= 0),
    address text not null,
    subject text,
    reserved_at timestamptz,
    unique (keychain, index)
);
create index chain_address_pool on chain_address (keychain, index) where subject is null;
create index chain_address_subject on chain_address (subject) where subject is not null and subject <> 'foreign';

-- The end of the active chain as far as it was applied; the highest row is the watcher's tip.
create table chain_block (
    height int primary key check (height >= 0),
    hash text not null unique,
    median_time bigint not null
);

-- Outputs that pay a reserved address. height is null while the transaction is in no block of the active chain.
create table chain_output (
    txid text not null,
    vout int not null,
    script bytea not null,
    value_sat bigint not null check (value_sat > 0),
    coinbase boolean not null,
    replaceable boolean not null,
    height int,
    block_hash text,
    seen_at timestamptz not null default now(),
    primary key (txid, vout),
    check ((height is null) = (block_hash is null))
);
create index chain_output_height on chain_output (height);
create index chain_output_script on chain_output (script);

-- What those transactions, and their unconfirmed ancestors, spend: whoever else spends it ends the payment.
create table chain_input (
    spent_txid text not null,
    spent_vout int not null,
    txid text not null,
    spender text not null,
    primary key (spent_txid, spent_vout, txid)
);
create index chain_input_txid on chain_input (txid);

-- Evidence: by_txid spends what txid needs. height is null while by_txid is in the mempool only.
create table chain_conflict (
    txid text not null,
    by_txid text not null,
    height int,
    primary key (txid, by_txid)
);
create index chain_conflict_height on chain_conflict (height);
create index chain_conflict_mempool on chain_conflict (by_txid) where height is null;
