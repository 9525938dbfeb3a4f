import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cronOf, ticksBetween } from '../../../pipeline/define/cron.ts'
import { zoneOf } from '../../../pipeline/define/zone.ts'

const at = (text: string) => Date.parse(text)
const iso = (ms: number) => `${new Date(ms).toISOString().slice(0, 16)}Z`

test.each([
  ['a day', '10 0 * * *', 'UTC', '2024-01-01T00:10Z', ['2024-01-01T00:10Z', '2024-01-02T00:10Z']],
  ['from between', '10 0 * * *', 'UTC', '2024-01-01T00:11Z', ['2024-01-02T00:10Z', '2024-01-03T00:10Z']],
  ['a zone', '0 9 * * *', 'Europe/Berlin', '2024-07-01T00:00Z', ['2024-07-01T07:00Z', '2024-07-02T07:00Z']],
  ['a time skipped', '30 2 * * *', 'Europe/Berlin', '2024-03-30T02:00Z', ['2024-03-31T01:00Z', '2024-04-01T00:30Z']],
  [
    'a time shown twice',
    '30 2 * * *',
    'Europe/Berlin',
    '2024-10-26T22:00Z',
    ['2024-10-27T01:30Z', '2024-10-28T01:30Z'],
  ],
  ['two that collide', '0 2,3 * * *', 'Europe/Berlin', '2024-03-31T00:00Z', ['2024-03-31T01:00Z', '2024-04-01T00:00Z']],
  [
    'an hour shown twice',
    '0 * * * *',
    'Europe/Berlin',
    '2024-10-27T00:00Z',
    ['2024-10-27T00:00Z', '2024-10-27T01:00Z', '2024-10-27T02:00Z'],
  ],
  ['an hour skipped', '45 * * * *', 'Europe/Berlin', '2024-03-31T00:30Z', ['2024-03-31T00:45Z', '2024-03-31T01:45Z']],
  [
    'half an hour skipped',
    '0 2 * * *',
    'Australia/Lord_Howe',
    '2023-09-30T00:00Z',
    ['2023-09-30T15:30Z', '2023-10-01T15:00Z'],
  ],
  ['a local minute', '30 * * * *', 'Asia/Kathmandu', '2026-02-15T18:15Z', ['2026-02-15T18:45Z', '2026-02-15T19:45Z']],
  ['a leap day', '2 4 29 2 *', 'UTC', '2023-03-27T00:00Z', ['2024-02-29T04:02Z', '2028-02-29T04:02Z']],
  ['no leap day in 2100', '0 0 29 2 *', 'UTC', '2096-03-01T00:00Z', ['2104-02-29T00:00Z']],
  ['a date or a weekday', '0 0 13 * 5', 'UTC', '2024-09-07T00:00Z', ['2024-09-13T00:00Z', '2024-09-20T00:00Z']],
  ['either, late', '0 0 13 * 5', 'UTC', '2024-10-12T00:00Z', ['2024-10-13T00:00Z', '2024-10-18T00:00Z']],
  [
    'Sunday as 7',
    '0 0 * * 6-7',
    'UTC',
    '2024-01-01T00:00Z',
    ['2024-01-06T00:00Z', '2024-01-07T00:00Z', '2024-01-13T00:00Z'],
  ],
  ['the last day', '0 0 L 2,4 *', 'UTC', '2024-01-01T00:00Z', ['2024-02-29T00:00Z', '2024-04-30T00:00Z']],
  ['the last and another', '0 0 15,L * *', 'UTC', '2023-02-01T00:00Z', ['2023-02-15T00:00Z', '2023-02-28T00:00Z']],
  ['steps of days', '0 0 */30 * *', 'UTC', '2024-01-02T00:00Z', ['2024-01-31T00:00Z', '2024-02-01T00:00Z']],
  ['a step from a value', '50/4 12 * * *', 'UTC', '2024-01-01T00:00Z', ['2024-01-01T12:50Z', '2024-01-01T12:54Z']],
  [
    'names over the end',
    '0 0 * DEC-JAN sat-MON',
    'UTC',
    '2024-01-29T00:00Z',
    ['2024-01-29T00:00Z', '2024-12-01T00:00Z'],
  ],
  [
    'hours over the end',
    '0 22-2/2 * * *',
    'UTC',
    '2024-01-01T01:00Z',
    ['2024-01-01T02:00Z', '2024-01-01T22:00Z', '2024-01-02T00:00Z'],
  ],
  [
    'only midnight, shown twice',
    '0 0 * * *',
    'America/Havana',
    '2024-11-03T03:00Z',
    ['2024-11-03T05:00Z', '2024-11-04T05:00Z'],
  ],
  [
    'a day that never was',
    '0 12 * * *',
    'Pacific/Apia',
    '2011-12-29T12:00Z',
    ['2011-12-29T22:00Z', '2011-12-30T10:00Z', '2011-12-30T22:00Z'],
  ],
  ['@hourly', '@hourly', 'UTC', '2024-01-01T00:30Z', ['2024-01-01T01:00Z']],
  ['@midnight', ' @midnight ', 'UTC', '2024-01-01T00:30Z', ['2024-01-02T00:00Z']],
  ['@weekly', '@WEEKLY', 'UTC', '2024-01-01T00:30Z', ['2024-01-07T00:00Z']],
  ['@annually', '@annually', 'UTC', '2024-01-01T00:30Z', ['2025-01-01T00:00Z']],
])('it ticks forward and backward alike: %s', (_, text, timezone, from, ticks) => {
  const cron = cronOf(text, timezone)
  const last = at(ticks.at(-1)!)

  expect(ticksBetween(cron, at(from) - 1, last, 10).map(iso)).toEqual(ticks)
  expect(iso(cron.atOrBefore(last)!)).toBe(ticks.at(-1))
  if (ticks.length > 1) expect(iso(cron.atOrBefore(last - 1)!)).toBe(ticks.at(-2))
})

