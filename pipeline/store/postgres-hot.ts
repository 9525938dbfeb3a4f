import type { PartitionKey } from '../define/partition.ts'
import type { Claimed, Lease, LogLine, Materialization, SourceFile, Unpublished } from './port.ts'
import type { PostgresTransaction } from './postgres-connection.ts'
import type { HotCall } from './postgres-groups.ts'
import { tookMs } from './row-writes.ts'
import type { FileColumns, PartitionColumns, VersionColumns } from './rows.ts'
import { eventNumber, fileOf, payloadOf, rejection, stateOf, statusNumber } from './rows.ts'

/**
 * The calls of every step, each statement for many of them: a column of theirs is an array. What they mean is said by the
 * operations of the same names, which do one at a time. Rows are locked in the order of asset and key, so that processes
 * seldom wait for one another in a circle.
 */
export async function performTogether(tx: PostgresTransaction, calls: readonly HotCall[]): Promise<readonly unknown[]> {
  const claims: { at: number; ask: HotArgs<'claim'>[0] }[] = []
  const ends: LeaseEnd[] = []
  const logs: LogCall[] = []
  for (const [at, { operation, args }] of calls.entries()) {
    if (operation === 'claim') claims.push({ at, ask: args[0] })
    else if (operation === 'publish') ends.push(published(at, ...args))
    else if (operation === 'settle') ends.push(settled(at, ...args))
    else logs.push({ run: args[0], asset: args[1], key: args[2], lines: args[3], now: args[4] })
  }
  await learnIds(tx, {
    assets: [
      ...claims.flatMap(({ ask }) => [ask.asset, ...ask.inputs.map(({ asset }) => asset)]),
      ...ends.map(({ asset }) => asset),
      ...logs.map(({ asset }) => asset),
    ],
    runs: [
      ...claims.map(({ ask }) => ask.run),
      ...ends.flatMap(({ run, made }) => (made ? [run, made.run] : [run])),
      ...logs.map(({ run }) => run),
    ],
    makers: ends.flatMap(({ attempt }) => (attempt ? [attempt.by] : [])),
  })
  // Sent at once, and carried out in this order: lines of a log come before the end of their step.
  const [, ended, claimed] = await Promise.all([
    log(tx, logs),
    endLeases(tx, ends),
    claim(
      tx,
      claims.map(({ ask }) => ask),
    ),
  ])
  const answers: unknown[] = calls.map(() => undefined)
  for (const { at } of ends) answers[at] = ended.has(at)
  for (const [index, { at }] of claims.entries()) answers[at] = claimed[index]
  return answers
}

/**
 * Takes the rows that these calls will change, where more than one statement does so: of two processes that want the same
 * ones in another order each time, one would else wait for the other until the database finds that both do.
 */
export async function lockTogether(tx: PostgresTransaction, groups: readonly (readonly HotCall[])[]): Promise<void> {
  const statements = groups.flatMap((calls) => [
    calls.some(({ operation }) => operation === 'claim'),
    calls.some(({ operation }) => operation === 'publish' || operation === 'settle'),
  ])
  if (statements.filter(Boolean).length < 2) return
  const asks = groups.flat().flatMap(({ operation, args }): readonly Ask[] => {
    if (operation === 'claim') return args[0].keys.map((key) => ({ asset: args[0].asset, key }))
    return operation === 'log' ? [] : [{ asset: args[0].asset, key: args[0].key }]
  })
  await learnIds(tx, { assets: asks.map(({ asset }) => asset), runs: [], makers: [] })
  const rows = sorted(tx, asks)
  await tx.query(
    `select from unnest($1::bigint[], $2::text[]) with ordinality as a(asset_id, key, at)
     join partition p on p.asset_id = a.asset_id and p.key = a.key order by a.at for update of p`,
    [rows.map(({ asset }) => assetId(tx, asset)), rows.map(({ key }) => key)],
  )
}

type HotArgs<Name extends HotCall['operation']> = Extract<HotCall, { readonly operation: Name }>['args']

interface LogCall {
  readonly run: string
  readonly asset: string
  readonly key: PartitionKey
  readonly lines: readonly LogLine[]
  readonly now: number
}

/** The end of a lease, whatever came of it. */
interface LeaseEnd extends Lease {
  /** Which call it is. */
  readonly at: number
  readonly run: string
  readonly type: 'published' | Unpublished['type']
  readonly payload: string | null
  readonly now: number
  /** What the partition becomes, if anything. */
  readonly status: number | null
  readonly error: string | null
  /** The version that was made, whether it was let through or not. */
  readonly made?: Materialization
  /** What the published version is now known to come from. */
  readonly known?: Extract<Unpublished, { readonly type: 'unchanged' }>
}

