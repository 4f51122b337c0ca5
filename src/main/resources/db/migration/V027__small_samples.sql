-- Why: PostgreSQL looks at a growing table again and again to plan for it, and sorts thirty thousand rows of each
-- column for that, documents included: a tenth of a busy server, in bursts that charges waited for. What is read here
-- is found by whole keys and needs no more than a small sample; nobody searches in documents.
-- Size: settings of columns, no rows. Locks: each table against other changes of it, for a moment; reads and writes go
-- on.

do $$
declare
    wide record;
begin
    for wide in
        select attrelid::regclass as relation, attname as name,
               case when atttypid in ('json'::regtype, 'jsonb'::regtype) then 0 else 10 end as target
        from pg_attribute
        where attnum > 0 and not attisdropped and attrelid = any(array[
            'account', 'transfer', 'event', 'card', 'card_charge', 'card_session', 'invoice', 'invoice_prompt',
            'payment', 'request_key', 'webhook_delivery']::regclass[])
    loop
        execute format('alter table %s alter column %I set statistics %s', wide.relation, wide.name, wide.target);
    end loop;
end $$;