test.each([
  ['totally-invalid', 'number of fields: expected five (minute, hour, day of month, month, day of week)'],
  ['0 0 * * * *', 'got "6"'],
  ['', 'got "1"'],
  ['60 * * * *', 'unusable minute: expected 0 to 59, with - , */ between them, got "60"'],
  ['0 -24 * * *', 'unusable hour'],
  ['0 24 * * *', 'unusable hour'],
  ['*/0 * * * *', 'unusable minute'],
  ['1,,2 * * * *', 'unusable minute'],
  ['0 0 0 * *', 'unusable day of month: expected 1 to 31, L for the last'],
  ['0 0 32 * *', 'unusable day of month'],
  ['0 0 30 2 *', 'unusable day of month: expected a day of its month, got "30"'],
  ['0 0 31 2,4,6,9,11 *', 'expected a day of its month'],
  ['0 0 1 13 *', 'unusable month: expected 1 to 12 or JAN to DEC'],
  ['0 0 1 MAI *', 'unusable month'],
  ['0 0 * * 8', 'unusable day of week: expected 0 to 7 or SUN to SAT'],
  ['0 0 * * MON#1', 'unusable day of week'],
  ['@reboot', 'number of fields'],
  ['constructor', 'number of fields'],
])('"%s" is refused', (text, message) => {
  expect(() => cronOf(text, 'UTC')).toThrow(message)
})

test.each(['0 0 29 2 *', '0 0 31 1-12 *', '0 0 30 2 3', '0 0 L 2 *'])(
  '"%s" means days that come, if rarely',
  (text) => {
    expect(cronOf(text, 'UTC').atOrAfter(0)).toBeDefined()
  },
)

