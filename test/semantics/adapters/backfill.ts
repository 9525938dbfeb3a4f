import { heldStates, planRun } from '#pipeline'
import { ordinals, printSet } from '../../../pipeline/plan/partition-set.ts'
import type { Plan } from '../../../pipeline/plan/plan-run.ts'
import { keyAt, spaceOf } from '../../../pipeline/plan/space.ts'
import type { StepAt } from '../../../pipeline/run/frontier.ts'
import { openFrontier } from '../../../pipeline/run/frontier.ts'
import type { Adapter, Case, Compared } from '../case.ts'
import type { CaseAsset } from '../graphs.ts'
import { askFor, definitionsOf, keysOf, whenever } from '../graphs.ts'
import { setFrom, sorted } from '../mappings.ts'
import type { CaseKey } from '../vocabulary.ts'
import { dimensionsOf, instantOf, keyFrom } from '../vocabulary.ts'

type ByAsset = Record<string, readonly CaseKey[]>

/** What was asked for in each round, and what became of it. */
interface Played {
  readonly target: ByAsset
  readonly rounds: readonly (readonly StepAt[])[]
  readonly made: readonly StepAt[]
  readonly failed: readonly StepAt[]
  /** What failed, and what was given up for it. */
  readonly lost: readonly StepAt[]
  /** How many steps were offered again although nothing had ended since. */
  readonly repeated: number
  readonly left: number
}

export const run: Adapter = (one) => {
  const graph: readonly CaseAsset[] = one.graph
  const keys: readonly CaseKey[] | undefined = one.allPartitions
    ? undefined
    : (one.partitionNames ?? one.targetRootPartitions)
  const select: readonly string[] | undefined = one.select
  const now = instantOf(one.now ?? whenever)
  const all = definitionsOf(graph)
  const asked = askFor(all, graph, { ...(select && { select }), ...(keys && { keys }), now })
  const sets = one.partitionsByAsset && setsOf(graph, one.partitionsByAsset, now)
  let plan: Plan
  try {
    plan = planRun(sets ? { ...asked, sets } : asked, all, statesOf(graph, one.materializedOutside ?? {}))
  } catch (error) {
    const { code } = error as { code?: string }
    return [{ what: 'refusal', expected: refusalOf(one.expectedError), got: code ?? String(error) }]
  }
  const played = play(one, plan, graph)
  const compared = [...facts(one, played, plan, graph), ...(one.invariants ? invariants(plan, played, one) : [])]
  return one.expectedError ? [{ what: 'refusal', expected: one.expectedError, got: 'accepted' }] : compared
}

/** Whatever it is called: partitions upstream that are needed and can not exist. */
const refusalOf = (theirs: string | undefined): string | undefined =>
  theirs && /nonexistent|invalid.*(upstream|parent|partition)/i.test(theirs) ? 'partition.upstream-nonexistent' : theirs

/** Exactly these partitions of each asset. */
function setsOf(graph: readonly CaseAsset[], of: ByAsset, now: Date): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(of).map(([name, keys]) => {
      const { partitions } = graph.find(({ key }) => key === name)!
      const space = spaceOf(dimensionsOf(partitions), { now })
      return [name, printSet(setFrom(partitions, space, keys))]
    }),
  )
}

/** What is published already, by whom it may be. */
const statesOf = (graph: readonly CaseAsset[], of: ByAsset) =>
  new Map(
    Object.entries(of).map(([name, keys]) => {
      const published = { codeVersion: '1', version: 'elsewhere', inputs: {}, run: 'elsewhere' }
      const state = { status: 'published' as const, published }
      const { partitions } = graph.find(({ key }) => key === name)!
      return [name, heldStates(new Map(keys.map((key) => [keyFrom(partitions, key), state])))]
    }),
  )

const assetOf = (plan: Plan, graph: readonly CaseAsset[], place: number) =>
  graph.find(({ key }) => key === plan.assets[place]!.asset.name)!

