import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import { progressLines } from '../../cli/progress.ts'

const counts = (planned: number, published: number, failed: number) => {
  const of = (value: number) => ({ bronze_a_name_that_is_rather_long_indeed: value, silver: value })
  return {
    planned: of(planned),
    published: of(published),
    unchanged: {},
    skipped: {},
    rejected: {},
    failed: of(failed),
    blocked: {},
    canceled: {},
  }
}

// A line that wraps would be erased by half.
test.each([
  [80, 180, 17, 0],
  [80, 12_000, 100, 0],
  [80, 12_000, 100, 9_000],
  [120, 12_000, 100, 9_000],
])('no line of the progress is as wide as a terminal of %i columns', (width, planned, published, failed) => {
  const state = { status: 'running', counts: counts(planned, published, failed) } as const
  const lines = progressLines(state as never, { silver: 32 }, () => (published + failed) / 3_600, width)

  expect(lines.map((line) => stripVTControlCharacters(line).length).filter((length) => length >= width)).toEqual([])
  expect(stripVTControlCharacters(lines[1]!)).toMatch(/^ {2}silver .*[█░]{6,24} /)
})
