package dev.sluice.ledger;

/** The statements of the ledger. */
final class LedgerSql {
    private LedgerSql() {}

    static final String OPEN = """
            insert into account (code, asset, kind, guarded)
            select * from unnest($1::text[], $2::text[], $3::text[], $4::boolean[])
            on conflict (code) do nothing
            """;

    /** Accounts that some earlier, committed transaction opened. */
    static final String OPENED_BEFORE = """
            select code from account where code = any($1)
                and xmin::text::bigint <> pg_current_xact_id()::text::bigint % 4294967296
            """;

    static final String AVAILABLE = """
            select credits_posted - debits_posted - debits_pending as available from account where code = $1 for update
            """;

    static final String BALANCE = """
            select credits_posted - debits_posted - debits_pending as available from account where code = $1
            """;

    static final String ENTRIES = """
            with a as materialized (select id from account where code = $1)
            select id, kind, subject, amount, at from (
              (select t.id, t.kind, t.subject, -t.amount as amount, t.at from transfer t
               where t.debit = (select id from a) and t.phase in ('single', 'post') and t.amount > 0
               order by t.at desc limit $2)
              union all
              (select t.id, t.kind, t.subject, t.amount, t.at from transfer t
               where t.credit = (select id from a) and t.phase in ('single', 'post') and t.amount > 0
               order by t.at desc limit $2)) both_sides
            order by at desc, id desc limit $2
            """;

    static final String AMOUNT = "select amount from transfer where id = $1";

    /**
     * One batch. {@code held} locks the accounts in id order and reads their newest balances; {@code judged} gives each
     * item its verdict; only items with verdict CREATED are inserted, and only what was inserted moves balances, netted
     * per account. AGAIN: cannot be judged beside the items before it; to be asked once more.
     *
     * <p>Accounts and earlier transfers are looked up by {@code = any(array)}: index scans whatever the planner
     * believes of the batch, so that a statement costs what its batch costs and not what the history costs.
     */
    static final String APPLY = """
            with earlier as materialized (
              select id, debit, credit, amount, phase, pending_of from transfer where id = any($1::text[])
            ), reserve as materialized (
              select id, debit, credit, amount from transfer where id = any($6::text[]) and phase = 'pending'
            ), ending as materialized (
              select pending_of from transfer where pending_of = any($6::text[])
            ), item as materialized (
              select i.n, i.id, i.amount, i.phase, i.pending_of, i.kind, i.subject, i.debit_code, i.credit_code,
                     r.id as reserve_id, r.debit as reserve_debit, r.credit as reserve_credit,
                     r.amount as reserve_amount
              from unnest(
                  $1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[])
                with ordinality as i(id, debit_code, credit_code, amount, phase, pending_of, kind, subject, n)
              left join reserve r on r.id = i.pending_of
            ), held as materialized (
              select id, code, asset, guarded, credits_posted - debits_posted - debits_pending as available
              from account
              where code = any($2::text[] || $3::text[]) or id = any(array(
                select debit from reserve union all select credit from reserve))
              order by id for update
            ), placed as materialized (
              select i.*, coalesce(i.reserve_debit, d.id) as debit, coalesce(i.reserve_credit, c.id) as credit,
                     d.asset is not distinct from c.asset as one_asset, coalesce(d.available, 0) as available,
                     case when d.guarded and i.phase in ('single', 'pending') then i.amount else 0 end as demand,
                     p.id is not null as made,
                     p.debit is not distinct from coalesce(i.reserve_debit, d.id)
                       and p.credit is not distinct from coalesce(i.reserve_credit, c.id) and p.amount = i.amount
                       and p.phase = i.phase and p.pending_of is not distinct from i.pending_of as same,
                     e.pending_of is not null as ended,
                     row_number() over (partition by i.id order by i.n) as nth_id,
                     case when i.pending_of is null then 1
                          else row_number() over (partition by i.pending_of order by i.n) end as nth_end
              from item i
              left join held d on d.code = i.debit_code
              left join held c on c.code = i.credit_code
              left join earlier p on p.id = i.id
              left join ending e on e.pending_of = i.pending_of
            ), judged as materialized (
              select *, case
                when made then case when same then 'EXISTS' else 'EXISTS_DIFFERENT' end
                when nth_id > 1 or nth_end > 1 then 'AGAIN'
                when phase in ('post', 'void') then case
                  when reserve_id is null or ended then 'STALE'
                  when amount > reserve_amount then 'INSUFFICIENT' else 'CREATED' end
                when debit is null and phase in ('single', 'pending') then 'INSUFFICIENT'
                when debit is null or credit is null or not one_asset then 'ACCOUNT_MISSING'
                when demand > 0 and demand > available then 'INSUFFICIENT'
                when demand > 0 and sum(case when not made and nth_id = 1 and demand <= available
                    then demand else 0 end)
                  over (partition by debit order by n) > available then 'AGAIN'
                else 'CREATED' end as verdict
              from placed
            ), inserted as (
              insert into transfer (id, debit, credit, amount, phase, pending_of, kind, subject)
              select id, debit, credit, amount, phase, pending_of, kind, subject from judged where verdict = 'CREATED'
              order by n on conflict do nothing
              returning id, debit, credit, amount, phase, pending_of
            ), moved as (
              select i.debit, i.credit,
                     case when i.phase in ('single', 'post') then i.amount else 0 end as posted,
                     case when i.phase = 'pending' then i.amount
                          when i.phase in ('post', 'void') then -r.amount else 0 end as pending
              from inserted i left join reserve r on r.id = i.pending_of
            ), net as (
              select account, sum(dp) as dp, sum(cp) as cp, sum(dn) as dn, sum(cn) as cn from (
                select debit as account, posted as dp, 0 as cp, pending as dn, 0 as cn from moved
                union all select credit, 0, posted, 0, pending from moved) sides
              group by account
            ), updated as (
              update account a set debits_posted = a.debits_posted + net.dp, credits_posted = a.credits_posted + net.cp,
                debits_pending = a.debits_pending + net.dn, credits_pending = a.credits_pending + net.cn
              from net where a.id = net.account
              returning a.id
            )
            select n, case when verdict = 'CREATED' and id not in (select id from inserted) then 'AGAIN'
                else verdict end as verdict
            from judged order by n
            """;

