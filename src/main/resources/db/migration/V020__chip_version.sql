-- Why: a chip that went from card to card could be given keys that it had before, and a card that went from chip to
-- chip numbers of taps that it had before. The newest version of a chip's keys is remembered for good.
-- Size: a row for each chip. Locks: none held by others.

create table card_chip (
    tag bytea primary key,                                   -- the chip, as an issuer knows it
    version int not null check (version >= 0)                -- of the newest keys that were handed out for it
);
insert into card_chip (tag, version)
    select tag, greatest(key_version, coalesce(next_version, 0)) from card where tag is not null;
revoke delete, truncate on card_chip from public, current_user;

create index card_topup_card on card_topup (card_id, expires_at) where received_msat is null;
create index card_replaced_by on card (replaced_by) where replaced_by is not null;