const published = (at: number, lease: Lease, made: Materialization): LeaseEnd => ({
  ...{ ...lease, at, run: made.run, type: 'published', now: made.at, made },
  ...{ status: statusNumber.published, error: null },
  payload: JSON.stringify({ materialization: made.id, rows: made.rows, bytes: made.bytes }),
})

function settled(at: number, lease: Lease, run: string, outcome: Unpublished, now: number): LeaseEnd {
  const payload = payloadOf(outcome)
  const end = {
    ...{ ...lease, at, run, type: outcome.type, now, status: null, error: null },
    payload: payload === undefined ? null : JSON.stringify(payload),
  }
  switch (outcome.type) {
    case 'unchanged':
      return { ...end, status: statusNumber.published, known: outcome }
    case 'failed':
      return outcome.retryAt === null ? { ...end, status: statusNumber.failed, error: outcome.error } : end
    case 'rejected':
      return {
        ...{ ...end, status: statusNumber.rejected, error: rejection(outcome.materialization) },
        made: outcome.materialization,
      }
    case 'skipped':
    case 'canceled':
      return end
    default:
      return outcome satisfies never
  }
}

/** Those calls whose lease was still held. */
async function endLeases(tx: PostgresTransaction, ends: readonly LeaseEnd[]): Promise<ReadonlySet<number>> {
  if (ends.length === 0) return new Set()
  const rows = sorted(tx, ends)
  const column = <T extends string | number | null>(value: (end: LeaseEnd) => T | undefined) =>
    rows.map((end) => value(end) ?? null)
  const held = await tx.query<{ at: number }>(endStatement, [
    column(({ at }) => at),
    column(({ asset }) => assetId(tx, asset)),
    column(({ key }) => key),
    column(({ token }) => token),
    column(({ run }) => runId(tx, run)),
    column(({ type }) => eventNumber[type]),
    column(({ payload }) => payload),
    column(({ now }) => now),
    column(({ status }) => status),
    column(({ error }) => error),
    column(({ made }) => made?.id),
    column(({ made }) => made && tx.ids.get(`run ${made.run}`)),
    column(({ made }) => made?.at),
    column(({ made }) => made?.path),
    column(({ made }) => made?.rows),
    column(({ made }) => made?.bytes),
    column(({ made }) => made?.version),
    column(({ made }) => made?.content),
    column(({ made, known }) => (made ?? known)?.codeVersion),
    column(({ made, known }) => json((made ?? known)?.inputs)),
    column(({ made, known }) => json(made || known ? ((made ?? known)!.sources ?? {}) : undefined)),
    column(({ made, known }) => json((made ?? known)?.checks)),
    column(({ made, known }) => json((made ?? known)?.metadata)),
    column(({ attempt, now }) => attempt && tookMs(attempt, now)),
    column(({ attempt }) => attempt && tx.ids.get(`maker ${attempt.by}`)),
    column(({ attempt }) => attempt?.number),
  ])
  return new Set(held.map(({ at }) => at))
}

const json = (value: object | undefined) => (value === undefined ? undefined : JSON.stringify(value))

/** Held is asked for in a way that keeps the index of what is held, which may be long, out of the plan. */
const endStatement = `
  with ask as materialized (
    select *, case when uid is not null then nextval('materialization_id_seq') end as number from unnest($1::int[], $2::bigint[], $3::text[], $4::bigint[], $5::bigint[], $6::int[], $7::text[],
      $8::bigint[], $9::int[], $10::text[], $11::text[], $12::bigint[], $13::bigint[], $14::text[], $15::bigint[],
      $16::bigint[], $17::text[], $18::text[], $19::text[], $20::text[], $21::text[], $22::text[], $23::text[],
      $24::int[], $25::int[], $26::int[])
    as a(at, asset_id, key, lease, run_id, type, payload, now, status, error, uid, made_run_id, made_at, path, rows, bytes,
      version, content, code_version, inputs, sources, checks, metadata, took_ms, maker, attempt)
  ), held as materialized (
    select a.*, p.id as partition_id, p.materialization_id as before from ask a
    join partition p on p.asset_id = a.asset_id and p.key = a.key
    where p.lease = a.lease and num_nulls(p.worker) = 0 for update of p
  ), superseded as (
    update materialization m set superseded_at = h.now from held h
    where m.id = h.before and h.type = ${eventNumber.published}
  ), known as (
    update materialization m set code_version = h.code_version, inputs = h.inputs, sources = h.sources,
      checks = h.checks, metadata = h.metadata from held h where m.id = h.before and h.type = ${eventNumber.unchanged}
  ), made as (
    insert into materialization
      (id, uid, partition_id, run_id, status, at, path, rows, bytes, version, content, code_version, inputs, sources, checks,
       metadata, superseded_at)
    select number, uid, partition_id, made_run_id, status, made_at, path, rows, bytes, version, content, code_version, inputs,
      sources, checks, metadata, case when type = ${eventNumber.rejected} then made_at end
    from held where uid is not null
  ), freed as (
    update partition p set worker = null, leased_until = null,
      deaths = case when h.type = ${eventNumber.failed} and h.status is null then p.deaths else 0 end, status = coalesce(h.status, p.status),
      error = case when h.status is null then p.error else h.error end,
      materialization_id = case when h.type = ${eventNumber.published} then h.number else p.materialization_id end
    from held h where p.id = h.partition_id
  ), told as (
    insert into event (at, run_id, partition_id, type, payload, took_ms, maker, attempt)
    select h.now, h.run_id, h.partition_id, h.type,
      case when same.id is null then h.payload else left(h.payload, -1) || ',"isSame":true}' end, h.took_ms, h.maker, h.attempt
    from held h left join materialization same on same.id = h.before and same.version = h.version
      and h.content is not null and h.type = ${eventNumber.published}
    order by h.at
  )
  select at from held`

