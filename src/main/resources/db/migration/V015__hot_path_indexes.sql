-- Why: every transfer and every event wrote an index that nothing of the gateway asks: by subject. A tenth of the cost
-- of a charge. What happened to a thing is found by its store and time (event_store), or its accounts and time.
-- Size: drops two indexes. Locks: transfer and event exclusively, for a moment.

drop index transfer_subject;
drop index event_subject;
