import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
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

test('a folder without a case is an error, not a success', () => {
  const { status, stderr } = runCases(temporaryFolder())

  expect(stderr).toContain('no case file is in')
  expect(status).toBe(1)
})