function play(one: Case, plan: Plan, graph: readonly CaseAsset[]): Played {
  const frontier = openFrontier(plan)
  const target: ByAsset = Object.fromEntries(
    graph.filter(({ key }) => (one.select ?? [key]).includes(key)).map(({ key }) => [key, []]),
  )
  for (const [place, { todo, asset }] of plan.assets.entries()) {
    target[asset.name] = keysOf(assetOf(plan, graph, place), todo, ordinals(todo))
  }
  const rounds: (readonly StepAt[])[] = []
  const made: StepAt[] = []
  const failed: StepAt[] = []
  const lost: StepAt[] = []
  let repeated = 0
  while (frontier.left > 0) {
    if (one.cancelAfterIteration === rounds.length) {
      frontier.dropRest()
      break
    }
    const round = frontier.take(100_000)
    if (round.length === 0) break
    rounds.push(round)
    repeated += frontier.take(100_000).length
    for (const step of round) {
      const isFailing = fails(one, plan, graph, step)
      ;(isFailing ? failed : made).push(step)
      const ended = frontier.end(step, !isFailing)
      if (isFailing) lost.push(...(ended ?? []))
    }
  }
  return { target, rounds, made, failed, lost, repeated, left: frontier.left }
}

function fails(one: Case, plan: Plan, graph: readonly CaseAsset[], { place, ordinal }: StepAt): boolean {
  const { asset, todo } = plan.assets[place]!
  const failing: readonly CaseKey[] = one.fail?.[asset.name] ?? []
  return sorted(failing).includes(sorted(keysOf(assetOf(plan, graph, place), todo, [ordinal]))[0]!)
}

function byAsset(plan: Plan, graph: readonly CaseAsset[], steps: readonly StepAt[]): ByAsset {
  const found: Record<string, CaseKey[]> = {}
  for (const { place, ordinal } of steps) {
    const { asset, todo } = plan.assets[place]!
    found[asset.name] = [...(found[asset.name] ?? []), ...keysOf(assetOf(plan, graph, place), todo, [ordinal])]
  }
  return found
}

const inOrder = (of: ByAsset) =>
  Object.fromEntries(
    Object.entries(of)
      .filter(([, keys]) => keys.length > 0)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, keys]) => [name, sorted(keys)]),
  )

function facts(
  one: Case,
  { target, rounds, made, failed, lost, left }: Played,
  plan: Plan,
  graph: readonly CaseAsset[],
): readonly Compared[] {
  const first = byAsset(plan, graph, rounds[0] ?? [])
  const compared: Compared[] = []
  const say = (what: string, expected: unknown, got: unknown) => {
    if (expected !== undefined) compared.push({ what, expected, got })
  }
  say('target', one.expectedTarget && inOrder(one.expectedTarget), inOrder(target))
  if (one.expectedRequestedInFirstIteration === 'all') say('asked for first', plan.size, rounds[0]?.length ?? 0)
  say('asked for first', one.expectedRequestedFirst && inOrder(one.expectedRequestedFirst), inOrder(first))
  say('made', one.expectedMaterialized && inOrder(one.expectedMaterialized), inOrder(byAsset(plan, graph, made)))
  say('runs', one.expectedRuns, made.length + failed.length)
  say('ended', one.expectedAllRequestedTerminal, left === 0)
  say('order', one.expectedFirstIterationRunPartitions, first[plan.assets[0]!.asset.name])
  const roots: ByAsset | undefined = one.expectedRoots ?? one.expectedTargetRoots ?? one.expectedRootPartitions
  say('first of all', roots && inOrder(roots), inOrder(first))
  const given: ByAsset | undefined = one.expectedFailedAndDownstream ?? one.expectedFailed
  say('failed or given up', given && inOrder(given), inOrder(byAsset(plan, graph, lost)))
  if (Array.isArray(one.expectedCounts)) say('counts', one.expectedCounts, countsOf(one, plan, graph))
  else {
    const [done, gone] = [byAsset(plan, graph, made), byAsset(plan, graph, lost)]
    for (const [name, expected] of Object.entries<Counts>(one.expectedCounts ?? one.expectedStatusCounts ?? {})) {
      const [materialized, failed] = [done[name]?.length ?? 0, gone[name]?.length ?? 0]
      const targeted = target[name]?.length ?? 0
      const counts: Counts = { materialized, failed, inProgress: targeted - materialized - failed, targeted }
      say(`counts of ${name}`, expected, Object.fromEntries(Object.keys(expected).map((kind) => [kind, counts[kind]])))
    }
  }
  return compared
}

