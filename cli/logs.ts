import { setTimeout as sleep } from 'node:timers/promises'
import type { LogLine, RunStore } from '#pipeline'
import { assetNamed, isFinal, PipelineError } from '#pipeline'
import { BadInput } from '../config.ts'
import type { GlobalOptions } from './context.ts'
import { openReader } from './context.ts'
import { instant, print, styled } from './terminal.ts'

const levels = ['debug', 'info', 'warn', 'error'] as const

/** Events that are read at once. */
const page = 1_000

interface SaidLine extends LogLine {
  readonly asset: string
  readonly partition: string
}

/** Prints what the steps of a run said, in order; with `follow` until the run is over. JSON is an object a line. */
export async function runLogs(
  run: string,
  options: GlobalOptions & { readonly asset?: string; readonly level: string; readonly follow?: boolean },
): Promise<void> {
  const least = levels.indexOf(options.level as (typeof levels)[number])
  if (least < 0) throw new BadInput(`no level is called "${options.level}"; use one of ${levels.join(', ')}`)
  const context = await openReader(options)
  try {
    const { asset } = options
    if (asset !== undefined) assetNamed(context.definitions, asset)
    let said = 0
    for await (const line of linesOf(context.store, run, options.follow ?? false)) {
      if (levels.indexOf(line.level) < least || (asset !== undefined && line.asset !== asset)) continue
      said += 1
      print(options.json ? JSON.stringify(line) : shownLine(line))
    }
    if (said === 0 && !options.json) print(styled('dim', 'its steps said nothing that fits'))
  } finally {
    await context.close()
  }
}

async function* linesOf(store: RunStore, run: string, isFollowing: boolean): AsyncGenerator<SaidLine> {
  let after = 0
  for (;;) {
    // Looked at before the events are read: what is said last is there once the run is over.
    const row = await store.run(run)
    if (!row) throw new PipelineError('run.unknown', { run })
    for (;;) {
      const events = await store.events({ run, after, limit: page })
      for (const { type, asset, key, payload } of events) {
        if (type !== 'log') continue
        for (const line of payload.lines as unknown as readonly LogLine[]) yield { asset, partition: key, ...line }
      }
      after = events.at(-1)?.id ?? after
      if (events.length < page) break
    }
    if (!isFollowing || isFinal[row.status]) return
    await sleep(500)
  }
}

/** One line of a step's log, as people read it. */
export function shownLine({ at, level, asset, partition, message, fields }: SaidLine): string {
  const told = Object.entries(fields ?? {})
    .map(([name, value]) => ` ${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join('')
  const where = `${asset} ${partition}`.trim()
  return `${styled('dim', instant(at))}  ${styled(styles[level], level.padEnd(5))}  ${where}: ${message}${styled('dim', told)}`
}

const styles = { debug: 'dim', info: 'cyan', warn: 'yellow', error: 'red' } as const
