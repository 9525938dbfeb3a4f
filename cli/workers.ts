import type { Definitions, WorkerAbout } from '#pipeline'
import type { GlobalOptions } from './context.ts'
import { openReader } from './context.ts'
import { count, print, printJson, table } from './terminal.ts'

/** `bullion workers`: the processes that share the store, what each is there for, and whose code differs from ours. */
export async function workers(options: GlobalOptions): Promise<void> {
  const context = await openReader(options)
  try {
    const now = await context.store.now()
    const all = (await context.store.workers()).map(({ about, heartbeatAt, ...worker }) => ({
      ...worker,
      host: worker.host.split('/', 1)[0]!,
      role: about?.role ?? null,
      version: about?.version ?? null,
      pools: about?.pools ?? [],
      concurrency: about?.concurrency ?? null,
      silentMs: Math.max(0, now - heartbeatAt),
      differs: about ? differences(about, context.definitions) : [],
    }))
    if (options.json) return printJson(all)
    if (all.length === 0) return print('no process works on this home at this moment')
    print(
      table(all, [
        { title: 'worker', text: ({ id }) => id },
        { title: 'is a', text: ({ role }) => role ?? '-' },
        { title: 'host', text: ({ host, pid }) => `${host}:${pid}` },
        { title: 'pools', text: ({ pools }) => pools.map((pool) => pool || 'default').join(', ') || '-' },
        { title: 'at once', text: ({ concurrency }) => (concurrency ? count(concurrency) : '-'), align: 'right' },
        { title: 'heard', text: ({ silentMs }) => `${(silentMs / 1_000).toFixed(1)} s ago`, align: 'right' },
        {
          title: 'code',
          text: ({ differs }) => differs.join('; ') || 'as here',
          style: ({ differs }) => (differs.length > 0 ? 'yellow' : undefined),
        },
      ]),
    )
  } finally {
    await context.close()
  }
}

/** What a worker of other code does not make, as it is defined here. */
function differences({ code }: WorkerAbout, { assets }: Definitions): readonly string[] {
  const own = [...assets.values()].filter(({ external }) => !external)
  const lacks = own.filter(({ name }) => !(name in code)).map(({ name }) => name)
  const other = own.filter(({ name, codeVersion }) => name in code && code[name] !== codeVersion)
  return [
    ...(lacks.length > 0 ? [`lacks ${lacks.join(', ')}`] : []),
    ...other.map(({ name, codeVersion }) => `${name} is ${code[name]}, here ${codeVersion}`),
  ]
}