type Counts = Readonly<Record<string, number>>

/** The counts after the run, and after the same again when it does not fail any more: what failed before is made. */
function countsOf(one: Case, plan: Plan, graph: readonly CaseAsset[]): readonly object[] {
  const counted = ({ made, failed }: Played) => ({ materialized: made.length, failed: failed.length, inProgress: 0 })
  const first = play(one, plan, graph)
  if (!one.thenRerunSucceeds) return [counted(first)]
  const all = definitionsOf(graph)
  const states = new Map(
    plan.assets.map(({ asset }) => [
      asset.name,
      heldStates(
        new Map(
          first.failed
            .filter(({ place }) => plan.assets[place]!.asset.name === asset.name)
            .map(({ place, ordinal }) => [
              keyOfStep(plan, place, ordinal),
              { status: 'failed' as const, published: undefined },
            ]),
        ),
      ),
    ]),
  )
  const ask = askFor(all, graph, { now: new Date(plan.now) })
  const again = play({ id: one.id }, planRun({ ...ask, mode: 'failed' }, all, states), graph)
  return [counted(first), counted({ ...again, made: [...first.made, ...again.made] })]
}

function keyOfStep(plan: Plan, place: number, ordinal: number) {
  const { space } = plan.assets[place]!
  return keyAt(space, ordinal)
}

function invariants(plan: Plan, played: Played, one: Case): readonly Compared[] {
  const asked = played.rounds.flat().map(({ place, ordinal }) => `${place} ${ordinal}`)
  const roundOf = new Map(
    played.rounds.flatMap((round, at) => round.map(({ place, ordinal }) => [`${place} ${ordinal}`, at])),
  )
  let early = 0
  for (const [place, { inputs, todo }] of plan.assets.entries()) {
    for (const ordinal of ordinals(todo)) {
      for (const { planned, relation } of inputs) {
        if (planned < 0) continue
        for (const source of relation.sourcesOf(ordinal)) {
          const [own, theirs] = [roundOf.get(`${place} ${ordinal}`), roundOf.get(`${planned} ${source}`)]
          if (own !== undefined && theirs !== undefined && theirs >= own) early += 1
        }
      }
    }
  }
  const lost = new Set(played.lost.map(({ place, ordinal }) => `${place} ${ordinal}`))
  const answers: Readonly<Record<string, readonly Compared[]>> = {
    parentBeforeChild: [{ what: 'parents before children: broken', expected: 0, got: early }],
    eachTargetRequestedOnce: [
      { what: 'each asked for or given up', expected: plan.size, got: new Set([...asked, ...lost]).size },
      { what: 'asked for twice', expected: asked.length, got: new Set(asked).size },
    ],
    noChangeIterationRequestsNothing: [{ what: 'asked for without a change', expected: 0, got: played.repeated }],
    failedDownstreamNeverMaterialized: [
      {
        what: 'made of what failed',
        expected: 0,
        got: played.made.filter(({ place, ordinal }) => readsAny(plan, { place, ordinal }, lost)).length,
      },
    ],
    maxIterations: [
      { what: 'rounds at most the number asked for', expected: true, got: played.rounds.length <= asked.length + 1 },
      { what: 'left undecided', expected: 0, got: played.left },
    ],
  }
  return Object.keys(one.invariants).flatMap((name) => {
    if (!answers[name]) throw new Error(`the case tables have a new invariant: ${name}`)
    return answers[name]
  })
}

const readsAny = (plan: Plan, { place, ordinal }: StepAt, lost: ReadonlySet<string>): boolean =>
  plan.assets[place]!.inputs.some(
    ({ planned, relation }) =>
      planned >= 0 && relation.sourcesOf(ordinal).some((source) => lost.has(`${planned} ${source}`)),
  )
