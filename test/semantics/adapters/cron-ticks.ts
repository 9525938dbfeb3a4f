import { cronOf, ticksBetween } from '../../../pipeline/define/cron.ts'
import type { Adapter, Case } from '../case.ts'

/** Forward from the first tick and backward from the last, tick by tick and from instants between them. */
export const run: Adapter = (one) => {
  const cron = cronOf(one.cron, one.timezone ?? 'UTC')
  const expected = (one.ticksUtc ?? one.ticks).map((text: string) => Date.parse(text)) as number[]
  const [first, last] = [expected[0]!, expected.at(-1)!]
  const start = startOf(one) ?? first
  const between = expected.slice(1).map((tick, index) => tick - Math.floor((tick - expected[index]!) / 3))
  return [
    { what: 'forward', expected, got: ticksBetween(cron, start - 1, last, expected.length + 1) },
    { what: 'backward', expected: expected.toReversed(), got: backward(cron, last, expected.length) },
    { what: 'after an instant between', expected: expected.slice(1), got: between.map((ms) => cron.atOrAfter(ms)) },
    {
      what: 'before an instant between',
      expected: expected.slice(0, -1),
      got: between.map((ms) => cron.atOrBefore(ms)),
    },
  ].map(({ what, expected, got }) => ({ what, expected: expected.map(iso), got: got.map(iso) }))
}

function startOf(one: Case): number | undefined {
  if (one.startInclusive) return Date.parse(one.startInclusive)
  return one.startExclusive ? Date.parse(one.startExclusive) + 1 : undefined
}

function backward(cron: ReturnType<typeof cronOf>, from: number, count: number): number[] {
  const ticks: number[] = []
  for (let tick = cron.atOrBefore(from); tick !== undefined && ticks.length < count; tick = cron.atOrBefore(tick - 1)) {
    ticks.push(tick)
  }
  return ticks
}

const iso = (ms: number | undefined) => (ms === undefined ? 'none' : new Date(ms).toISOString())
