import type { PartitionKey } from '../define/partition.ts'
import type { EventRow, RunEnd, RunEventsAsk, RunPageAsk, RunPlace, RunRow } from './port.ts'
import type { EventColumns, RunColumns } from './rows.ts'
import { eventNumber, eventRow, eventTypes, runRow, selectEvents } from './rows.ts'
import type { Operations, RunPageName, SqlParameter, Transaction } from './transaction.ts'

/** Runs, and events of a run, that one page may pass over. */
const mostRuns = 5_000
const mostEvents = 100_000

/** What `event_telling` is about, spelled as its condition is: log, failed, rejected, canceled, and what no run does. */
const telling = (event: '' | 'e.') => `(${event}type = ${eventNumber.log} or ${event}type >= ${eventNumber.failed})`
const isTelling: Partial<Record<EventRow['type'], true>> = { log: true, failed: true, rejected: true, canceled: true }

const ofRun = 'run_id = (select id from run where uid = ?)'
const isEnd = `type <> ${eventNumber.log}`
const isFailure = `type in (${eventNumber.failed}, ${eventNumber.rejected})`

export const runPages: Operations<RunPageName> = {
  async runPage(tx, ask) {
    const { limit } = ask
    const { where, parameters } = runsThat(ask)
    const newestFirst = 'order by created_at desc, id desc'
    const [last] = await tx.all<RunPlace>(
      `select created_at as "createdAt", id as number from run where ${where} ${newestFirst} limit 1 offset ?`,
      ...parameters,
      mostRuns - 1,
    )
    const named = likeThat(ask)
    const upTo = last ? 'and (created_at > ? or (created_at = ? and id >= ?))' : ''
    const rows = await tx.all<RunColumns & { id: number }>(
      `select * from run where ${where} ${upTo} ${named.map(() => `and lower(uid || ask) like ? escape '\\'`).join(' ')}
       ${newestFirst} limit ?`,
      ...parameters,
      ...(last ? [last.createdAt, last.createdAt, last.number] : []),
      ...named,
      limit,
    )
    const runs = rows.map(runRow).filter((run) => isAsked(run, ask))
    const end = rows.length === limit ? placeOf(rows.at(-1)!) : last
    return { runs, next: end }
  },

  async runEvents(tx, ask) {
    const bounds = await boundsOf(tx, ask)
    const found = await (ask.types?.every((type) => isTelling[type]) ? tellingEvents : anyEvents)(tx, ask, bounds)
    const events = found.slice(0, ask.limit).map(eventRow)
    return { events, next: events.length === ask.limit ? events.at(-1)!.id : bounds.goesOn }
  },

  async newestEventOf(tx, run) {
    const [row] = await tx.all<{ id: number | null }>(
      `select max(id) as id from event where ${ofRun} and id <= ?`,
      run,
      await tx.finalEvent(),
    )
    return row?.id ?? 0
  },

  async paceOf(tx, run, back) {
    const [row] = await tx.all<{ at: number }>(
      `select at from event where ${ofRun} order by id desc limit 1 offset ?`,
      run,
      back,
    )
    return row?.at
  },

  async runEnds(tx, run, after) {
    // As one text: rows of so little would cost more than what they hold.
    const [row] = await tx.all<{ ends: string | null }>(
      `select string_agg(e.type || ' ' || case when ${isRetried} then 1 else 0 end || ' ' || p.asset_id || ' ' || p.key, '\n') as ends
       from event e join partition p on p.id = e.partition_id
       where e.${ofRun} and e.id > ? and e.id <= ? and e.${isEnd}`,
      run,
      after,
      await tx.finalEvent(),
    )
    if (!row?.ends) return []
    const names = new Map(
      (await tx.all<{ id: number; name: string }>('select id, name from asset')).map((one) => [
        String(one.id),
        one.name,
      ]),
    )
    return row.ends.split('\n').map((line) => {
      const [type = '', isRetried = '', asset = ''] = line.split(' ', 3)
      return {
        asset: names.get(asset)!,
        key: line.slice(type.length + isRetried.length + asset.length + 3) as PartitionKey,
        end: eventTypes[Number(type)] as RunEnd['end'],
        isRetried: isRetried === '1',
      }
    })
  },

  async telltaleAttempts(tx, run, limit) {
    // Chosen before they are told of: most are left out.
    const chosen = await tx.all<{ id: number }>(
      `select id from (select id from event where ${ofRun} and ${telling('')} and ${isFailure} order by id limit ?) as failed
       union select id from (select id from event where ${ofRun} and ${isEnd} order by coalesce(took_ms, 0) desc limit ?) as longest`,
      run,
      limit,
      run,
      limit,
    )
    const ids = chosen.map(({ id }) => id)
    const rows: EventColumns[] = []
    // In parts that a database can plan.
    for (let at = 0; at < ids.length; at += 500) {
      const part = ids.slice(at, at + 500)
      rows.push(
        ...(await tx.all<EventColumns>(`${selectEvents} where e.id in (${part.map(() => '?').join(', ')})`, ...part)),
      )
    }
    const failed = rows.filter(({ type }) => eventTypes[type] === 'failed' || eventTypes[type] === 'rejected')
    const others = rows.filter((row) => !failed.includes(row)).sort((a, b) => (b.tookMs ?? 0) - (a.tookMs ?? 0))
    return [...failed, ...others]
      .slice(0, limit)
      .sort((a, b) => a.id - b.id)
      .map(eventRow)
  },

  async runDensity(tx, run, stretchMs) {
    return tx.all(
      `select at / cast(? as bigint) * cast(? as bigint) as at, count(*) as ended, sum(case when ${isFailure} then 1 else 0 end) as failed
       from event where ${ofRun} and ${isEnd} group by 1 order by 1`,
      stretchMs,
      stretchMs,
      run,
    )
  },
}

