import type { ListedPartition, ShownStatus } from '#pipeline'
import { assetNamed, everyPartition, keysAt, listPartitions, parsePartitions, shownStatuses } from '#pipeline'
import { BadInput } from '../config.ts'
import type { GlobalOptions } from './context.ts'
import { openReader } from './context.ts'
import { count, counted, instant, print, printJson, styled, table } from './terminal.ts'

interface Options extends GlobalOptions {
  readonly partition?: string
  readonly status?: string
  readonly limit: string
}

/** Shows the state of an asset's partitions, and why one is stale. */
export async function partitions(name: string, options: Options): Promise<void> {
  const status = options.status as ShownStatus | undefined
  if (status !== undefined && !shownStatuses.includes(status)) {
    throw new BadInput(`no status is called "${status}"; use one of ${shownStatuses.join(', ')}`)
  }
  const context = await openReader(options)
  try {
    const asset = assetNamed(context.definitions, name)
    const now = new Date()
    const keys = await keysAt(context, now.getTime())
    const filter =
      options.partition === undefined ? everyPartition : parsePartitions([asset], options.partition, now, keys)
    const limit = options.json ? Number.POSITIVE_INFINITY : Number(options.limit)
    const { counts, matching, listed } = await listPartitions(context, {
      asset: name,
      filter,
      status,
      limit,
      now: now.getTime(),
    })
    if (options.json) return printJson(listed.map(described))
    print(
      table(listed, [
        { title: 'partition', text: ({ key }) => key || '(whole)' },
        { title: 'status', text: (one) => one.status, style: (one) => styles[one.status] },
        { title: 'rows', text: ({ row }) => (row?.file ? count(row.file.rows) : '-'), align: 'right' },
        { title: 'published', text: ({ row }) => instant(row?.publishedAt ?? null) },
        { title: 'why', text: ({ why }) => why ?? '' },
      ]),
    )
    if (listed.length < matching)
      print(styled('dim', `the last ${listed.length} of ${count(matching)}; --limit shows more`))
    const parts = shownStatuses
      .filter((one) => counts[one] > 0)
      .map((one) => styled(styles[one], `${count(counts[one])} ${one}`))
    const all = shownStatuses.reduce((sum, one) => sum + counts[one], 0)
    print(`\n${counted(all, 'partition')}: ${parts.join(', ')}`)
  } finally {
    await context.close()
  }
}

const described = ({ key, status, why, row }: ListedPartition) => ({
  partition: key,
  status,
  rows: row?.file?.rows ?? null,
  bytes: row?.file?.bytes ?? null,
  publishedAt: row?.publishedAt ?? null,
  run: row?.run ?? null,
  why: why ?? null,
})

const styles = {
  fresh: 'green',
  stale: 'yellow',
  missing: 'dim',
  failed: 'red',
  rejected: 'red',
  running: 'cyan',
} as const satisfies Record<ShownStatus, string>
