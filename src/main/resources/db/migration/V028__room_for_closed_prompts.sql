-- Why: closing a paid prompt changes no index where the new row fits on the old one's page, and pages were full: of
-- 24,500 settles caught up with 24,116 wrote the row elsewhere and three indexes with it. A page with three fifths of
-- it filled has room for its Lightning prompts once more; those on chain, beside them, do not change.
-- Size: nothing is rewritten; pages written from now on leave room, some 600 bytes for an invoice. Locks:
-- invoice_prompt against other changes of it, for a moment; reads and writes go on.

alter table invoice_prompt set (fillfactor = 60);