    /**
     * New singles and reservations of guarded accounts, each debited once here and none also credited: what can be made
     * is made by two updates and an insert; what cannot is left alone and not told. An id that exists fails the
     * statement. Payees are read and not locked: accounts are never deleted and keep their asset.
     */
    static final String APPLY_NEW = """
            with payee as materialized (
              select id, code, asset from account where code = any($3::text[])
            ), item as materialized (
              select u.*, payee.id as credit, payee.asset, case when phase = 'single' then amount else 0 end as posted,
                     case when phase = 'pending' then amount else 0 end as pending
              from unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::text[])
                with ordinality as u(id, debit_code, credit_code, amount, kind, subject, phase, n)
              join payee on payee.code = u.credit_code
            ), debited as (
              update account a set debits_posted = a.debits_posted + item.posted,
                debits_pending = a.debits_pending + item.pending
              from item
              where a.code = any($2::text[]) and a.code = item.debit_code and a.asset = item.asset and a.guarded
                and item.amount <= a.credits_posted - a.debits_posted - a.debits_pending
              returning item.n, item.id, a.id as debit, item.credit, item.amount, item.posted, item.pending, item.phase,
                item.kind, item.subject
            ), credited as (
              update account a set credits_posted = a.credits_posted + net.posted,
                credits_pending = a.credits_pending + net.pending
              from (select credit, sum(posted) as posted, sum(pending) as pending from debited group by credit) net
              where a.id = any(array(select id from payee)) and a.id = net.credit
            ), inserted as (
              insert into transfer (id, debit, credit, amount, phase, kind, subject)
              select id, debit, credit, amount, phase, kind, subject from debited
            )
            select n from debited
            """;

    /**
     * Singles of different ids whose debits nothing bounds, so that none has to be judged beside another: what is new
     * and of one asset is made; the rest is left alone and not told. Accounts are locked in id order, as everywhere.
     */
    static final String APPLY_FREE = """
            with held as materialized (
              select id, code, asset, guarded from account where code = any($2::text[] || $3::text[])
              order by id for update
            ), inserted as (
              insert into transfer (id, debit, credit, amount, phase, kind, subject)
              select u.id, d.id, c.id, u.amount, 'single', u.kind, u.subject
              from unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[])
                as u(id, debit_code, credit_code, amount, kind, subject)
              join held d on d.code = u.debit_code and not d.guarded
              join held c on c.code = u.credit_code and c.asset = d.asset
              on conflict do nothing
              returning id, debit, credit, amount
            ), net as (
              select account, sum(dp) as dp, sum(cp) as cp from (
                select debit as account, amount as dp, 0 as cp from inserted
                union all select credit, 0, amount from inserted) sides
              group by account
            ), updated as (
              update account a set debits_posted = a.debits_posted + net.dp, credits_posted = a.credits_posted + net.cp
              from net where a.id = any(array(select id from held)) and a.id = net.account
            )
            select id from inserted
            """;
}
