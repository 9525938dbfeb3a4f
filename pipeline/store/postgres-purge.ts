import type { PostgresTransaction } from './postgres-connection.ts'
import { eventNumber, keptEvents } from './rows.ts'

/** Retention in pages, each its own transaction: writers never wait for long, and what was done stays done. */

const pageSize = 10_000

type InTransaction = <T>(work: (tx: PostgresTransaction) => Promise<T>) => Promise<T>

export async function purgeEvents(inTransaction: InTransaction, before: number): Promise<number> {
  const [oldest, newest] = await inTransaction(async (tx) => {
    const [ends] = await tx.query<{ oldest: number | null; newest: number | null }>(
      'select min(id) as oldest, max(id) as newest from event',
      [],
    )
    return [ends!.oldest ?? 0, ends!.newest ?? 0]
  })
  let dropped = 0
  // The newest stays, so that what follows is news to whoever had read all.
  for (let from = oldest; from < newest; from += pageSize) {
    const to = Math.min(from + pageSize, newest)
    dropped += await inTransaction((tx) => purgePage(tx, { before, from, to }))
  }
  return dropped
}

async function purgePage(
  tx: PostgresTransaction,
  { before, from, to }: { readonly before: number; readonly from: number; readonly to: number },
): Promise<number> {
  const [gone] = await tx.query<{ count: number; newest: number | null }>(
    `with gone as (
       delete from event where id >= $1 and id < $2 and at < $3 and type <> all($4::int[]) returning id
     ) select count(*) as count, max(id) as newest from gone`,
    [from, to, before, keptEvents.map((type) => eventNumber[type])],
  )
  const { count, newest } = gone!
  if (newest !== null) await tx.query('update purge set up_to = $1 where up_to < $1', [newest])
  return count
}

export async function purgeTicks(inTransaction: InTransaction, before: number): Promise<number> {
  let dropped = 0
  for (;;) {
    const gone = await inTransaction((tx) =>
      tx.query(
        `delete from tick where (definition, scheduled_at) in (
           select definition, scheduled_at from tick old where scheduled_at < $1 and scheduled_at <
             (select max(newest.scheduled_at) from tick newest where newest.definition = old.definition) limit $2
         ) returning scheduled_at`,
        [before, pageSize],
      ),
    )
    dropped += gone.length
    if (gone.length < pageSize) return dropped
  }
}
