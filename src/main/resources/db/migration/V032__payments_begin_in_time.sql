-- Why: a payment that a card ordered was sent however late the node or the process came back, when its holder had long
-- paid otherwise. An order may say by when it must have begun; one that has not been sent by then has failed for sure.
-- Size: a column without default. Locks: outgoing_payment exclusively, for a moment.

alter table outgoing_payment add column start_by timestamptz; -- null: whenever it can
