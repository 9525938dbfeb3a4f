import { total } from '#pipeline'
import { listWorkers } from '../server/queries.ts'
import type { GlobalOptions } from './context.ts'
import { openReader } from './context.ts'
import { count, counted, print, printJson, styled, table } from './terminal.ts'

type Listed = Awaited<ReturnType<typeof listWorkers>>[number]

/** `bullion workers`: the processes that share the store, what each is there for, and whose code differs from ours. */
export async function workers(options: GlobalOptions): Promise<void> {
  const context = await openReader(options)
  try {
    const all = await listWorkers(context)
    if (options.json) return printJson(all)
    if (all.length === 0) return print('no process works on this home at this moment')
    const isSilent = ({ silentMs }: Listed) => silentMs > context.config.leaseMs
    const known = ['', ...Object.keys(context.definitions.pools)]
    print(
      table(all, [
        { title: 'worker', text: ({ id }) => id },
        { title: 'is a', text: ({ role }) => role ?? '-' },
        {
          title: 'silent',
          text: ({ silentMs }) => `${(silentMs / 1_000).toFixed(1)} s`,
          align: 'right',
          style: (worker) => (isSilent(worker) ? 'red' : undefined),
        },
        { title: 'leads', text: ({ leads }) => (leads.length > 0 ? counted(leads.length, 'run') : '-') },
        { title: 'makes at once', text: (worker) => makes(worker, known) },
        { title: 'where', text: ({ host, pid }) => `${host}:${pid}` },
      ]),
    )
    const notes = all.flatMap((worker) => notesOn(worker, isSilent(worker)))
    if (notes.length > 0) print(`\n${notes.map((note) => styled('yellow', note)).join('\n')}`)
    const running = (await context.store.summaries()).filter((asset) => asset.running > 0)
    const held = Object.fromEntries(running.map((asset) => [asset.asset, asset.running]))
    const list = Object.entries(held).map(([asset, number]) => `${asset} ${count(number)}`)
    print(`\n${counted(total(held), 'partition')} being made${list.length > 0 ? `: ${list.join(', ')}` : ''}`)
  } finally {
    await context.close()
  }
}

function makes({ pools, concurrency }: Listed, known: readonly string[]): string {
  if (concurrency === null) return '-'
  // Whoever only leads has workers for that.
  if (pools.length === 0) return 'nothing'
  if (known.every((pool) => pools.includes(pool))) return `${concurrency} of each pool`
  return `${concurrency} of ${pools.map((pool) => pool || 'default').join(', ')}`
}

function notesOn({ id, differs, version, silentMs }: Listed, isSilent: boolean): readonly string[] {
  return [
    ...(isSilent
      ? [`${id} was last heard of ${Math.round(silentMs / 1_000)} s ago; others take over what it held`]
      : []),
    ...differs.map((what) => `${id} (bullion ${version}) has other code, and leaves steps of that to others: ${what}`),
  ]
}