/** A quote in the text of an error would be escaped, so that this is said by the payload itself. */
const isRetried = `e.type = ${eventNumber.failed} and e.payload not like '%"retryAt":null%'`

function runsThat({ status, from, to, after }: RunPageAsk) {
  // One bound at each end: of two, a database may walk its index from the worse.
  const newest = Math.min(after?.createdAt ?? Number.MAX_SAFE_INTEGER, (to ?? Number.MAX_SAFE_INTEGER) - 1)
  const parameters: SqlParameter[] = [from ?? 0, newest]
  let where = 'created_at >= ? and created_at <= ?'
  if (status !== undefined) {
    where += ' and status = ?'
    parameters.push(status)
  }
  if (after) {
    where += ' and (created_at < ? or id < ?)'
    parameters.push(after.createdAt, after.number)
  }
  return { where, parameters }
}

const placeOf = ({ created_at, id }: RunColumns & { readonly id: number }): RunPlace => ({
  createdAt: created_at,
  number: id,
})

/** What the text of what was asked for is like, if it fits; `isAsked` says whether it does. */
function likeThat({ asset, text }: RunPageAsk): readonly string[] {
  const json = (value: string) => JSON.stringify(value)
  const parts = [
    ...(asset === undefined ? [] : [json(asset)]),
    ...(text === undefined ? [] : [json(text).slice(1, -1)]),
  ]
  // As databases do: letters beyond ASCII stay as they are.
  const lower = (part: string) => part.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase())
  return parts.map((part) => `%${lower(part).replaceAll(/[\\%_]/g, '\\$&')}%`)
}

function isAsked({ id, ask }: RunRow, { asset, text }: RunPageAsk): boolean {
  if (asset !== undefined && !ask.assets.includes(asset)) return false
  if (text === undefined) return true
  const said = [id, ask.reason, ...Object.entries(ask.tags ?? {}).flat()]
  return said.some((one) => one.toLowerCase().includes(text.toLowerCase()))
}

interface Bounds {
  readonly above: number
  /** This one is looked at, too. */
  readonly upTo: number
  /** Where the next page goes on, if this one does not reach the end. */
  readonly goesOn: number | undefined
}

/** The part of a run's events that one page looks at. */
async function boundsOf(tx: Transaction, { run, order, after, types, asset, key }: RunEventsAsk): Promise<Bounds> {
  const isOldest = order === 'oldest'
  const final = await tx.finalEvent()
  const above = isOldest ? (after ?? 0) : 0
  const upTo = isOldest || after === undefined ? final : Math.min(after - 1, final)
  const bounds = { above, upTo, goesOn: undefined }
  // Where nothing is passed over, the limit is bound enough.
  const isAny = asset === undefined && key === undefined
  if (isAny && (types === undefined || types.every((type) => isTelling[type]))) return bounds
  const [last] = await tx.all<{ id: number }>(
    `select id from event where ${ofRun} and id > ? and id <= ? order by id ${isOldest ? '' : 'desc'} limit 1 offset ?`,
    run,
    above,
    upTo,
    mostEvents - 1,
  )
  if (!last) return bounds
  return isOldest ? { above, upTo: last.id, goesOn: last.id } : { above: last.id - 1, upTo, goesOn: last.id }
}

async function anyEvents(
  tx: Transaction,
  ask: RunEventsAsk,
  { above, upTo }: Bounds,
): Promise<readonly EventColumns[]> {
  const { types } = ask
  const { where, parameters } = partitionsThat(ask)
  return tx.all<EventColumns>(
    `${selectEvents} where e.${ofRun} and e.id > ? and e.id <= ? ${where}
       ${types ? `and e.type in (${types.map((type) => eventNumber[type]).join(', ')})` : ''}
     order by e.id ${ask.order === 'oldest' ? '' : 'desc'} limit ?`,
    ask.run,
    above,
    upTo,
    ...parameters,
    ask.limit,
  )
}

/** By type, since these have an index, which SQLite takes only where nothing else bounds the ids: a few of many events. */
async function tellingEvents(
  tx: Transaction,
  ask: RunEventsAsk,
  { above, upTo }: Bounds,
): Promise<readonly EventColumns[]> {
  const { where, parameters } = partitionsThat(ask)
  const found: EventColumns[] = []
  for (const type of ask.types ?? []) {
    found.push(
      ...(await tx.all<EventColumns>(
        `${selectEvents} where e.${ofRun} and e.type = ? and ${telling('e.')} and +e.id > ? and +e.id <= ? ${where}
         order by e.id ${ask.order === 'oldest' ? '' : 'desc'} limit ?`,
        ...[ask.run, eventNumber[type], above, upTo],
        ...parameters,
        ask.limit,
      )),
    )
  }
  return found.sort((a, b) => (ask.order === 'oldest' ? a.id - b.id : b.id - a.id))
}

function partitionsThat({ asset, key }: RunEventsAsk): {
  readonly where: string
  readonly parameters: readonly string[]
} {
  return {
    where: `${asset === undefined ? '' : 'and p.asset_id = (select id from asset where name = ?)'} ${key === undefined ? '' : 'and p.key = ?'}`,
    parameters: [asset, key].filter((one) => one !== undefined),
  }
}
