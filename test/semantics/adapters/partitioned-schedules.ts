import { oncePerWindow, PipelineError } from '#pipeline'
import type { Adapter, Case, Compared } from '../case.ts'
import { caseTextOf, dimensionsOf, instantOf, timeOf } from '../vocabulary.ts'

export const run: Adapter = (one) => {
  if (one.expectedError) return [{ what: 'refused', expected: codeOf(one.expectedError), got: refusalOf(one) }]
  const dimension = timeOf(one.definition)
  const compared: Compared[] = []
  const compare = (what: string, expected: unknown, got: unknown) => {
    if (expected !== undefined) compared.push({ what, expected, got })
  }
  compare('cron', one.expectedCron, oncePerWindow(dimensionsOf(one.definition), one.schedule).cron)
  compare('default cron', one.expectedDefaultCron, oncePerWindow(dimensionsOf(one.definition)).cron)
  const first = one.firstKeys?.map((_: string, index: number) => caseTextOf(one.definition, dimension.at(index)))
  compare('first keys', one.firstKeys, first)
  compare('first window', one.firstWindow?.map(iso), span(dimension.at(0)))
  if (one.tick) {
    const count = dimension.count(instantOf(one.tick, one.definition.timezone))
    const expected = one.expectedWindow === undefined ? null : (one.expectedWindow?.map(iso) ?? null)
    compare('window of the tick', expected, count > 0 ? span(dimension.at(count - 1)) : null)
  }
  return compared
}

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
