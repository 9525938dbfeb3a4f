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
    print(
      table(all, [
        { title: 'worker', text: ({ id }) => id },
        { title: 'is a', text: ({ role }) => role ?? '-' },
        { title: 'host', text: ({ host, pid }) => `${shortened(host)}:${pid}` },
        { title: 'takes', text: takes },
        { title: 'leads', text: ({ leads }) => (leads.length > 0 ? counted(leads.length, 'run') : '-') },
        {
          title: 'silent',
          text: ({ silentMs }) => `${(silentMs / 1_000).toFixed(1)} s`,
          align: 'right',
          style: (worker) => (isSilent(worker) ? 'red' : undefined),
        },
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

/** Names of machines are told apart by their ends, too. */
const shortened = (host: string): string => (host.length > 16 ? `${host.slice(0, 7)}…${host.slice(-8)}` : host)

function takes({ role, pools, concurrency }: Listed): string {
  if (pools.length === 0) return '-'
  const names = pools.map((pool) => pool || 'default')
  // Without a queue a process makes what it leads itself, so many steps at once in all.
  return role === 'worker' ? `${concurrency} each of ${names.join(', ')}` : `${concurrency} of its own`
}

function notesOn({ id, differs, version, silentMs }: Listed, isSilent: boolean): readonly string[] {
  return [
    ...(isSilent
      ? [`${id} is not heard of since ${Math.round(silentMs / 1_000)} s; another takes over what it held`]
      : []),
    ...differs.map((what) => `${id} (bullion ${version}) has other code: ${what}`),
  ]
}
