import type { TimeDimension, Window } from '#pipeline'
import { keyOf, oncePerWindow, PipelineError, partitionsAt } from '#pipeline'
import type { Adapter, Case, Compared } from '../case.ts'
import type { CaseKey } from '../vocabulary.ts'
import { caseKeyOf, caseTextOf, dimensionsOf, instantOf } from '../vocabulary.ts'

/** A tick says itself as of when it asks, so the clock does not matter. */
export const beside = ['now']

export const run: Adapter = (one) => {
  if (one.expectedError) return [{ what: 'refused', expected: codeOf(one.expectedError), got: refusalOf(one) }]
  const dimensions = dimensionsOf(one.definition)
  const [name, dimension] = Object.entries(dimensions).find(
    (entry): entry is [string, TimeDimension] => entry[1].kind === 'time',
  )!
  const compared: Compared[] = []
  const compare = (what: string, expected: unknown, got: unknown) => {
    if (expected !== undefined) compared.push({ what, expected, got })
  }
  compare('cron', one.expectedCron, oncePerWindow(dimensions, one.schedule).cron)
  compare('default cron', one.expectedDefaultCron, oncePerWindow(dimensions).cron)
  const first = one.firstKeys?.map((_: string, index: number) => caseTextOf(one.definition, dimension.at(index)))
  compare('first keys', one.firstKeys, first)
  compare('first window', one.firstWindow?.map(iso), span(dimension.at(0)))
  if (!one.tick) return compared
  const tick = instantOf(one.tick, dimension.timezone)
  const count = dimension.count(tick)
  const newest = count > 0 ? dimension.at(count - 1) : undefined
  const keys: readonly CaseKey[] | undefined =
    one.expectedKeys ??
    one.expectedPartitions ??
    one.expectedPartitionKeys ??
    (one.expectedKey === undefined ? undefined : [one.expectedKey])
  const { expectedWindow } = one
  if (expectedWindow !== undefined || keys === undefined) {
    compare('window of the tick', expectedWindow?.map(iso) ?? null, newest ? span(newest) : null)
  }
  const partitions = partitionsAt(dimensions, tick).filter((partition) =>
    isIn(newest, (partition as Readonly<Record<string, Window>>)[name]!),
  )
  const asked = partitions.map((partition) => caseKeyOf(one.definition, keyOf(dimensions, partition)))
  compare('partitions of the tick', keys && sorted(keys), sorted(asked))
  compare('number of partitions', one.expectedCount ?? one.expectedRunCount ?? one.expectedRuns, asked.length)
  compare('is skipped', one.expectedSkip ?? one.expectedSkipped, asked.length === 0)
  return compared
}

const isIn = (newest: Window | undefined, { start }: Window) => newest?.start.getTime() === start.getTime()
/** Which partitions a tick asks for says nothing of their order; two dimensions may be written `2020-01-01|a`. */
const sorted = (keys: readonly CaseKey[]) =>
  keys.map((key) => (typeof key === 'string' ? key.split('|') : Object.values(key!)).toSorted().join('|')).toSorted()

const iso = (text: string) => new Date(text).toISOString()
const span = ({ start, end }: { start: Date; end: Date }) => [start.toISOString(), end.toISOString()]

const codes: Readonly<Record<string, string>> = {
  noTimeDimension: 'schedule.time-missing',
  invalidCronSchedule: 'cron.malformed',
}
const codeOf = (theirs: string): string => codes[theirs] ?? theirs

function refusalOf(one: Case): string {
  try {
    return `accepted: ${oncePerWindow(dimensionsOf(one.definition), one.schedule).cron}`
  } catch (error) {
    if (error instanceof PipelineError) return error.code
    throw error
  }
}
