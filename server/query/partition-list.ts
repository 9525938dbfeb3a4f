import type { Engine } from '#pipeline'
import { filtered, has, keyAt } from '#pipeline'
import type { Answer, Asked } from '../contract/contract.ts'
import { partitionStatuses } from '../contract/words.ts'
import { askedPartitions } from './asked-partitions.ts'
import { nextOf, numberIn } from './cursor.ts'
import type { ShownPartition } from './shown-partitions.ts'
import { numberOf, shownPartitions, withRows } from './shown-partitions.ts'

/** Partitions of an asset that pass and have a status, the last first. The cursor is the ordinal of the last one told. */
export async function listPartitions(engine: Engine, ask: Asked<'partitions'>): Promise<Answer<'partitions'>> {
  const shown = await shownPartitions(engine, ask.asset)
  const { asset, space, asOf, statuses } = shown
  const on = { now: asOf.now.getTime(), keys: asOf.keys ?? {} }
  const wanted =
    ask.partitions === undefined ? undefined : filtered(space, askedPartitions([asset], ask.partitions, on))
  const status = ask.status && numberOf[ask.status]

  const found: number[] = []
  let at = Math.min(numberIn(ask.cursor) ?? space.size, space.size) - 1
  for (; at >= 0 && found.length < ask.limit; at--) {
    if (status !== undefined && statuses[at] !== status) continue
    if (wanted === undefined || has(wanted, at)) found.push(at)
  }
  const some = found.map((ordinal) => ({
    key: keyAt(space, ordinal),
    status: partitionStatuses[statuses[ordinal]!]!,
  }))
  return {
    items: (await withRows(engine, shown, some)).map(partitionItem),
    next: nextOf(at < 0 ? undefined : found.at(-1)),
  }
}

export const partitionItem = ({ key, status, why, row }: ShownPartition): Answer<'partitions'>['items'][number] => ({
  key,
  status,
  why: why ?? null,
  publishedAt: row?.publishedAt ?? null,
  run: row?.run || null,
  rows: row?.file?.rows ?? null,
  bytes: row?.file?.bytes ?? null,
})
