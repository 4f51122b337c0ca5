package dev.sluice.ledger;

/** The statements that look for drift. Each row names a subject and the figures that disagree. */
final class LedgerVerifierSql {
    private LedgerVerifierSql() {}

    static final String COUNTS =
            "select (select count(*) from account) as accounts, (select count(*) from transfer) as transfers";

    static final String UNBALANCED = """
            select asset as subject,
                   format('debits %s, credits %s, pending debits %s, pending credits %s', sum(debits_posted),
                     sum(credits_posted), sum(debits_pending), sum(credits_pending)) as detail
            from account group by asset
            having sum(debits_posted) <> sum(credits_posted) or sum(debits_pending) <> sum(credits_pending)
            order by asset limit $1
            """;

    static final String NEGATIVE = """
            select code as subject,
                   format('has %s, spent %s, reserved %s', credits_posted, debits_posted, debits_pending) as detail
            from account where guarded and debits_posted + debits_pending > credits_posted
            order by id limit $1
            """;

    static final String ENDS = """
            select t.id as subject, case
                when r.id is null then format('%s names no transfer %s', t.phase, t.pending_of)
                when r.phase <> 'pending' then format('%s names %s, which is no reservation', t.phase, r.id)
                when r.debit <> t.debit or r.credit <> t.credit then format('accounts differ from those of %s', r.id)
                else format('posts %s of %s reserved', t.amount, r.amount) end as detail
            from transfer t left join transfer r on r.id = t.pending_of
            where t.pending_of is not null
              and (r.id is null or r.phase <> 'pending' or r.debit <> t.debit or r.credit <> t.credit
                or t.amount > r.amount)
            order by t.id limit $1
            """;

    static final String DOUBLE_ENDS = """
            select pending_of as subject, format('ended %s times', count(*)) as detail
            from transfer where pending_of is not null
            group by pending_of having count(*) > 1 order by pending_of limit $1
            """;

    static final String ACCOUNTS = """
            select t.id as subject, case
                when d.id is null then format('debits account %s, which does not exist', t.debit)
                when c.id is null then format('credits account %s, which does not exist', t.credit)
                else format('moves %s to %s', d.asset, c.asset) end as detail
            from transfer t left join account d on d.id = t.debit left join account c on c.id = t.credit
            where d.id is null or c.id is null or d.asset <> c.asset
            order by t.id limit $1
            """;

    /** One account may have most transfers: the planner would read them all for each of the few. */
    static final String BY_INDEX = "select set_config('enable_seqscan', 'off', true)";

    private static final String COMPARED = """
            , total as (
              select account, max(n) as many,
                sum(amount) filter (where debit and phase in ('single', 'post')) as debits,
                sum(amount) filter (where not debit and phase in ('single', 'post')) as credits,
                sum(amount) filter (where debit and phase = 'pending' and not ended) as debits_held,
                sum(amount) filter (where not debit and phase = 'pending' and not ended) as credits_held
              from side group by account
            )
            select s.code as subject,
                   format('stored %s/%s pending %s/%s, transfers %s/%s pending %s/%s',
                     s.debits_posted, s.credits_posted, s.debits_pending, s.credits_pending,
                     coalesce(debits, 0), coalesce(credits, 0),
                     coalesce(debits_held, 0), coalesce(credits_held, 0)) as detail
            from slice s left join total on total.account = s.id
            where (s.debits_posted, s.credits_posted, s.debits_pending, s.credits_pending) is distinct from
                  (coalesce(debits, 0), coalesce(credits, 0), coalesce(debits_held, 0), coalesce(credits_held, 0))
              and coalesce(many, 0) < $2
            order by s.id limit $1
            """;

    /** Of all accounts: each transfer and each end is read once. $2: above what is told of each. */
    static final String BALANCES = """
            with slice as (
              select * from account
            ), ends as (
              select distinct pending_of from transfer where pending_of is not null
            ), side as (
              select s.id as account, t.phase, t.amount, true as debit, e.pending_of is not null as ended, 0 as n
              from slice s join transfer t on t.debit = s.id left join ends e on e.pending_of = t.id
              union all
              select s.id, t.phase, t.amount, false, e.pending_of is not null, 0
              from slice s join transfer t on t.credit = s.id left join ends e on e.pending_of = t.id
            )
            """ + COMPARED;

    /**
     * Of the next few accounts, beside which payments go on: rests after each 5,000 transfers, which take two
     * milliseconds. Says nothing of an account with $2 transfers or more on a side.
     */
    static final String BALANCES_OF_FEW = """
            with slice as materialized (
              select * from account where id > $3 order by id limit $4
            ), side as (
              select s.id as account, t.phase, t.amount, true as debit, t.n,
                t.phase = 'pending' and exists (select from transfer e where e.pending_of = t.id) as ended
              from slice s cross join lateral (
                select *, row_number() over () as n,
                       case when row_number() over () % 5000 = 0 then pg_sleep(0.005) end as rested
                from (select id, phase, amount from transfer where debit = s.id limit $2) first) t
              union all
              select s.id, t.phase, t.amount, false, t.n,
                t.phase = 'pending' and exists (select from transfer e where e.pending_of = t.id)
              from slice s cross join lateral (
                select *, row_number() over () as n,
                       case when row_number() over () % 5000 = 0 then pg_sleep(0.005) end as rested
                from (select id, phase, amount from transfer where credit = s.id limit $2) first) t
            )
            """ + COMPARED;

    static final String SLICE_END = """
            with slice as (select id from account where id > $1 order by id limit $2)
            select case when count(*) < $2 then 0 else max(id) end as last from slice
            """;
}
