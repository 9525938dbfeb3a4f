import type { Engine, RunFates, RunStore } from '#pipeline'
import { fateCells, followFates, noFates } from '#pipeline'
import type { Answer, Asked } from '../contract/contract.ts'
import { knownRun } from './known-run.ts'

/** Runs of which it is remembered what became of their partitions; a byte for each of their assets'. */
const mostRuns = 8
const known = new WeakMap<RunStore, Map<string, { readonly fates: RunFates; turn: Promise<void> }>>()

/** What became of each partition of a run; only what happened since the last look is read. */
export async function runGrid(engine: Engine, { run: id, width }: Asked<'runGrid'>): Promise<Answer<'runGrid'>> {
  const run = await knownRun(engine.store, id)
  const kept = remembered(engine.store, id)
  // Two at once would both take in the same events.
  const turn = kept.turn.then(() => followFates(engine, run, kept.fates))
  kept.turn = turn.catch(() => undefined)
  await turn
  const places = [...engine.definitions.assets.keys()]
  const inOrder = [...kept.fates.assets].sort(([a], [b]) => places.indexOf(a) - places.indexOf(b))
  return {
    assets: inOrder.map(([asset, of]) => ({
      asset,
      planned: run.counts.planned[asset] ?? 0,
      cells: fateCells(asset, run, of, width).map(({ counts, ...cell }) => ({ ...cell, counts: [...counts] })),
    })),
  }
}

function remembered(store: RunStore, id: string) {
  const runs = known.get(store) ?? new Map()
  known.set(store, runs)
  const of = runs.get(id) ?? { fates: noFates(), turn: Promise.resolve() }
  runs.delete(id)
  runs.set(id, of)
  const [oldest] = runs.keys()
  if (runs.size > mostRuns) runs.delete(oldest)
  return of as { readonly fates: RunFates; turn: Promise<void> }
}
