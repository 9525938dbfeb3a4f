import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { AdapterModule, Case, CaseFile, Compared } from './case.ts'
import { reasonFor } from './skips.ts'
import { watched } from './watched.ts'

/** `npm run cases -- DIR`: puts every case of the files in a folder to this implementation, and tells where answers differ. */
const folder = process.argv[2]
if (folder === undefined) {
  process.stderr.write('usage: npm run cases -- DIR\n')
  process.exit(2)
}
// The runner decides for itself in which zone it lives: no answer may depend on it.
process.env.TZ ??= 'America/New_York'

const known = readdirSync(join(import.meta.dirname, 'adapters')).map((file) => file.replace(/\.ts$/, ''))
const rows: { file: string; passed: number; failed: number; skipped: number }[] = []
for (const file of readdirSync(resolve(folder))
  .filter((one) => one.endsWith('.json'))
  .sort()) {
  rows.push(await runFile(JSON.parse(readFileSync(join(resolve(folder), file), 'utf8')) as CaseFile))
}
printTable()
if (rows.length === 0) process.stderr.write(`no case file is in "${folder}": expected *.json\n`)
if (rows.length === 0 || rows.some(({ failed }) => failed > 0)) process.exitCode = 1

async function runFile(file: CaseFile) {
  const row = { file: file.name, passed: 0, failed: 0, skipped: 0 }
  const adapter = known.includes(file.name)
    ? ((await import(`./adapters/${file.name}.ts`)) as AdapterModule)
    : undefined
  for (const one of file.cases) {
    const differences = await differencesOf(adapter, one, file)
    if (differences.length === 0) row.passed += 1
    else if (reasonFor(one) !== undefined) {
      row.skipped += 1
      continue
    } else row.failed += 1
    for (const { what, expected, got } of differences) {
      process.stdout.write(`${file.name} ${one.id}: ${what}: expected ${text(expected)}, got ${text(got)}\n`)
    }
  }
  return row
}

async function differencesOf(
  adapter: AdapterModule | undefined,
  one: Case,
  file: CaseFile,
): Promise<readonly Compared[]> {
  if (!adapter) return [{ what: 'adapter', expected: `test/semantics/adapters/${file.name}.ts`, got: 'none' }]
  try {
    const { watched: shown, left } = watched(one)
    const compared = await adapter.run(shown, file)
    // A case that nothing was compared for has not been looked at.
    if (compared.length === 0) return [{ what: 'comparison', expected: 'at least one', got: 'none' }]
    const differences = compared.filter(({ expected, got }) => !isDeepStrictEqual(expected, got))
    const unread = [...left].filter((field) => !adapter.beside?.includes(field))
    if (differences.length > 0 || unread.length === 0) return differences
    // What was expected, or done, has to be looked at; what else a case tells may be beside the point, and is shown.
    const asks = unread.filter((field) => field.startsWith('expected') || field.includes('.'))
    if (asks.length > 0) return [{ what: 'fields', expected: 'all looked at', got: asks }]
    process.stdout.write(`${file.name} ${one.id}: passed without a look at ${unread.join(', ')}\n`)
    return []
  } catch (error) {
    return [
      { what: 'answer', expected: 'one', got: error instanceof Error ? `${error.name}: ${error.message}` : error },
    ]
  }
}

function text(value: unknown): string {
  const whole = JSON.stringify(value) ?? String(value)
  return whole.length > 400 ? `${whole.slice(0, 400)}…` : whole
}

function printTable(): void {
  const total = (of: 'passed' | 'failed' | 'skipped') => rows.reduce((sum, row) => sum + row[of], 0)
  const all = [...rows, { file: 'all', passed: total('passed'), failed: total('failed'), skipped: total('skipped') }]
  const width = Math.max(...all.map(({ file }) => file.length))
  process.stdout.write(`\n${'file'.padEnd(width)}  passed  failed  skipped\n`)
  for (const { file, passed, failed, skipped } of all) {
    const numbers = [String(passed).padStart(6), String(failed).padStart(6), String(skipped).padStart(7)]
    process.stdout.write(`${file.padEnd(width)}  ${numbers.join('  ')}\n`)
  }
}
