import type { AnySchedule, AnySensor } from '../define/automation.ts'
import type { Definitions } from '../define/definitions.ts'
import { PipelineError } from '../define/errors.ts'
import { nearest } from '../define/nearest.ts'
import type { Engine } from '../run/engine.ts'
import type { AutomationRow, RunStore, TickRow } from '../store/port.ts'
import { evaluateSchedule, nextTick } from './schedules.ts'
import { evaluateSensor } from './sensors.ts'
import type { Decision } from './tick.ts'

/** A schedule or sensor and how it is doing. */
export interface AutomationState {
  readonly definition: AnySchedule | AnySensor
  readonly isOn: boolean
  readonly lastTick: TickRow | undefined
  /** ms; absent if it is off, or a sensor. */
  readonly nextTick: number | undefined
}

/** Whether a definition runs: as it was switched, else as it is by default. */
export const isOn = (definition: AnySchedule | AnySensor, row: Pick<AutomationRow, 'isOn'> | undefined): boolean =>
  row?.isOn ?? isOnByDefault(definition)

/** All schedules and sensors of a deployment as of `now`. */
export async function automations(all: Definitions, store: RunStore, now: number): Promise<readonly AutomationState[]> {
  const rows = new Map((await store.automations()).map((row) => [row.name, row]))
  return [...all.schedules.values(), ...all.sensors.values()].map((definition) => {
    const row = rows.get(definition.name)
    const on = isOn(definition, row)
    const next = on && definition.kind === 'schedule' ? nextTick(definition, now) : undefined
    return { definition, isOn: on, lastTick: row?.lastTick, nextTick: next }
  })
}

/** Switches a schedule or sensor for every daemon of the store. Throws `definition.unknown`. */
export async function setAutomation(
  on: { readonly definitions: Definitions; readonly store: RunStore; readonly now: number },
  name: string,
  isOn: boolean,
): Promise<void> {
  await on.store.setAutomation(name, isOn, isOnByDefault(automationNamed(on.definitions, name)), on.now)
}

/** What a tick of the instant `at` in ms would ask for; writes nothing, but calls the author's function. */
export async function evaluateTick(
  engine: Engine,
  definition: AnySchedule | AnySensor,
  at: number,
  signal: AbortSignal,
): Promise<Decision> {
  return definition.kind === 'schedule'
    ? evaluateSchedule(definition, at, signal)
    : evaluateSensor(engine, definition, at, signal)
}

/** The schedule or sensor of this name. Throws `definition.unknown`. */
export function automationNamed(all: Definitions, name: string): AnySchedule | AnySensor {
  const found = all.schedules.get(name) ?? all.sensors.get(name)
  if (found) return found
  const near = nearest(name, [...all.schedules.keys(), ...all.sensors.keys()])
  throw new PipelineError('definition.unknown', { kind: 'schedule or sensor', name, near })
}

const isOnByDefault = ({ defaultStatus }: AnySchedule | AnySensor): boolean => defaultStatus !== 'stopped'
