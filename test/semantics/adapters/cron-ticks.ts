import { cronOf, ticksBetween } from '../../../pipeline/define/cron.ts'
import type { Adapter, Case } from '../case.ts'

/** Forward from the first tick and backward from the last, tick by tick and from instants between them. */
export const run: Adapter = (one) => {
  const cron = cronOf(one.cron, one.timezone ?? 'UTC')
  const expected = one.ticks.map((text: string) => Date.parse(text)) as number[]
  const inUtc = one.ticksUtc?.map((text: string) => Date.parse(text)) ?? expected
  const [first, last] = [expected[0]!, expected.at(-1)!]
  const start = startOf(one) ?? first
  const between = expected.slice(1).map((tick, index) => tick - Math.floor((tick - expected[index]!) / 3))
  const compared = [{ what: 'the same ticks in UTC', expected, got: inUtc }]
  if (one.forwardFromFirstInclusive ?? true) {
    compared.push({ what: 'forward', expected, got: ticksBetween(cron, start - 1, last, expected.length + 1) })
  }
  if (one.reverseFromLastInclusive ?? true) {
    compared.push({ what: 'backward', expected: expected.toReversed(), got: backward(cron, last, expected.length) })
  }
  if (one.strictlyBetweenYieldsNext ?? true) {
    compared.push(
      { what: 'after an instant between', expected: expected.slice(1), got: between.map((ms) => cron.atOrAfter(ms)!) },
      {
        what: 'before an instant between',
        expected: expected.slice(0, -1),
        got: between.map((ms) => cron.atOrBefore(ms)!),
      },
    )
  }
  return compared.map(({ what, expected, got }) => ({ what, expected: expected.map(iso), got: got.map(iso) }))
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