async function log(tx: PostgresTransaction, logs: readonly LogCall[]): Promise<void> {
  if (logs.length === 0) return
  await tx.query(
    `insert into event (at, run_id, partition_id, type, payload)
     select a.now, a.run_id, p.id, ${eventNumber.log}, a.payload
     from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::text[])
       with ordinality as a(now, run_id, asset_id, key, payload, number)
     left join partition p on p.asset_id = a.asset_id and p.key = a.key order by a.number`,
    [
      logs.map(({ now }) => now),
      logs.map(({ run }) => runId(tx, run)),
      logs.map(({ asset }) => assetId(tx, asset)),
      logs.map(({ key }) => key),
      logs.map(({ lines }) => JSON.stringify({ lines })),
    ],
  )
}

interface Ask {
  readonly asset: string
  readonly key: PartitionKey
}
type Won = PartitionColumns & { readonly asset_id: number; readonly lease: number; readonly deaths: number }
type ClaimAsks = readonly HotArgs<'claim'>[0][]

async function claim(tx: PostgresTransaction, asks: ClaimAsks): Promise<readonly (readonly Claimed[])[]> {
  if (asks.length === 0) return []
  const rows = sorted(
    tx,
    asks.flatMap((ask) => ask.keys.map((key) => ({ asset: ask.asset, key, ask }))),
  )
  const won = await tx.query<Won>(claimStatement, [
    rows.map(({ asset }) => assetId(tx, asset)),
    rows.map(({ key }) => key),
    rows.map(({ ask }) => ask.now + ask.leaseMs),
    rows.map(({ ask }) => ask.worker),
    rows.map(({ ask }) => runId(tx, ask.run)),
    asks[0]!.leaseMs,
  ])
  const wonBy = new Map(won.map((row) => [rowName(row.asset_id, row.key), row]))
  const wonOf = ({ asset, key }: Ask) => wonBy.get(rowName(assetId(tx, asset), key))
  const lost = rows.filter((row) => !wonOf(row))
  const inputs = asks.flatMap((ask) =>
    ask.inputs.filter(({ key }) => ask.keys.includes(key) && wonOf({ asset: ask.asset, key })),
  )
  const [versions, files, held] = await Promise.all([versionsOf(tx, won), filesOf(tx, inputs), heldUntil(tx, lost)])

  return asks.map((ask) =>
    ask.keys.map((key) => {
      const row = wonOf({ asset: ask.asset, key })
      const own = row ? ask.inputs.filter((input) => input.key === key) : []
      const version = row && versions.get(row.materialization_id)
      const published = version && { ...version, key }
      return {
        key,
        token: row?.lease,
        deaths: row?.deaths ?? 0,
        heldUntil: row ? ask.now + ask.leaseMs : (held.get(rowName(assetId(tx, ask.asset), key)) ?? 0),
        state: row ? stateOf(row.status, published) : stateOf(0, undefined),
        published: published && fileOf(published),
        inputs: Object.fromEntries(own.map((input) => [input.name, files.get(input) ?? []])),
      }
    }),
  )
}

const claimStatement = `
  insert into partition (asset_id, key, lease, leased_until, worker, run_id)
  select asset_id, key, 1, leased_until, worker, run_id
  from unnest($1::bigint[], $2::text[], $3::bigint[], $4::text[], $5::bigint[])
    as a(asset_id, key, leased_until, worker, run_id)
  on conflict (asset_id, key) do update set lease = partition.lease + 1, leased_until = excluded.leased_until,
    worker = excluded.worker, run_id = excluded.run_id,
    deaths = partition.deaths + case when partition.worker is null then 0 else 1 end
  where partition.worker is null or partition.leased_until < excluded.leased_until - $6::bigint
  returning id, asset_id, key, status, materialization_id, lease, deaths`

