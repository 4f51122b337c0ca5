-- Why: a charge was two events, one for the merchant and one for the card's issuer. Now it is one, which says whom else
-- it tells and what that store learns beside the body.
-- Size: two columns without a default; event is read twice. Locks: event exclusively meanwhile.

alter table event
    add column also_store_id text,
    add column also_facts jsonb,
    add constraint event_also_told check ((also_store_id is null) = (also_facts is null));
create index event_also on event (also_store_id, at) where also_store_id is not null;
