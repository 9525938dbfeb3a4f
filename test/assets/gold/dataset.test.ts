import { expect, test } from 'vitest'
import type { Dataset, DatasetFile } from '../../../assets/gold/dataset.ts'
import { datasetCard, datasetSpec, releaseId } from '../../../assets/gold/dataset.ts'

const at = (iso: string) => Date.parse(iso)

const file = (of: Partial<DatasetFile> = {}): DatasetFile => {
  const { interval = '1h', exchange = 'okx', period = '2024-01' } = of
  return {
    ...{ path: `data/${interval}/${exchange}/${period}.parquet`, sha256: 'ab'.repeat(32), bytes: 1_500_000 },
    ...{ interval, exchange, period, rows: 744, markets: ['BTC-USDT'] },
    ...{ minTime: at('2024-01-01T00:00:00Z'), maxTime: at('2024-01-31T23:00:00Z') },
    ...of,
  }
}

const dataset = (of: Partial<Dataset> = {}): Dataset => ({
  ...{ name: 'ohlcv', title: 'OHLCV candles', isSandbox: false },
  files: [
    file({ interval: '1d', rows: 31 }),
    file({ period: '2024-02', markets: ['ETH-USDT', 'BTC-USDT'], rows: 1_392, maxTime: at('2024-02-29T23:00:00Z') }),
    file(),
    file({ exchange: 'binance', rows: 100 }),
  ],
  columns: [
    { name: 'open_time', type: 'timestamp', unit: 'ms', description: 'start of the candle', nullable: false },
    { name: 'trades', type: 'integer', unit: null, description: 'number of trades | null if unsaid', nullable: true },
  ],
  ...{ gaps: 2, missingCandles: 1_234, checks: { passed: 40, failed: 1 } },
  ...of,
})

test('a release has the same id for the same content, in whatever order it is listed', () => {
  const { files } = dataset()

  expect(releaseId(files)).toMatch(/^[0-9a-f]{16}$/)
  expect(releaseId(files.toReversed())).toBe(releaseId(files))
  expect(releaseId([file({ sha256: 'cd'.repeat(32) })])).not.toBe(releaseId([file()]))
  expect(releaseId([file({ period: '2024-03' })])).not.toBe(releaseId([file()]))
})

test('spec.json lists each file with its proof, and what all of them hold', () => {
  const spec = JSON.parse(datasetSpec(dataset()))

  expect(spec).toMatchObject({ name: 'ohlcv', release: releaseId(dataset().files), sandbox: false, rows: 2_267 })
  expect(spec).toMatchObject({ bytes: 6_000_000, gaps: 2, missing_candles: 1_234, checks: { passed: 40, failed: 1 } })
  expect(spec.schema[0]).toEqual(dataset().columns[0])
  expect(spec.files[3]).toEqual({
    ...{ path: 'data/1h/okx/2024-02.parquet', sha256: 'ab'.repeat(32), bytes: 1_500_000, rows: 1_392 },
    ...{ interval: '1h', exchange: 'okx', period: '2024-02', markets: ['BTC-USDT', 'ETH-USDT'] },
    ...{ min_time: '2024-01-01T00:00:00Z', max_time: '2024-02-29T23:00:00Z' },
  })
})

test('an unchanged dataset has unchanged texts, in whatever order its files come', () => {
  const again = dataset({ files: dataset().files.toReversed() })

  expect(datasetSpec(again)).toBe(datasetSpec(dataset()))
  expect(datasetCard(again)).toBe(datasetCard(dataset()))
})

test('the card names one table an interval to the Hub, finest first', () => {
  const card = frontMatterOf(datasetCard(dataset()))

  expect(card).toEqual({
    ...{ license: 'other', pretty_name: 'OHLCV candles', tags: ['finance', 'crypto', 'ohlcv', 'time-series'] },
    size_categories: ['1K<n<10K'],
    configs: [
      { config_name: '1h', data_files: [{ split: 'train', path: 'data/1h/*/*.parquet' }] },
      { config_name: '1d', data_files: [{ split: 'train', path: 'data/1d/*/*.parquet' }] },
    ],
  })
})

test.each([
  [0, 'n<1K'],
  [999, 'n<1K'],
  [1_000, '1K<n<10K'],
  [2_500_000, '1M<n<10M'],
  [1e9, '1B<n<10B'],
  [1e12, 'n>1T'],
])('%i rows are of the size %s', (rows, size) => {
  const card = frontMatterOf(datasetCard(dataset({ files: [file({ rows })] })))

  expect(card.size_categories).toEqual([size])
})