/** Looked up after the claim: it may have waited for who published them. */
async function versionsOf(
  tx: PostgresTransaction,
  won: readonly Won[],
): Promise<ReadonlyMap<number | null, Omit<VersionColumns, 'key'>>> {
  const numbers = won.flatMap(({ materialization_id: number }) => (number === null ? [] : [number]))
  if (numbers.length === 0) return new Map()
  const rows = await tx.query<Omit<VersionColumns, 'key'> & { id: number }>(
    `select m.id, m.path, m.rows, m.bytes, m.version, m.content, m.code_version, m.inputs, coalesce(r.uid, '') as run
     from unnest($1::bigint[]) as a(id) join materialization m on m.id = a.id left join run r on r.id = m.run_id`,
    [numbers],
  )
  return new Map(rows.map((row) => [row.id, row]))
}

type Input = ClaimAsks[number]['inputs'][number]

async function filesOf(
  tx: PostgresTransaction,
  inputs: readonly Input[],
): Promise<ReadonlyMap<Input, readonly SourceFile[]>> {
  const found = new Map<Input, SourceFile[]>(inputs.map((input) => [input, []]))
  const asks = inputs.flatMap((input) => input.keys.map((key) => ({ input, key })))
  if (asks.length === 0) return found
  const rows = await tx.query<FileColumns & { at: number; number: number }>(
    `select a.at::int as at, p.key, m.path, m.rows, m.bytes, m.version, m.content, m.id as number
     from unnest($1::bigint[], $2::text[]) with ordinality as a(asset_id, key, at)
     join partition p on p.asset_id = a.asset_id and p.key = a.key
     join materialization m on m.id = p.materialization_id order by a.at`,
    [asks.map(({ input }) => assetId(tx, input.asset)), asks.map(({ key }) => key)],
  )
  for (const row of rows) found.get(asks[row.at - 1]!.input)!.push({ ...fileOf(row), number: row.number })
  return found
}

async function heldUntil(tx: PostgresTransaction, lost: readonly Ask[]): Promise<ReadonlyMap<string, number | null>> {
  if (lost.length === 0) return new Map()
  const rows = await tx.query<{ asset_id: number; key: PartitionKey; leased_until: number | null }>(
    `select p.asset_id, p.key, p.leased_until from unnest($1::bigint[], $2::text[]) as a(asset_id, key)
     join partition p on p.asset_id = a.asset_id and p.key = a.key`,
    [lost.map(({ asset }) => assetId(tx, asset)), lost.map(({ key }) => key)],
  )
  return new Map(rows.map((row) => [rowName(row.asset_id, row.key), row.leased_until]))
}

const rowName = (asset: number, key: PartitionKey) => `${asset}\n${key}`

function sorted<T extends Ask>(tx: PostgresTransaction, asks: readonly T[]): readonly T[] {
  if (asks.length === 1) return asks
  return [...asks].sort(
    (a, b) => assetId(tx, a.asset) - assetId(tx, b.asset) || (a.key < b.key ? -1 : a.key === b.key ? 0 : 1),
  )
}

const assetId = (tx: PostgresTransaction, name: string): number => tx.ids.get(`asset ${name}`)!

function runId(tx: PostgresTransaction, uid: string): number {
  const id = tx.ids.get(`run ${uid}`)
  if (id === undefined) throw new Error(`run "${uid}" is not in the store`)
  return id
}

/** Numbers of names that this connection has not met. Assets and makers are new where they are first named; a run is not. */
async function learnIds(
  tx: PostgresTransaction,
  names: { readonly assets: readonly string[]; readonly runs: readonly string[]; readonly makers: readonly string[] },
): Promise<void> {
  const unknown = (kind: string, list: readonly string[]) =>
    [...new Set(list)].filter((name) => !tx.ids.has(`${kind} ${name}`))
  const learn = async (kind: 'asset' | 'run' | 'maker', select: string, list: readonly string[]) => {
    if (list.length === 0) return
    for (const { id, name } of await tx.query<{ id: number; name: string }>(select, [list])) {
      tx.ids.set(`${kind} ${name}`, id)
    }
  }
  const selectNamed = (table: 'asset' | 'maker') => `select id, name from ${table} where name = any($1::text[])`
  await Promise.all([
    learn('run', 'select id, uid as name from run where uid = any($1::text[])', unknown('run', names.runs)),
    learn('asset', selectNamed('asset'), unknown('asset', names.assets)),
    learn('maker', selectNamed('maker'), unknown('maker', names.makers)),
  ])
  for (const [kind, list] of [
    ['asset', names.assets],
    ['maker', names.makers],
  ] as const) {
    const fresh = unknown(kind, list).sort()
    if (fresh.length === 0) continue
    await tx.query(`insert into ${kind} (name) select unnest($1::text[]) on conflict (name) do nothing`, [fresh])
    await learn(kind, selectNamed(kind), fresh)
  }
}
