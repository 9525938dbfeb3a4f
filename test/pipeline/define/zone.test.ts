import fc from 'fast-check'
import { expect, test } from 'vitest'
import { zoneOf } from '../../../pipeline/define/zone.ts'

const names = Intl.supportedValuesOf('timeZone')
const instants = fc.integer({ min: Date.UTC(1950, 0), max: Date.UTC(2100, 0) })

/** What a clock of the zone shows, put together from the parts of a formatted date. */
function shown(timeZone: string, ms: number): number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  const parts = Object.fromEntries(format.formatToParts(ms).map(({ type, value }) => [type, Number(value)]))
  const { year, month, day, hour, minute, second } = parts as Record<string, number>
  return Date.UTC(year!, month! - 1, day, hour, minute, second) + (((ms % 1_000) + 1_000) % 1_000)
}

test('every zone shows at any instant what its clocks show', () => {
  fc.assert(
    fc.property(fc.constantFrom(...names), instants, (name, ms) => {
      expect(ms + zoneOf(name).stretchAt(ms).offset).toBe(shown(name, ms))
    }),
    { numRuns: 1_000 },
  )
})

test('a stretch is told by its clocks: they change at its ends and nowhere in it', () => {
  fc.assert(
    fc.property(fc.constantFrom(...names), instants, (name, ms) => {
      const zone = zoneOf(name)
      if (zone.isUtc) return
      const { start, end, offset, before, after } = zone.stretchAt(ms)

      expect([start, end - 1].map((edge) => shown(name, edge) - edge)).toEqual([offset, offset])
      expect(shown(name, start - 1) - (start - 1)).toBe(before)
      expect(shown(name, end) - end).toBe(after)
    }),
    { numRuns: 300 },
  )
})

test('a local time leads to an instant at which clocks show it, or past which they have skipped it', () => {
  fc.assert(
    fc.property(fc.constantFrom(...names), instants, (name, local) => {
      const zone = zoneOf(name)
      const [first, second] = [zone.instantOf(local, 'first'), zone.instantOf(local, 'second')]
      const isShown = shown(name, first) === local

      expect(shown(name, second) === local).toBe(isShown)
      if (isShown) expect(first).toBeLessThanOrEqual(second)
      else {
        expect(first).toBe(second)
        expect(shown(name, first)).toBeGreaterThan(local)
        expect(shown(name, first - 1)).toBeLessThan(local)
      }
    }),
    { numRuns: 1_000 },
  )
})

test.each([
  ['UTC', '2024-03-31T02:30', '2024-03-31T02:30', '2024-03-31T02:30'],
  ['Etc/UTC', '2024-03-31T02:30', '2024-03-31T02:30', '2024-03-31T02:30'],
  ['Europe/Berlin', '2024-03-31T01:59', '2024-03-31T00:59', '2024-03-31T00:59'],
  ['Europe/Berlin', '2024-03-31T02:00', '2024-03-31T01:00', '2024-03-31T01:00'],
  ['Europe/Berlin', '2024-03-31T02:59', '2024-03-31T01:00', '2024-03-31T01:00'],
  ['Europe/Berlin', '2024-03-31T03:00', '2024-03-31T01:00', '2024-03-31T01:00'],
  ['Europe/Berlin', '2024-10-27T01:59', '2024-10-26T23:59', '2024-10-26T23:59'],
  ['Europe/Berlin', '2024-10-27T02:00', '2024-10-27T00:00', '2024-10-27T01:00'],
  ['Europe/Berlin', '2024-10-27T02:59', '2024-10-27T00:59', '2024-10-27T01:59'],
  ['Europe/Berlin', '2024-10-27T03:00', '2024-10-27T02:00', '2024-10-27T02:00'],
  ['US/Central', '2021-11-07T01:30', '2021-11-07T06:30', '2021-11-07T07:30'],
  ['Asia/Kolkata', '2024-01-01T00:00', '2023-12-31T18:30', '2023-12-31T18:30'],
  ['Australia/Lord_Howe', '2024-04-07T01:45', '2024-04-06T14:45', '2024-04-06T15:15'],
  ['Australia/Lord_Howe', '2024-10-06T02:15', '2024-10-05T15:30', '2024-10-05T15:30'],
  ['Pacific/Apia', '2011-12-29T23:59', '2011-12-30T09:59', '2011-12-30T09:59'],
  ['Pacific/Apia', '2011-12-30T00:00', '2011-12-30T10:00', '2011-12-30T10:00'],
  ['Pacific/Apia', '2011-12-30T23:59', '2011-12-30T10:00', '2011-12-30T10:00'],
  ['Pacific/Apia', '2011-12-31T00:00', '2011-12-30T10:00', '2011-12-30T10:00'],
])('in %s clocks show %s at %s, and for the last time at %s', (name, local, first, second) => {
  const ms = Date.parse(`${local}Z`)

  const got = (['first', 'second'] as const).map((pass) => new Date(zoneOf(name).instantOf(ms, pass)).toISOString())

  expect(got).toEqual([`${first}:00.000Z`, `${second}:00.000Z`])
})

test('a zone that does not exist is refused, with the one that was probably meant', () => {
  expect(() => zoneOf('America/NewYork')).toThrow('did you mean "America/New_York"?')
  expect(() => zoneOf('Mars/Base')).toThrow('no time zone is called "Mars/Base"')
})
