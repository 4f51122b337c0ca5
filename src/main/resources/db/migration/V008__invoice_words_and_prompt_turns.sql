-- Why: the search words of an invoice get a table of their own, because their trigram index is the dearest of all to
-- write and every change of an invoice's state wrote it again. And a prompt says when it must be looked at next,
-- because finding that out from the states of the invoices read every open prompt several times a second.
-- Size: one row for each invoice, one changed row for each open Lightning prompt. Locks: both tables, for about a
-- second for each 100,000 invoices. The column invoice.search stays until a later release.

drop index invoice_search;
alter table invoice alter column search set default '';

create table invoice_words (
    invoice_id text primary key references invoice (id),
    terms text not null,                                     -- what the creator gave beyond the metadata
    words text not null
);
insert into invoice_words (invoice_id, terms, words) select id, '', search from invoice;
create index invoice_words_text on invoice_words using gin (words gin_trgm_ops);
create index prompt_destination on invoice_prompt using hash (destination);

alter table invoice_prompt add column look_at timestamptz;   -- null: its node has nothing to hear of it
update invoice_prompt set look_at = now() where rail = 'BTC-LN' and state in ('pending', 'active', 'closing');
drop index prompt_open;
create index prompt_look on invoice_prompt (look_at) where look_at is not null;
