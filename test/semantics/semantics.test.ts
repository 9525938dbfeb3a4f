import { spawnSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { temporaryFolder } from '../pipeline/temporary-folder.ts'

const folder = process.env.BULLION_SEMANTICS_CASES ?? resolve(import.meta.dirname, '../../../shared/semantics-cases')
const isThere = existsSync(folder)

const runCases = (dir: string) =>
  spawnSync(process.execPath, [join(import.meta.dirname, 'main.ts'), dir], { encoding: 'utf8', timeout: 60_000 })

describe.skipIf(!isThere)(`cases of "${folder}"${isThere ? '' : ': SKIPPED, the folder is not there'}`, () => {
  test('are answered as they say, or differently on purpose, and that at most one time in twenty', () => {
    const { stdout, status } = runCases(folder)
    const [, passed, failed, skipped] = /^all +(\d+) +(\d+) +(\d+)$/m.exec(stdout)!.map(Number)

    expect(stdout.match(/: expected .*/g) ?? []).toEqual([])
    expect([status, failed]).toEqual([0, 0])
    expect(skipped! / (passed! + skipped!)).toBeLessThan(0.05)
  }, 60_000)
})

const own = join(import.meta.dirname, 'own-cases')

test('the cases of our own are answered as they say, every one', () => {
  const { stdout } = runCases(own)

  expect(stdout.match(/: expected .*/g) ?? []).toEqual([])
  expect(/^all +(\d+) +(\d+) +(\d+)$/m.exec(stdout)!.slice(1).map(Number)).toEqual([150, 0, 0])
}, 60_000)

test.each([
  ['a field that no adapter knows', { cron: '0 0 * * *', valid: true, expectedTicks: 3 }, '["expectedTicks"]'],
  ['nothing to compare', { graph: [], bfsFrom: {}, steps: [] }, 'got'],
])('a case with %s fails, and does not pass', (_, fields, said) => {
  const folder = temporaryFolder()
  const name = 'cron' in fields ? 'cron-validity' : 'automation-conditions'
  writeFileSync(join(folder, `${name}.json`), JSON.stringify({ name, cases: [{ id: 'one', ...fields }] }))

  const { stdout, status } = runCases(folder)

  expect(stdout).toContain(said)
  expect(status).toBe(1)
})

test('a folder without a case is an error, not a success', () => {
  const { status, stderr } = runCases(temporaryFolder())

  expect(stderr).toContain('no case file is in')
  expect(status).toBe(1)
})
