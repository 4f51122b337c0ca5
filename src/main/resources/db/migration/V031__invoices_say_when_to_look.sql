-- Why: the status of an invoice was in the predicates of two indexes, so that each step of it wrote the row elsewhere
-- and every index again: 25 of the database's 110 microseconds for a settle. Now an invoice says when time may next act
-- on it, as a prompt says when its node must hear of it; being paid leaves that as it is.
-- Size: one changed row for each open invoice. Locks: invoice exclusively, for about a second for each 100,000 of them.
-- What a process of the version before makes meanwhile is looked at at once, and then at its time: so the default.

alter table invoice add column look_at timestamptz;          -- null: time does nothing to it
update invoice set look_at = case status when 'New' then expires_at else monitor_until end
    where status in ('New', 'Processing');
alter table invoice alter column look_at set default now();
drop index invoice_expiring;
drop index invoice_monitored;
create index invoice_look on invoice (look_at) where look_at is not null;