const minute = 60_000
test.each([
  ['* * * * *', 'UTC', 1],
  ['*/15 * * * *', 'America/Los_Angeles', 15],
  ['15,45 * * * *', 'UTC', 30],
  ['*/25 * * * *', 'UTC', 10],
  ['0 * * * *', 'America/New_York', 60],
  ['30 * * * *', 'Australia/Lord_Howe', 30],
  ['0 9,17 * * *', 'UTC', 8 * 60],
  ['0 2 * * *', 'Europe/Berlin', 23 * 60],
  ['0 9 * * 1-5', 'UTC', 24 * 60],
  ['0 9 * * 1,3,5', 'UTC', 2 * 24 * 60],
  ['0 0 1 * *', 'UTC', 28 * 24 * 60],
  ['0 9 1,15 * *', 'UTC', 14 * 24 * 60],
  ['0 0 29 2 *', 'UTC', 1461 * 24 * 60],
])('"%s" in %s never ticks twice within %d minutes', (text, timezone, minutes) => {
  expect(cronOf(text, timezone).smallestInterval()).toBe(minutes * minute)
})

const part = (min: number, max: number) => {
  const value = fc.integer({ min, max })
  const range = fc.tuple(value, value).map(([from, to]) => `${Math.min(from, to)}-${Math.max(from, to)}`)
  const step = fc.integer({ min: 1, max: 20 }).map((every) => `*/${every}`)
  return fc.oneof(fc.constant('*'), value.map(String), range, step, fc.tuple(value, value).map(String))
}
const texts = fc.tuple(part(0, 59), part(0, 23), part(1, 28), part(1, 12), part(0, 7)).map((fields) => fields.join(' '))
/** Zones, and instants within three hours or three days of a change of their clocks. */
const places = fc
  .tuple(
    fc.constantFrom(
      ['UTC', '2024-06-30T00:00Z'],
      ['America/New_York', '2024-03-10T07:00Z'],
      ['America/New_York', '2024-11-03T06:00Z'],
      ['America/St_Johns', '2024-03-10T05:30Z'],
      ['America/St_Johns', '2024-11-03T04:30Z'],
      ['America/Havana', '2024-03-10T05:00Z'],
      ['America/Havana', '2024-11-03T05:00Z'],
      ['Europe/Berlin', '2024-03-31T01:00Z'],
      ['Europe/Berlin', '2024-10-27T01:00Z'],
      ['Africa/Casablanca', '2024-03-10T02:00Z'],
      ['Africa/Casablanca', '2024-04-14T02:00Z'],
      ['Asia/Kathmandu', '2024-01-01T00:00Z'],
      ['Australia/Lord_Howe', '2024-04-06T15:00Z'],
      ['Australia/Lord_Howe', '2024-10-05T15:30Z'],
      ['Pacific/Apia', '2011-12-30T10:00Z'],
    ),
    fc.oneof(fc.integer({ min: -180, max: 180 }), fc.integer({ min: -3 * 1440, max: 3 * 1440 })),
  )
  .map(([[timezone, change], minutes]) => ({ timezone: timezone!, from: at(change!) + minutes * minute }))

test('backward is the mirror of forward', () => {
  fc.assert(
    fc.property(texts, places, (text, { timezone, from }) => {
      const cron = cronOf(text, timezone)
      const ticks = ticksBetween(cron, from - 1, Number.POSITIVE_INFINITY, 30)
      const back: number[] = []
      for (let tick = ticks.at(-1)!; back.length < ticks.length; tick = cron.atOrBefore(tick - 1)!) back.unshift(tick)

      expect(back).toEqual(ticks)
      expect(cron.atOrBefore(from - 1)!).toBeLessThan(from)
      expect(cron.atOrAfter(cron.atOrBefore(from - 1)! + 1)).toBe(ticks[0])
      ticks.forEach((tick, index) => {
        if (index > 0) expect(tick).toBeGreaterThan(ticks[index - 1]!)
        expect(cron.atOrAfter(tick)).toBe(tick)
        expect(cron.atOrBefore(tick)).toBe(tick)
      })
    }),
    { numRuns: 500 },
  )
})

