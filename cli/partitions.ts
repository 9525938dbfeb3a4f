import type { PartitionKey, PartitionRow, RunAsk } from '#pipeline'
import {
  assetNamed,
  depsOf,
  everyPartition,
  heldStates,
  parsePartitions,
  partitionsIn,
  planRun,
  stepsOf,
} from '#pipeline'
import { BadInput } from '../config.ts'
import type { Context, GlobalOptions } from './context.ts'
import { openReader } from './context.ts'
import { count, instant, print, printJson, styled, table } from './terminal.ts'

const statuses = ['fresh', 'stale', 'missing', 'failed', 'rejected', 'running'] as const
type Status = (typeof statuses)[number]

interface Options extends GlobalOptions {
  readonly partition?: string
  readonly status?: string
  readonly limit: string
}

/** Shows the state of an asset's partitions, and why one is stale. */
export async function partitions(name: string, options: Options): Promise<void> {
  if (options.status !== undefined && !statuses.includes(options.status as Status)) {
    throw new BadInput(`no status is called "${options.status}"; use one of ${statuses.join(', ')}`)
  }
  const context = await openReader(options)
  try {
    const asset = assetNamed(context.definitions, name)
    const now = new Date()
    const filter = options.partition === undefined ? everyPartition : parsePartitions([asset], options.partition, now)
    const keys = partitionsIn(asset, filter, now)
    const known = new Map((await context.store.partitions(name)).map((row) => [row.key, row]))
    const reasons = await reasonsFor(context, {
      assets: [name],
      filter,
      mode: 'needed',
      now: now.getTime(),
      reason: 'look',
    })
    const rows = keys.map((key) => describe(key, known.get(key), reasons.get(key), now.getTime()))
    const wanted = options.status === undefined ? rows : rows.filter(({ status }) => status === options.status)
    if (options.json) return printJson(wanted)
    printTable(wanted, rows, Number(options.limit))
  } finally {
    await context.close()
  }
}

async function reasonsFor(context: Context, ask: RunAsk): Promise<ReadonlyMap<PartitionKey, string>> {
  const asset = assetNamed(context.definitions, ask.assets[0]!)
  const names = [asset.name, ...depsOf(asset).map(([, dependency]) => dependency.name)]
  const states = await Promise.all(
    names.map(async (name) => [name, heldStates(await context.store.states(name))] as const),
  )
  const plan = planRun(ask, context.definitions, new Map(states))
  return new Map(Array.from(stepsOf(plan), (step) => [step.key, step.why]))
}

function describe(key: PartitionKey, row: PartitionRow | undefined, why: string | undefined, now: number) {
  const isRunning = (row?.leasedUntil ?? 0) > now
  return {
    partition: key,
    status: isRunning ? ('running' as const) : statusOf(row, why),
    rows: row?.file?.rows ?? null,
    bytes: row?.file?.bytes ?? null,
    publishedAt: row?.publishedAt ?? null,
    run: row?.run ?? null,
    why: row?.error ?? why ?? null,
  }
}

function statusOf(row: PartitionRow | undefined, why: string | undefined): Status {
  if (!row || row.state.status === 'missing') return 'missing'
  if (row.state.status === 'published') return why === undefined ? 'fresh' : 'stale'
  return row.state.status
}

type Described = ReturnType<typeof describe>

const styles = {
  fresh: 'green',
  stale: 'yellow',
  missing: 'dim',
  failed: 'red',
  rejected: 'red',
  running: 'cyan',
} as const satisfies Record<Status, string>

function printTable(rows: readonly Described[], all: readonly Described[], limit: number): void {
  const shown = rows.slice(-limit)
  print(
    table(shown, [
      { title: 'partition', text: (row) => row.partition || '(whole)' },
      { title: 'status', text: (row) => row.status, style: (row) => styles[row.status] },
      { title: 'rows', text: (row) => (row.rows === null ? '-' : count(row.rows)), align: 'right' },
      { title: 'published', text: (row) => instant(row.publishedAt) },
      { title: 'why', text: (row) => (row.status === 'fresh' || row.status === 'missing' ? '' : (row.why ?? '')) },
    ]),
  )
  if (shown.length < rows.length)
    print(styled('dim', `the last ${shown.length} of ${count(rows.length)}; --limit shows more`))
  const counted = statuses.flatMap((status) => {
    const number = all.filter((row) => row.status === status).length
    return number > 0 ? [styled(styles[status], `${count(number)} ${status}`)] : []
  })
  print(`\n${count(all.length)} partitions: ${counted.join(', ')}`)
}
