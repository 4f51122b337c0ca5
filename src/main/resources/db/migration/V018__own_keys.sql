-- Why: cards of issuers whose keys follow from nothing (boltcard, LNbits) are taken over with the keys that they have.
-- Size: two columns without default and a partial index. Locks: card exclusively, for a moment.

alter table card add column own_keys bytea;      -- K0 to K4, sealed for this card; null: they follow from the issuer's
alter table card add column external_name text;  -- how the card's link names it, where K1 is of each card (LNbits)
create unique index card_external_name on card (external_name) where external_name is not null;
