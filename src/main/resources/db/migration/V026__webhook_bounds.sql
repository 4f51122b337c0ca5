-- Why: the log of an endpoint filtered by state walked all lines that endpoint ever had, on a connection that everybody
-- reads on; and the search for due deliveries, once a second, read every endpoint that was ever made.
-- Size: reads webhook_delivery once, webhook once. Locks: both tables against writes meanwhile.

drop index webhook_delivery_log;
create index webhook_delivery_log on webhook_delivery (webhook_id, state, created_at desc, id desc);
create index webhook_live on webhook (id) where enabled and deleted_at is null;