/** Every minute of eight days, asked of the clocks themselves. */
function bySight(text: string, timezone: string, from: number): number[] {
  const [minutes, hours, dates, months, weekdays] = text.split(' ').map((field, index) => {
    const [min, max] = (
      [
        [0, 59],
        [0, 23],
        [1, 31],
        [1, 12],
        [0, 7],
      ] as const
    )[index]!
    const values = field.split(',').flatMap((one) => {
      const [range, step = '1'] = one.split('/')
      const [low, high] = range === '*' ? [min, max] : range!.split('-').map(Number)
      return Array.from({ length: (high ?? low!) - low! + 1 }, (_, n) => low! + n).filter(
        (n) => (n - low!) % Number(step) === 0,
      )
    })
    return index === 4 && field === '*' ? [0, 1, 2, 3, 4, 5, 6] : values
  }) as [number[], number[], number[], number[], number[]]
  const days = new Set(weekdays.map((value) => value % 7))
  const anyDate = new Set(dates).size === 31
  const anyDay = days.size === 7
  const matches = (local: number) => {
    const date = new Date(local)
    const onDate = dates.includes(date.getUTCDate())
    const onDay = days.has(date.getUTCDay())
    const day = anyDate && anyDay ? true : anyDate ? onDay : anyDay ? onDate : onDate || onDay
    return (
      day &&
      months.includes(date.getUTCMonth() + 1) &&
      hours.includes(date.getUTCHours()) &&
      minutes.includes(date.getUTCMinutes())
    )
  }
  const zone = zoneOf(timezone)
  const shown = Array.from({ length: 8 * 1440 }, (_, n) => from + n * minute).map(
    (ms) => [ms, ms + zone.stretchAt(ms).offset] as const,
  )
  if (new Set(hours).size === 24) return shown.filter(([, local]) => matches(local)).map(([ms]) => ms)
  const last = new Map(shown.map(([ms, local]) => [local, ms]))
  const ticks = new Set([...last].filter(([local]) => matches(local)).map(([, ms]) => ms))
  shown.forEach(([ms, local], index) => {
    if (index === 0) return
    for (let skipped = shown[index - 1]![1] + minute; skipped < local; skipped += minute)
      if (matches(skipped)) ticks.add(ms)
  })
  return [...ticks].sort((a, b) => a - b)
}

test('its ticks are those that a watcher of the clocks would count', () => {
  fc.assert(
    fc.property(texts, places, (text, { timezone, from: middle }) => {
      const from = middle - 4 * 1440 * minute
      const sight = bySight(text, timezone, from)
      // A time shown twice is decided by what comes after: leave the edges of the watch alone.
      const [start, end] = [from + 1500 * minute, from + 6 * 1440 * minute]

      const ticks = sight.filter((tick) => tick > start && tick <= end)
      const cron = cronOf(text, timezone)
      const asked = [middle - minute, middle, middle + 1, middle + 61 * minute]

      expect(ticksBetween(cron, start, end, 20_000)).toEqual(ticks)
      for (const ms of asked) {
        const before = ticks.findLast((tick) => tick <= ms)
        if (before !== undefined) expect(cron.atOrBefore(ms)).toBe(before)
        const after = ticks.find((tick) => tick >= ms)
        if (after !== undefined) expect(cron.atOrAfter(ms)).toBe(after)
      }
    }),
    { numRuns: 400 },
  )
})

test('a hundred thousand ticks in a zone whose clocks change are counted in a moment', () => {
  const cron = cronOf('*/5 * * * *', 'Europe/Berlin')
  const before = performance.now()

  const ticks = ticksBetween(cron, at('2024-01-01T00:00Z'), Number.POSITIVE_INFINITY, 100_000)

  expect(ticks).toHaveLength(100_000)
  expect(performance.now() - before).toBeLessThan(500)
})