test('a title can not break out of the YAML', () => {
  const title = 'Candles: "all"\n---\nlicense: mit # 1h'

  const card = frontMatterOf(datasetCard(dataset({ title })))

  expect(card).toMatchObject({ pretty_name: title, license: 'other' })
})

test('the card counts rows, files, markets and times of each interval and exchange', () => {
  const card = datasetCard(dataset())

  expect(tableRows(card, 'Interval')).toEqual([
    ['1h', 'binance', '1', '1', '100', '2024-01-01T00:00:00Z', '2024-01-31T23:00:00Z'],
    ['1h', 'okx', '2', '2', '2,136', '2024-01-01T00:00:00Z', '2024-02-29T23:00:00Z'],
    ['1d', 'okx', '1', '1', '31', '2024-01-01T00:00:00Z', '2024-01-31T23:00:00Z'],
  ])
  expect(card).toContain('of 2 markets on 2 exchanges:\n2,267 rows in 4 parquet files, 6.0 MB.')
  expect(card).toContain('- okx: BTC-USDT, ETH-USDT')
})

test('the card explains the columns with their units, and a bar in a text stays in its cell', () => {
  const rows = tableRows(datasetCard(dataset()), 'Column')

  expect(rows[0]).toEqual(['`open_time`', 'timestamp', 'ms', 'no', 'start of the candle'])
  expect(rows[1]?.[4]).toBe('number of trades \\| null if unsaid')
})

test('the card tells checks and gaps', () => {
  const card = datasetCard(dataset())

  expect(card).toContain('40 passed, 1 failed')
  expect(card).toContain('Gaps in the finest candles: 2, in which 1,234 candles are missing')
})

test('sandbox data says so in bold before anything else, and in its tags', () => {
  const card = datasetCard(dataset({ isSandbox: true }))

  expect(card.split('\n---\n')[1]).toMatch(
    /^\n# OHLCV candles \(sandbox\)\n\n\*\*Sandbox data: .* not market data\.\*\*/,
  )
  expect(frontMatterOf(card).tags).toContain('sandbox')
  expect(datasetCard(dataset())).not.toMatch(/sandbox/i)
})

test('a dataset without files has a card too', () => {
  const card = datasetCard(dataset({ files: [] }))

  expect(frontMatterOf(card)).not.toHaveProperty('configs')
  expect(card).toContain('There are no files in this release.')
})

/** The little YAML that a card has: lists by "- ", two spaces a level, scalars as JSON. Anything else fails. */
function frontMatterOf(card: string): Record<string, unknown> {
  const [, text] = /^---\n([\s\S]*?)\n---\n/.exec(card)!
  const lines = text!.split('\n')
  const result = readBlock(lines, 0) as Record<string, unknown>
  expect(lines).toEqual([])
  return result
}

function readBlock(lines: string[], indent: number): unknown {
  return /^ *- /.test(lines[0] ?? '') ? readList(lines, indent) : readMap(lines, indent)
}

function readList(lines: string[], indent: number): unknown[] {
  const items: unknown[] = []
  while (lines[0]?.startsWith(`${' '.repeat(indent)}- `)) {
    const rest = lines.shift()!.slice(indent + 2)
    if (rest.startsWith('"')) items.push(JSON.parse(rest))
    else items.push(readMap(prepended(lines, ' '.repeat(indent + 2) + rest), indent + 2))
  }
  return items
}

function readMap(lines: string[], indent: number): Record<string, unknown> {
  const entries: Record<string, unknown> = {}
  for (;;) {
    const [, spaces, key, value] = /^( *)(\w+):(?: (.*))?$/.exec(lines[0] ?? '') ?? []
    if (key === undefined || spaces!.length !== indent) return entries
    lines.shift()
    entries[key] = value === undefined ? readBlock(lines, indentOf(lines[0]!)) : JSON.parse(value)
  }
}

function prepended(lines: string[], line: string): string[] {
  lines.unshift(line)
  return lines
}

const indentOf = (line: string): number => line.length - line.trimStart().length

function tableRows(card: string, head: string): string[][] {
  const lines = card.split('\n')
  const start = lines.findIndex((line) => line.startsWith(`| ${head} |`)) + 2
  const end = lines.findIndex((line, index) => index >= start && !line.startsWith('|'))
  return lines.slice(start, end).map((line) => line.slice(2, -2).split(/ (?<!\\)\| /))
}
