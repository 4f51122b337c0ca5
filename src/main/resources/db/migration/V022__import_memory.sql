-- Why: which cards were taken over was known by what they are now, so that an import that was repeated after they had
-- been written anew could give their balances again. A chip that was ever here is remembered (card_chip), and so is the
-- issuer that stands for cards whose links name them.
-- Size: a column with a constant default. Locks: card_issuer exclusively, for a moment.

alter table card_issuer add column named boolean not null default false;
update card_issuer set named = true
    where id in (select issuer_id from card where external_name is not null);
