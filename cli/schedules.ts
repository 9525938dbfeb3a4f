import type { TickRow } from '#pipeline'
import { automationNamed, automations, evaluateTick, instantOf, parsePast, setAutomation, stepsOf } from '#pipeline'
import { describeSchedule, whenOf } from '../server/queries.ts'
import type { GlobalOptions } from './context.ts'
import { openEditor, openReader, openWriter } from './context.ts'
import { count, counted, instant, print, printJson, styled, table } from './terminal.ts'

/** Lists schedules and sensors: on or off, when they tick, and how the last tick ended. */
export async function schedules(options: GlobalOptions): Promise<void> {
  const context = await openReader(options)
  try {
    const all = await automations(context.definitions, context.store, Date.now())
    if (options.json) return printJson(all.map(describeSchedule))
    if (all.length === 0) return print('no schedule or sensor is defined')
    print(
      table(all, [
        { title: 'name', text: ({ definition }) => definition.name },
        { title: 'is', text: ({ isOn }) => (isOn ? 'on' : 'off'), style: ({ isOn }) => (isOn ? 'green' : 'dim') },
        { title: 'when', text: ({ definition }) => whenOf(definition) },
        { title: 'last tick', text: ({ lastTick }) => instant(lastTick?.scheduledAt ?? null) },
        {
          title: 'ended',
          text: ({ lastTick }) => lastTick?.status ?? '-',
          style: ({ lastTick }) => lastTick && styles[lastTick.status],
        },
        { title: 'next tick', text: ({ nextTick }) => instant(nextTick ?? null) },
      ]),
    )
  } finally {
    await context.close()
  }
}

/** Switches a schedule or sensor on or off, for every process that works on this home. */
export async function switchSchedule(name: string, isOn: boolean, options: GlobalOptions): Promise<void> {
  const { definitions, store, close } = await openEditor(options)
  try {
    await setAutomation({ definitions, store, now: await store.now() }, name, isOn)
    print(`"${name}" is ${isOn ? 'on' : 'off'}`)
  } finally {
    await close()
  }
}

/** Shows what came of the newest ticks of a schedule or sensor. */
export async function ticks(name: string, options: GlobalOptions & { readonly limit: string }): Promise<void> {
  const context = await openReader(options)
  try {
    automationNamed(context.definitions, name)
    const rows = await context.store.ticks(name, Number(options.limit))
    if (options.json) return printJson(rows)
    if (rows.length === 0) return print(`"${name}" has not ticked yet`)
    print(
      table(rows, [
        { title: 'tick', text: (tick) => instant(tick.scheduledAt) },
        { title: 'decided', text: (tick) => instant(tick.decidedAt) },
        { title: 'ended', text: (tick) => tick.status, style: (tick) => styles[tick.status] },
        { title: 'failures', text: (tick) => count(tick.failures), align: 'right' },
        { title: 'runs', text: (tick) => tick.runs.join(' ') || '-' },
        { title: 'why', text: (tick) => tick.note ?? '' },
      ]),
    )
  } finally {
    await context.close()
  }
}

/** Tells what a tick would ask for, now or at another instant. Writes nothing; a sensor's own function is called. */
export async function tick(name: string, options: GlobalOptions & { readonly at?: string }): Promise<void> {
  const context = await openWriter(options)
  try {
    const now = Date.now()
    const at =
      options.at === undefined ? now : await instantOf(context.store, await parsePast(context.store, options.at), now)
    const definition = automationNamed(context.definitions, name)
    const { asks, skip } = await evaluateTick(context.engine, definition, at, new AbortController().signal)
    const plans = await Promise.all(asks.map(({ ask }) => context.engine.plan(ask)))
    const runs = asks.map(({ ask, runKey }, index) => ({ ask, runKey, plan: plans[index]! }))
    if (options.json) {
      return printJson({
        at,
        skip: skip ?? null,
        runs: runs.map(({ ask, runKey, plan }) => ({ ask, runKey: runKey ?? null, steps: [...stepsOf(plan)] })),
      })
    }
    if (skip !== undefined) return print(`at ${instant(at)} "${name}" would ask for nothing: ${skip}`)
    for (const { ask, plan } of runs) {
      print(`${ask.reason}: ${counted(plan.size, 'partition')} would be made`)
      const whys = Map.groupBy(stepsOf(plan), (step) => `${step.asset}: ${step.blocked ?? step.why}`)
      for (const [why, steps] of whys) print(`  ${count(steps.length)} of ${why}`)
    }
    print(styled('dim', 'nothing was written'))
  } finally {
    await context.close()
  }
}

const styles = { succeeded: 'green', skipped: 'dim', failed: 'red' } as const satisfies Record<
  TickRow['status'],
  string
>
