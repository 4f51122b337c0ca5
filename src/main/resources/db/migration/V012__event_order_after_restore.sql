-- Why: event.tx is a number of the database server's. A dump that is loaded into another server has numbers that are
-- ahead of that server's, so new events would sort before the readers' cursors and never be delivered. Numbers are
-- therefore shifted: `sluice migrate --after-restore` replaces event_shift() by one that puts new events after all
-- known ones. The shift is a constant that queries take in when they are planned, and it is part of every dump.
-- Size: nothing is rewritten. Locks: event exclusively, for a moment.

create function event_shift() returns bigint language sql immutable return 0::bigint;

-- The number of an event written by this transaction.
create function event_tx() returns xid8 language sql volatile
    return (pg_current_xact_id()::text::bigint + event_shift())::text::xid8;

-- Below it every event is committed or rolled back: no running transaction can add one.
create function event_horizon() returns xid8 language sql stable
    return (pg_snapshot_xmin(pg_current_snapshot())::text::bigint + event_shift())::text::xid8;

alter table event alter column tx set default event_tx();
