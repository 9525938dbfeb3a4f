import type { DaemonOptions, Engine, Tick } from '#pipeline'
import { automations, startDaemon, total } from '#pipeline'
import { count, counted, instant, print, styled } from './terminal.ts'

/** Runs the schedules until the process is told to stop. `lines` are said last, where they are seen. */
export async function stay(
  engine: Engine,
  asked: Promise<void>,
  options: DaemonOptions = {},
  lines: readonly string[] = [],
): Promise<void> {
  const tell = ({ definition, status, runs, note }: Tick): void => {
    if (note !== undefined) {
      print(`${instant(Date.now())}  ${definition}: ${status === 'failed' ? styled('red', note) : note}`)
    }
    for (const run of runs) {
      print(`${instant(Date.now())}  ${definition}: run ${run.id}, ${counted(run.plan.size, 'partition')}`)
      run.result.then(
        ({ state }) =>
          print(
            `${instant(Date.now())}  ${definition}: run ${run.id} ${state.status}, ${count(total(state.counts.published))} published`,
          ),
        (failure) => print(`${instant(Date.now())}  ${definition}: run ${run.id} ${styled('red', String(failure))}`),
      )
    }
  }
  const daemon = startDaemon(engine, { ...options, onTick: tell })
  print('  staying up; the schedules run (UTC). Ctrl-C stops, and nothing is lost by it.')
  for (const { definition, isOn, nextTick } of await automations(engine.definitions, engine.store, Date.now())) {
    const next = isOn ? `next ${instant(nextTick ?? null)}` : 'off'
    if (definition.kind === 'schedule') print(`            ${definition.name.padEnd(22)} ${next}`)
  }
  for (const line of lines) print(line)
  await asked
  await daemon.stop()
}
