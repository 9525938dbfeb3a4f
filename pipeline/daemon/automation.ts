import type { AutomationCursor } from '../plan/automation-cursor.ts'
import { parseCursor, printCursor } from '../plan/automation-cursor.ts'
import type { Evaluation } from '../plan/evaluate-conditions.ts'
import { evaluateConditions } from '../plan/evaluate-conditions.ts'
import { printSet } from '../plan/partition-set.ts'
import type { RunAsk } from '../plan/plan-run.ts'
import { keysAt } from '../run/dynamic-keys.ts'
import type { Engine } from '../run/engine.ts'
import type { FactsSource } from './automation-facts.ts'
import { storeFacts } from './automation-facts.ts'
import type { Tick } from './tick.ts'
import { settleTick } from './tick.ts'

/** The name of its ticks and its cursor in the store. */
const definition = 'automation'

export interface Automation {
  /** Evaluates all conditions at `now` (ms) and starts what they ask for, if anything, as one run. */
  decide(now: number): Promise<Tick | undefined>
}

/**
 * The conditions of the assets of an engine. Any number of processes may decide over one store: what one evaluation asks
 * for is a tick with its run, which is written together with the move of the cursor that it started from, or not at all.
 */
export function automationOf(engine: Engine): Automation {
  const { definitions, store } = engine
  const hasConditions = [...definitions.assets.values()].some(({ automation }) => automation)
  const facts = storeFacts(engine)
  /** The cursor as this process keeps it: with what makes an evaluation without changes cheap. */
  let held: { text: string | undefined; cursor: AutomationCursor | undefined } | undefined
  let upTo = 0

  return {
    async decide(now) {
      if (!hasConditions) return undefined
      const text = await store.cursor(definition)
      if (!held || held.text !== text) {
        const read = text === undefined ? undefined : readCursor(text)
        held = { text, cursor: read?.cursor }
        upTo = read?.upTo ?? 0
      }
      const { cursor: before } = held
      const known = await facts.read(upTo)
      const evaluation = evaluateConditions(definitions, known.facts, before, {
        now: new Date(now),
        keys: await engine.keys(now),
      })
      if (before && !hasMoved(before, evaluation.cursor)) {
        upTo = known.upTo
        held = { text, cursor: evaluation.cursor }
        return undefined
      }
      const after = JSON.stringify({ upTo: known.upTo, cursor: printCursor(evaluation.cursor) })
      const ask = automationAsk(evaluation, now)
      const tick = { definition, scheduledAt: now, decidedAt: now, cursorBefore: text ?? null, cursorAfter: after }
      const settled = ask && (await settleTick(engine, tick, { asks: [{ ask }], skip: undefined }))
      const isOurs = settled !== undefined || (!ask && (await store.moveCursor(tick)))
      // Moved by another process: what it decided is where the next evaluation begins.
      held = isOurs ? { text: after, cursor: evaluation.cursor } : undefined
      upTo = known.upTo
      return settled
    },
  }
}

/** What the conditions would ask for at `now` (ms), and why; changes nothing. */
export async function explainAutomation(source: FactsSource, now: number): Promise<Evaluation> {
  const text = await source.store.cursor(definition)
  const read = text === undefined ? undefined : readCursor(text)
  const { facts } = await storeFacts(source).read(read?.upTo ?? 0)
  return evaluateConditions(source.definitions, facts, read?.cursor, {
    now: new Date(now),
    keys: await keysAt(source, now),
  })
}

function readCursor(text: string): { readonly upTo: number; readonly cursor: AutomationCursor } {
  const { upTo, cursor } = JSON.parse(text) as { upTo: number; cursor: string }
  return { upTo, cursor: parseCursor(cursor) }
}

/** Whether there is anything to write down: an asset for which nothing has changed keeps its part of the cursor. */
const hasMoved = (before: AutomationCursor, after: AutomationCursor): boolean =>
  before.assets.size !== after.assets.size ||
  [...after.assets].some(([name, cursor]) => before.assets.get(name) !== cursor)

/** The run that an evaluation at `now` (ms) asks for, if any. */
export function automationAsk({ requested }: Evaluation, now: number): RunAsk | undefined {
  if (requested.size === 0) return undefined
  const sets = Object.fromEntries([...requested].map(([name, set]) => [name, printSet(set)]))
  return { assets: [...requested.keys()], filter: { keys: {} }, sets, mode: 'all', now, reason: 'automation' }
}
