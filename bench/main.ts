import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Measure } from './measure.ts'

/**
 * `npm run bench [-- NAME…] [--json]`: each file of bench/ alone in a process of its own, then one table. Those that take
 * many minutes are run by name only.
 */
const names = process.argv.slice(2).filter((word) => !word.startsWith('--'))
const asJson = process.argv.includes('--json')
const here = import.meta.dirname
const all = readdirSync(here)
  .filter((file) => file.endsWith('.bench.ts'))
  .map((file) => file.slice(0, -'.bench.ts'.length))
const long = ['distributed', 'web']
const unknown = names.find((name) => !all.includes(name))
if (unknown !== undefined) {
  process.stderr.write(`no bench is called "${unknown}"; there are ${all.join(', ')}\n`)
  process.exit(2)
}

const measures: Measure[] = []
for (const name of names.length > 0 ? names : all.filter((one) => !long.includes(one))) {
  if (!asJson) process.stderr.write(`measuring ${name} …\n`)
  measures.push(...(await run(join(here, `${name}.bench.ts`))))
}
if (asJson) for (const measure of measures) process.stdout.write(`${JSON.stringify(measure)}\n`)
else printTable(measures)

async function run(file: string): Promise<readonly Measure[]> {
  const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'inherit'] })
  let out = ''
  child.stdout.on('data', (text) => {
    out += text
  })
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  if (code !== 0) {
    process.stderr.write(`${file} ended with code ${code}\n`)
    process.exitCode = 1
  }
  return out
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Measure)
}

function printTable(list: readonly Measure[]): void {
  const number = (value: number | null) =>
    value === null ? '-' : value >= 100 ? Math.round(value).toLocaleString('en-US') : value.toPrecision(3)
  const rows = list.map((one) => [
    one.name,
    number(one.value),
    one.unit,
    number(one.reference),
    one.ratio === null ? '-' : one.ratio.toFixed(2),
    one.goal,
    one.ok === null ? '' : one.ok ? 'ok' : 'MISSED',
  ])
  const lines = [['name', 'value', 'unit', 'reference', 'ratio', 'goal', ''], ...rows]
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)))
  const isRight = (column: number) => column === 1 || column === 3 || column === 4
  for (const line of lines) {
    const texts = line.map((text, column) =>
      isRight(column) ? text.padStart(widths[column]!) : text.padEnd(widths[column]!),
    )
    process.stdout.write(`${texts.join('  ').trimEnd()}\n`)
  }
}
