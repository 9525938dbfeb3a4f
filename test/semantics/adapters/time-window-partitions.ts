import type { TimeDimension } from '#pipeline'
import { isPipelineError, PipelineError } from '#pipeline'
import type { Adapter, Case, Compared } from '../case.ts'
import { caseTextOf, dimensionsOf, instantOf, textFrom, timeOf } from '../vocabulary.ts'

export const run: Adapter = (one) => {
  if (one.op === 'define') return [{ what: 'refused', expected: codeOf(one.expectedError), got: refusalOf(one) }]
  const dimension = timeOf(one.definition)
  if (one.op === 'endDate') return endDate(one, dimension)
  const compared: Compared[] = [{ what: one.op, expected: expectedOf(one), got: answers[one.op]!(one, dimension) }]
  if (one.expectedStartsUtc) {
    const starts = existing(one, dimension).map(({ start }) => start.toISOString())
    compared.push({ what: 'starts', expected: one.expectedStartsUtc.map(iso), got: starts })
  }
  if (one.repeatedHourKeySuffixes) compared.push(...otherNames(one))
  return compared
}

/** Older and newer releases write the second hour of a doubled one differently: both names mean the same window. */
function otherNames(one: Case): readonly Compared[] {
  const suffixes: readonly string[] = Object.values(one.repeatedHourKeySuffixes)
  return (one.expected as readonly string[]).flatMap((key) => {
    const own = suffixes.find((suffix) => key.endsWith(suffix))
    if (own === undefined) return []
    const texts = suffixes.map((suffix) => textFrom(one.definition, key.slice(0, -own.length) + suffix))
    return [{ what: `other names of ${key}`, expected: suffixes.map(() => texts[0]), got: texts }]
  })
}

const answers: Readonly<Record<string, (one: Case, dimension: TimeDimension) => unknown>> = {
  partitionWindows: (one, dimension) => existing(one, dimension).map(span),
  partitionKeys: (one, dimension) => existing(one, dimension).map((window) => caseTextOf(one.definition, window)),
  windowForKey: (one, dimension) => span(dimension.decode(textFrom(one.definition, one.key))),
  keysInRange(one, dimension) {
    const [first, last] = one.range.map((key: string) =>
      dimension.indexOf(dimension.decode(textFrom(one.definition, key))),
    )
    return indexes(first, last + 1).map((index) => caseTextOf(one.definition, dimension.at(index)))
  },
  firstKey: (one, dimension) => keyAt(one, dimension, 0),
  lastKey: (one, dimension) => keyAt(one, dimension, countOf(one, dimension) - 1),
  nextKey: (one, dimension) =>
    keyAt(one, dimension, dimension.indexOf(dimension.decode(textFrom(one.definition, one.key))) + 1),
  firstWindow: (one, dimension) => (countOf(one, dimension) > 0 ? span(dimension.at(0)) : null),
  lastWindow(one, dimension) {
    const count = countOf(one, dimension)
    return count > 0 ? span(dimension.at(count - 1)) : null
  },
  hasKey: (one, dimension) => has(one, dimension, one.key),
  count: (one, dimension) => countOf(one, dimension),
  keysForInstants: (one, dimension) =>
    one.instants.map((instant: string) => {
      const index = dimension.indexAtOrAfter(Date.parse(instant))
      return caseTextOf(one.definition, dimension.at(index))
    }),
}

function endDate(one: Case, dimension: TimeDimension): readonly Compared[] {
  const { expected } = one
  const count = countOf(one, dimension)
  const bounds = [dimension.at(count - 1).start, dimension.at(count - 1).end]
  return [
    { what: 'count', expected: expected.count, got: count },
    { what: 'first', expected: expected.firstKey, got: keyAt(one, dimension, 0) },
    { what: 'after the first', expected: expected.keyAfterFirst, got: keyAt(one, dimension, 1) },
    { what: 'last', expected: expected.lastKey, got: keyAt(one, dimension, count - 1) },
    { what: 'after the last', expected: expected.keyAfterLast, got: keyAt(one, dimension, count) },
    {
      what: 'exists',
      expected: expected.has,
      got: Object.fromEntries(Object.keys(expected.has).map((key) => [key, has(one, dimension, key)])),
    },
    {
      what: 'bounds of the last',
      expected: expected.lastWindowBounds,
      got: bounds.map((start) => caseTextOf(one.definition, { start })),
    },
  ]
}

/** A case without `now` means the clock of the day it is run. */
const nowOf = (one: Case): Date => (one.now == null ? new Date() : instantOf(one.now, one.definition.timezone))
const countOf = (one: Case, dimension: TimeDimension) => dimension.count(nowOf(one))
const indexes = (from: number, to: number) => Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index)
const existing = (one: Case, dimension: TimeDimension) =>
  indexes(0, countOf(one, dimension)).map((index) => dimension.at(index))
const iso = (text: string) => new Date(text).toISOString()
const span = ({ start, end }: { start: Date; end: Date }) => [start.toISOString(), end.toISOString()]

function keyAt(one: Case, dimension: TimeDimension, index: number): string | null {
  return index >= 0 && index < countOf(one, dimension) ? caseTextOf(one.definition, dimension.at(index)) : null
}

function has(one: Case, dimension: TimeDimension, key: string): boolean {
  try {
    const window = dimension.decode(textFrom(one.definition, key))
    const index = dimension.indexOf(window)
    return index >= 0 && index < countOf(one, dimension) && caseTextOf(one.definition, window) === key
  } catch (error) {
    if (isPipelineError(error, 'partition.malformed')) return false
    throw error
  }
}

function expectedOf({ op, expected }: Case): unknown {
  if (op === 'partitionWindows') return expected.map((window: string[]) => window.map(iso))
  if (op === 'windowForKey' || op === 'firstWindow' || op === 'lastWindow')
    return expected === null ? null : expected.map(iso)
  return expected
}

const codes: Readonly<Record<string, string>> = {
  invalidCronSchedule: 'cron.malformed',
  invalidTimezone: 'timezone.unknown',
  invalidPartitionKey: 'partition.key-invalid',
}
const codeOf = (theirs: string): string => codes[theirs] ?? theirs

function refusalOf({ definition }: Case): string {
  try {
    dimensionsOf(definition)
    return 'accepted'
  } catch (error) {
    if (error instanceof PipelineError) return error.code
    throw error
  }
}
