import type { Dataset, DatasetColumn, DatasetFile, Share } from './dataset-content.ts'
import { byPath, isoTime, sharesOf, sum } from './dataset-content.ts'

/** YAML that names the tables to the Hub, then words for people. */
export function cardText(dataset: Dataset, release: string): string {
  const shares = sharesOf(dataset.files)
  const sections = [
    frontMatter(dataset, shares),
    `# ${titleOf(dataset).replace(/\s+/g, ' ')}`,
    dataset.isSandbox ? '**Sandbox data: invented or replayed for trials. It is not market data.**' : '',
    summary(dataset, shares, release),
    '## Tables',
    sharesTable(shares),
    marketList(shares),
    '## Columns',
    columnsTable(dataset.columns),
    '## How to load it',
    howToLoad(dataset.files),
    '## Checks and gaps',
    quality(dataset),
    '## Where it comes from',
    provenance(dataset),
  ]
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`
}

const titleOf = ({ title, isSandbox }: Dataset): string => (isSandbox ? `${title} (sandbox)` : title)

function frontMatter(dataset: Dataset, shares: readonly Share[]): string {
  const rows = sum(dataset.files, (file) => file.rows)
  const tags = ['finance', 'crypto', 'ohlcv', 'time-series', ...(dataset.isSandbox ? ['sandbox'] : [])]
  const intervals = [...new Set(shares.map(({ interval }) => interval))]
  const configs = intervals.flatMap((interval) => [
    `- config_name: ${yamlText(interval)}`,
    '  data_files:',
    '  - split: "train"',
    `    path: ${yamlText(`data/${interval}/*/*.parquet`)}`,
  ])
  return [
    '---',
    'license: "other"',
    `pretty_name: ${yamlText(titleOf(dataset))}`,
    'tags:',
    ...tags.map((tag) => `- ${yamlText(tag)}`),
    'size_categories:',
    `- ${yamlText(sizeCategory(rows))}`,
    ...(configs.length > 0 ? ['configs:', ...configs] : []),
    '---',
  ].join('\n')
}

// A JSON string is a YAML double-quoted scalar, whatever it holds; "1h" and "n<1K" then need no thought.
const yamlText = (text: string): string => JSON.stringify(text)

/** The Hub's own words for a number of rows. */
function sizeCategory(rows: number): string {
  const names = ['1K', '10K', '100K', '1M', '10M', '100M', '1B', '10B', '100B', '1T']
  const above = names.findIndex((_, index) => rows < 10 ** (index + 3))
  if (above === 0) return 'n<1K'
  return above === -1 ? 'n>1T' : `${names[above - 1]}<n<${names[above]}`
}

function summary({ files }: Dataset, shares: readonly Share[], release: string): string {
  const markets = new Set(shares.flatMap((share) => share.markets))
  const exchanges = new Set(shares.map(({ exchange }) => exchange))
  const size = (sum(files, ({ bytes }) => bytes) / 1e6).toFixed(1)
  return [
    `Candles (open, high, low, close, volume) of ${counted(markets.size, 'market')} on ${counted(exchanges.size, 'exchange')}:`,
    `${counted(
      sum(files, ({ rows }) => rows),
      'row',
    )} in ${counted(files.length, 'parquet file')}, ${size} MB.`,
    'All times are UTC. A candle covers the time from its open time up to, but not including, the next one.',
    'Each interval is a table of its own, cut into files by exchange and month; closed months keep their file and bytes',
    'from release to release.',
    `This is release \`${release}\`; \`spec.json\` lists each file with its sha256.`,
  ].join('\n')
}

function sharesTable(shares: readonly Share[]): string {
  const rows = shares.map(({ interval, exchange, markets, files, rows, minTime, maxTime }) => [
    ...[interval, exchange, grouped(markets.length), grouped(files), grouped(rows)],
    ...[isoTime(minTime) ?? '', isoTime(maxTime) ?? ''],
  ])
  return table(['Interval', 'Exchange', 'Markets', 'Files', 'Rows', 'First candle', 'Last candle'], rows)
}

function marketList(shares: readonly Share[]): string {
  const exchanges = [...new Set(shares.map(({ exchange }) => exchange))].sort()
  const lines = exchanges.map((exchange) => {
    const mine = shares.filter((share) => share.exchange === exchange)
    return `- ${exchange}: ${[...new Set(mine.flatMap(({ markets }) => markets))].sort().join(', ')}`
  })
  return lines.length === 0 ? '' : `Markets by exchange:\n\n${lines.join('\n')}`
}

function columnsTable(columns: readonly DatasetColumn[]): string {
  const rows = columns.map(({ name, type, unit, nullable, description }) => [
    ...[`\`${name}\``, type, unit ?? '', nullable ? 'yes' : 'no', description],
  ])
  return table(['Column', 'Type', 'Unit', 'May be null', 'Meaning'], rows)
}

function howToLoad(files: readonly DatasetFile[]): string {
  const last = byPath(files).at(-1)
  if (!last) return 'There are no files in this release.'
  const { interval, path } = last
  return [
    'In the folder of this dataset, with DuckDB:',
    fenced('sql', `SELECT * FROM 'data/${interval}/*/*.parquet' ORDER BY exchange, market, open_time;`),
    'One file with pandas:',
    fenced('python', `import pandas as pd\n\ncandles = pd.read_parquet('${path}')`),
    'One table with datasets, from the folder or by the id that this dataset has on the Hub:',
    fenced('python', `from datasets import load_dataset\n\ncandles = load_dataset('.', '${interval}', split='train')`),
  ].join('\n\n')
}

function quality({ gaps, missingCandles, checks }: Dataset): string {
  return [
    `- Checks of the rows: ${grouped(checks.passed)} passed, ${grouped(checks.failed)} failed.`,
    `- Gaps in the finest candles: ${grouped(gaps)}, in which ${counted(missingCandles, 'candle')} ${missingCandles === 1 ? 'is' : 'are'} missing. Nothing is filled in.`,
    '- Only candles that the exchange had closed are included.',
  ].join('\n')
}

function provenance({ isSandbox, files }: Dataset): string {
  const exchanges = [...new Set(files.map(({ exchange }) => exchange))].sort().join(', ')
  const source = isSandbox
    ? 'The rows were served by a local sandbox, which invents a market or replays a recorded one.'
    : `The rows were fetched from the public interfaces of ${exchanges || 'no exchange'}, whose terms apply to them.`
  return [
    source,
    'Coarser candles are made from the finest ones, and say from how many.',
    'This text, its numbers and `spec.json` are generated from the files by Bullion.',
  ].join('\n')
}

const grouped = (count: number): string => count.toLocaleString('en-US')

const counted = (count: number, noun: string): string => `${grouped(count)} ${noun}${count === 1 ? '' : 's'}`

const fenced = (language: string, text: string): string => `\`\`\`${language}\n${text}\n\`\`\``

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

/** A bar or a line break would end the cell. */
const cell = (text: string): string => text.replaceAll('|', '\\|').replace(/\s+/g, ' ')
