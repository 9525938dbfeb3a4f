import type { RolledBack } from '#pipeline'
import { everyPartition, parsePartitions, parsePast, selectAssets } from '#pipeline'
import type { GlobalOptions } from './context.ts'
import { openWriter } from './context.ts'
import { count, print, printJson, styled, table } from './terminal.ts'

/** Partitions that went as they were asked to are listed up to here; those left alone all are. */
const mostShown = 100

/** `bullion rollback`: publishes again what was published before. */
export async function rollback(
  selection: string,
  options: GlobalOptions & { readonly to: string; readonly partition?: string; readonly dryRun?: boolean },
): Promise<void> {
  const context = await openWriter(options)
  try {
    const assets = selectAssets(context.definitions, selection)
    const now = new Date()
    const keys = await context.engine.keys(now.getTime())
    const filter =
      options.partition === undefined ? everyPartition : parsePartitions(assets, options.partition, now, keys)
    const to = await parsePast(context.store, options.to)
    const isDry = options.dryRun === true
    await context.engine.freeDead()
    const done = await context.engine.rollback({ assets: assets.map(({ name }) => name), filter, to, dryRun: isDry })
    if (done.some(isLeftAlone)) process.exitCode = 1
    if (options.json) return printJson(done)
    printDone(done, isDry)
  } finally {
    await context.close()
  }
}

const isLeftAlone = ({ outcome }: RolledBack) => outcome === 'held' || outcome === 'removed' || outcome === 'damaged'

function printDone(done: readonly RolledBack[], isDry: boolean): void {
  const shown = [...done.filter(isLeftAlone), ...done.filter((one) => !isLeftAlone(one)).slice(0, mostShown)]
  print(
    table(shown, [
      { title: 'asset', text: (one) => one.asset },
      { title: 'partition', text: (one) => one.key || '(whole)' },
      { title: 'version', text: (one) => one.to ?? '-' },
      { title: 'what', text: (one) => said(one, isDry), style: styleOf },
    ]),
  )
  if (shown.length < done.length) print(styled('dim', `and ${count(done.length - shown.length)} more`))
  const sums = Object.entries(Object.groupBy(done, (one) => summed(one, isDry)))
  print(`\n${sums.map(([text, those]) => `${count(those!.length)} ${text}`).join(', ')}`)
}

const summed = (one: RolledBack, isDry: boolean): string => {
  if (isLeftAlone(one)) return 'left alone'
  if (one.outcome === 'rolled-back') return isDry ? 'would be put back' : 'put back'
  return one.outcome === 'current' ? 'published already' : 'not published then'
}

function said(one: RolledBack, isDry: boolean): string {
  switch (one.outcome) {
    case 'held':
      return 'left alone: it is being made'
    case 'removed':
      return 'left alone: its file was given up'
    case 'damaged':
      return `left alone: its file is not what it was: ${one.why}`
    case 'rolled-back':
    case 'current':
    case 'absent':
      return summed(one, isDry)
    default:
      return one.outcome satisfies never
  }
}

const styleOf = (one: RolledBack) =>
  isLeftAlone(one) ? ('red' as const) : one.outcome === 'rolled-back' ? ('green' as const) : ('dim' as const)
