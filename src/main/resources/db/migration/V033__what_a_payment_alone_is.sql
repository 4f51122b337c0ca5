-- Why: what a Lightning payment cost a card in a currency was a part, rounded up, of what was reserved, which had been
-- rounded up from price and routing together: a cent too much. What the price alone is for the card is kept beside it.
-- Size: a column without default. Locks: card_charge exclusively, for a moment.

alter table card_charge add column asked bigint; -- its spread included; null where nothing is reserved for the way
