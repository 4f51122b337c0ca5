-- Why: a card whose time is over is said to be, once, by an event; until now it was only refused.
-- Size: a partial index, empty where no programme limits validity. Locks: card against writes, for the build.

create index card_expiry on card (expires_at)
    where expires_at is not null and state in ('Issued', 'Active', 'Frozen');
