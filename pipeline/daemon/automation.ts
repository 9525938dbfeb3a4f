import type { AutomationCursor } from '../plan/automation-cursor.ts'
import { parseCursor, printCursor } from '../plan/automation-cursor.ts'
import type { Evaluation } from '../plan/evaluate-conditions.ts'
import { evaluateConditions } from '../plan/evaluate-conditions.ts'
import { parseSet, printSet } from '../plan/partition-set.ts'
import type { RunAsk } from '../plan/plan-run.ts'
import { spaceOf } from '../plan/space.ts'
import type { Engine, StartedRun } from '../run/engine.ts'
import { newId } from '../run/identity.ts'
import { noCounts } from '../run/run-state.ts'
import type { FactsSource } from './automation-facts.ts'
import { storeFacts } from './automation-facts.ts'

/** The name of its ticks and its cursor in the store. */
const definition = 'automation'

export interface Automation {
  /** Evaluates all conditions at `now` (ms) and starts what they ask for, if anything, as one run. */
  decide(now: number): Promise<StartedRun | undefined>
}

/**
 * The conditions of the assets of an engine. Any number of processes may decide over one store: what one evaluation asks
 * for is a tick with its run, keyed by when the cursor it started from was written, so that only one of them is written.
 */
export function automationOf(engine: Engine): Automation {
  const { definitions, store, worker } = engine
  const hasConditions = [...definitions.assets.values()].some(({ automation }) => automation)
  const facts = storeFacts(engine)
  /** The cursor as this process keeps it: with what makes an evaluation without changes cheap. */
  let held: { text: string | undefined; cursor: AutomationCursor | undefined; movedAt: number } | undefined
  let upTo = 0

  return {
    async decide(now) {
      if (!hasConditions) return undefined
      const text = await store.cursor(definition)
      if (!held || held.text !== text) {
        const read = text === undefined ? undefined : readCursor(text)
        held = { text, cursor: read?.cursor, movedAt: read?.cursor.at ?? 0 }
        upTo = read?.upTo ?? 0
      }
      const { cursor: before, movedAt } = held
      const known = await facts.read(upTo)
      const evaluation = evaluateConditions(definitions, known.facts, before, { now: new Date(now) })
      upTo = known.upTo
      if (before && !hasMoved(before, evaluation.cursor)) {
        held = { text, cursor: evaluation.cursor, movedAt }
        return undefined
      }
      const run = runFor(evaluation, now, worker)
      if (!run) {
        held = await write(evaluation.cursor)
        return undefined
      }
      const tick = { definition, scheduledAt: movedAt, decidedAt: now, run: run.id, note: null }
      const isOurs = await store.decideTick(tick, run)
      if (isOurs) {
        held = await write(evaluation.cursor)
        return engine.lead({ id: run.id, ask: run.ask, counts: noCounts })
      }
      // Decided before, by another process or by one that died over it: unless that has moved the cursor, we do, by
      // what was requested then.
      const other = (await store.cursor(definition)) === text ? await requestedThen() : undefined
      held = other && (await write(withRequested(engine, evaluation.cursor, other)))
      return undefined
    },
  }

  async function write(cursor: AutomationCursor) {
    const text = JSON.stringify({ upTo, cursor: printCursor(cursor) })
    await store.moveCursor(definition, text, [], cursor.at)
    return { text, cursor, movedAt: cursor.at }
  }

  async function requestedThen(): Promise<RunAsk | undefined> {
    const tick = await store.lastTick(definition)
    return tick?.run ? (await store.run(tick.run))?.ask : undefined
  }
}

/** What the conditions would ask for at `now` (ms), and why; changes nothing. */
export async function explainAutomation(source: FactsSource, now: number): Promise<Evaluation> {
  const text = await source.store.cursor(definition)
  const read = text === undefined ? undefined : readCursor(text)
  const { facts } = await storeFacts(source).read(read?.upTo ?? 0)
  return evaluateConditions(source.definitions, facts, read?.cursor, { now: new Date(now) })
}

function readCursor(text: string): { readonly upTo: number; readonly cursor: AutomationCursor } {
  const { upTo, cursor } = JSON.parse(text) as { upTo: number; cursor: string }
  return { upTo, cursor: parseCursor(cursor) }
}

/** Whether there is anything to write down: an asset for which nothing has changed keeps its part of the cursor. */
const hasMoved = (before: AutomationCursor, after: AutomationCursor): boolean =>
  before.assets.size !== after.assets.size ||
  [...after.assets].some(([name, cursor]) => before.assets.get(name) !== cursor)

function runFor({ requested }: Evaluation, now: number, leader: string) {
  if (requested.size === 0) return undefined
  const sets = Object.fromEntries([...requested].map(([name, set]) => [name, printSet(set)]))
  const ask: RunAsk = {
    assets: [...requested.keys()],
    filter: { keys: {} },
    sets,
    mode: 'all',
    now,
    reason: 'automation',
  }
  return { id: newId(now), ask, leader }
}

/** A cursor that remembers another request than its evaluation came to. */
function withRequested({ definitions }: Engine, cursor: AutomationCursor, ask: RunAsk): AutomationCursor {
  const assets = [...cursor.assets].map(([name, one]) => {
    const space = spaceOf(definitions.assets.get(name)!.partitions, { now: new Date(cursor.at) })
    const { bits } = parseSet(space, ask.sets?.[name] ?? '')
    return [name, { ...one, requested: { asset: name, bits } }] as const
  })
  return { ...cursor, assets: new Map(assets) }
}
