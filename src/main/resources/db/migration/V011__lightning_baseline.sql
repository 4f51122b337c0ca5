-- Why: what a node had settled before this gateway first saw it is its owner's older business, not money that somebody
-- paid here without an invoice of ours.
-- Size: a few rows; nodes known already keep 0, under which every unknown settle stays booked. Locks: for a moment.

alter table lightning_node add column baseline bigint not null default 0 check (baseline >= 0);
