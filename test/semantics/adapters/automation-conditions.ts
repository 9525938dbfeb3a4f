import type { Condition } from '#pipeline'
import {
  allDepsUpdatedSinceCron,
  definitions,
  eager,
  inLatestTimeWindow,
  memoryIo,
  onCron,
  onMissing,
  PipelineError,
  provide,
  without,
} from '#pipeline'
import type { AutomationCursor } from '../../../pipeline/plan/automation-cursor.ts'
import { parseCursor, printCursor } from '../../../pipeline/plan/automation-cursor.ts'
import type { AutomationFacts } from '../../../pipeline/plan/evaluate-clause.ts'
import { evaluateConditions } from '../../../pipeline/plan/evaluate-conditions.ts'
import type { PartitionSet } from '../../../pipeline/plan/partition-set.ts'
import { difference, ordinals, setOf, size } from '../../../pipeline/plan/partition-set.ts'
import type { Space } from '../../../pipeline/plan/space.ts'
import type { Adapter, Case, Compared } from '../case.ts'
import type { CaseAsset } from '../graphs.ts'
import { definitionsOf, keysOf } from '../graphs.ts'
import { setFrom, sorted } from '../mappings.ts'
import type { CaseKey } from '../vocabulary.ts'
import { instantOf } from '../vocabulary.ts'

export const run: Adapter = (one) => {
  if (one.schedules) return one.schedules.flatMap((schedule: Case) => scheduleVerdict(schedule))
  if (!one.steps) return scheduleVerdict(one)
  const world = worldOf(one)
  return one.steps.flatMap((step: Readonly<Record<string, any>>, index: number) => world.take(step, index))
}

/** The state that a case's steps change, and its evaluation. */
function worldOf(one: Case) {
  let graph = graphOf(one)
  let revisions = 0
  let now = instantOf(one.steps.find((step: any) => step.now)?.now ?? one.now ?? '2024-08-20T00:00:00Z')
  let cursor: AutomationCursor | undefined
  let condition = one.condition as string
  let last: ReadonlyMap<string, PartitionSet> = new Map()
  const made = new Map<string, CaseKey[]>()
  const failed = new Map<string, CaseKey[]>()
  let updates: { asset: string; key: CaseKey; targets: readonly string[] }[] = []

  const make = (asset: string, key: CaseKey, targets: readonly string[] = []) => {
    made.set(asset, [...(made.get(asset) ?? []), key])
    failed.delete(asset)
    updates.push({ asset, key, targets })
  }
  const assetOf = (name: string) => graph.find(({ key }) => key === name)!
  const setIn = (name: string, space: Space, keys: readonly CaseKey[]) => setFrom(assetOf(name).partitions, space, keys)
  const facts: AutomationFacts = {
    revision: () => ++revisions,
    missing: (name, space) => difference(everything(space), setIn(name, space, made.get(name) ?? [])),
    inProgress: (_, space) => setOf(space, []),
    failed: (name, space) => setIn(name, space, failed.get(name) ?? []),
    updated(name, space) {
      const latest = new Map(updates.filter(({ asset }) => asset === name).map((one) => [JSON.stringify(one.key), one]))
      return Array.from(latest.values(), ({ key, targets }) => {
        const partitions = setIn(name, space, [key])
        return { partitions, changed: partitions, isToMake: (asset) => targets.includes(asset) }
      })
    },
  }

  const evaluate = (step: Readonly<Record<string, any>>, index: number): Compared[] => {
    const evaluated = evaluatedOf(one, graph)
    const bare = definitionsOf(graph)
    const assets = Array.from(bare.assets.values(), (asset) =>
      evaluated.includes(asset.name) ? { ...asset, automation: conditionOf(condition) } : asset,
    )
    const all = definitions({ assets: assets as never, resources: {}, io: provide(memoryIo) })
    const evaluation = evaluateConditions(all, facts, cursor, { now })
    // Between two evaluations the process may have ended.
    if (step.keepCursor !== false) cursor = parseCursor(printCursor(evaluation.cursor))
    updates = []
    last = evaluation.requested
    const total = Array.from(last.values(), size).reduce((sum, count) => sum + count, 0)
    const compared: Compared[] = [{ what: `step ${index}, requested`, expected: step.expect, got: total }]
    for (const [name, keys] of Object.entries<CaseKey[]>(step.expectPartitions ?? {}).map(
      ([theirs, keys]) => [nodeOf(graph, theirs).key, keys] as const,
    )) {
      const set = last.get(name)
      const got = set ? keysOf(assetOf(name), set, ordinals(set)) : []
      compared.push({ what: `step ${index}, partitions of ${name}`, expected: sorted(keys), got: sorted(got) })
    }
    return compared
  }

  return {
    take(step: Readonly<Record<string, any>>, index: number): Compared[] {
      if (step.now) now = instantOf(step.now)
      if (step.advance) now = new Date(advanced(now, step.advance))
      if (step.condition) condition = step.condition
      const redefined = step.graph ?? step.redefineGraph ?? step.setGraph
      if (redefined) graph = graphOf({ id: one.id, graph: redefined })
      if (step.resetCursor || step.cursor === null) cursor = undefined
      for (const [name, keys] of Object.entries<string[]>(step.redefinePartitions ?? {})) {
        graph = graph.map((node) =>
          node.key === nameOf(name) ? { ...node, partitions: { type: 'static', keys } } : node,
        )
      }
      for (const [name, key] of pairs(step.materialize)) make(nameOf(name), key ?? null, step.targets)
      if (step.observe) make(nameOf(step.observe[0]), step.observe[1] ?? null)
      if (step.materializeRequested) {
        for (const [name, set] of last) {
          for (const key of keysOf(assetOf(name), set, ordinals(set))) make(name, key, [name])
        }
      }
      if (step.fail) failed.set(nameOf(step.fail[0]), [step.fail[1] ?? null])
      if (step.wipe) for (const name of [step.wipe].flat()) if (name !== null) made.delete(nameOf(name))
      if (step.run) takeRun(step)
      return step.evaluate ? evaluate(step, index) : []
    },
  }

  /** One run of several assets, of which one may come to nothing: then what reads it is not made either. */
  function takeRun(step: Readonly<Record<string, any>>): void {
    const { run, partition, partitionKey } = step
    const results = new Map(
      Object.entries(step)
        .filter(([name]) => !['run', 'partition', 'partitionKey', 'targets', 'now', 'evaluate'].includes(name))
        .map(([name, result]) => [nameOf(name.replace(/Result$/, '')), result]),
    )
    const targets = ([run].flat() as readonly string[]).map(nameOf)
    for (const [name, result] of results) {
      if (!targets.includes(name) || !['materialize', 'skip', 'fail'].includes(result)) {
        throw new Error(`the case tables have a new end of a run: ${name} ${result}`)
      }
    }
    const undone = new Set<string>()
    for (const name of targets) {
      const asset = assetOf(name)
      const reads = (asset.deps ?? []).map((dep) => nameOf(typeof dep === 'string' ? dep : dep.key))
      const result = results.get(name) ?? 'materialize'
      const key: CaseKey = asset.partitions ? (partition ?? partitionKey) : null
      if (reads.some((dep) => dep !== name && undone.has(dep)) || result !== 'materialize') undone.add(name)
      else make(name, key, targets)
      if (result === 'fail') failed.set(name, [key])
    }
  }
}

/** Checks of a case are assets here that read the one they look at: what is asked of both is when to run. */
function graphOf(one: Case): readonly CaseAsset[] {
  const checks = (one.checks ?? []) as readonly CaseAsset[]
  const listed = [
    ...one.graph,
    ...checks.filter(({ key }) => !key || !one.graph.some((node: CaseAsset) => node.key === key)),
  ]
  return listed.map((node: CaseAsset) => {
    const name = node.key ?? node.name ?? node.check
    const checked = node.checkOf ?? node.asset ?? node.target ?? (node.check === name ? undefined : node.check)
    const deps = node.deps?.length || typeof checked !== 'string' ? (node.deps ?? []) : [checked]
    return {
      ...node,
      key: nameOf(name),
      deps: deps.map((dep) => (typeof dep === 'string' ? { key: nameOf(dep) } : { ...dep, key: nameOf(dep.key) })),
    }
  })
}

/** One asset and its partition, or several such. */
const pairs = (of: readonly unknown[] = []) =>
  (typeof of[0] === 'string' ? [of] : of) as readonly (readonly [string, CaseKey | undefined])[]

function evaluatedOf(one: Case, graph: readonly CaseAsset[]): readonly string[] {
  if (one.evaluated === undefined || one.evaluated === 'all') return graph.map(({ key }) => key)
  return [one.evaluated].flat().flatMap((names: string) => names.split(',').map((name) => nodeOf(graph, name).key))
}

/** A check may be named with its asset, as `asset:check`, or by itself. */
function nodeOf(graph: readonly CaseAsset[], theirs: string): CaseAsset {
  const isNamed = (text: string) => (node: CaseAsset) => node.key === text || node.key.endsWith(`_${text}`)
  const [whole, last] = [nameOf(theirs), nameOf(theirs.split(':').at(-1)!)]
  const found = graph.find(({ key }) => key === whole) ?? graph.find(isNamed(last))
  if (!found) throw new Error(`the case names "${theirs}", which its graph has not`)
  return found
}

/** Names here are snake_case. */
const nameOf = (text: string): string => text.trim().toLowerCase().replaceAll(/\W/g, '_')

const everything = (space: Space): PartitionSet => setOf(space, Array(space.size).keys())

/** `eager`, `on_cron 0 * * * *`, `on_missing`, each perhaps with ` without in_latest_time_window`. */
function conditionOf(text: string): Condition {
  const [whole, left] = text.split(' without ') as [string, string | undefined]
  const [name, ...rest] = whole.split(' ') as [string, ...string[]]
  const condition = named(name, rest.join(' '))
  if (left === undefined) return condition
  if (left !== 'in_latest_time_window') throw new Error(`the case tables leave out a new clause: ${left}`)
  return without(condition, inLatestTimeWindow())
}

function named(name: string, rest: string): Condition {
  switch (name) {
    case 'eager':
      return eager()
    case 'on_cron':
      return onCron(rest)
    case 'on_missing':
      return onMissing()
    case 'all_deps_updated_since_cron':
      return allDepsUpdatedSinceCron(rest)
    default:
      throw new Error(`the case tables have a new condition: ${name}`)
  }
}

function scheduleVerdict(one: Readonly<Record<string, any>>): readonly Compared[] {
  const cron = one.schedule ?? one.cron ?? one.cronSchedule ?? one.condition?.split(' ').slice(1).join(' ')
  const isRefused = one.shouldFail ?? one.expectedError ?? one.valid === false
  let got = false
  try {
    onCron(cron)
  } catch (error) {
    if (!(error instanceof PipelineError) || error.code !== 'cron.malformed') throw error
    got = true
  }
  return [{ what: `"${cron}" is refused`, expected: Boolean(isRefused), got }]
}

const units = { minutes: 60_000, hours: 3_600_000, days: 86_400_000 } as const

function advanced(now: Date, by: Readonly<Record<string, number>>): number {
  if (by.years) return new Date(now).setUTCFullYear(now.getUTCFullYear() + by.years)
  return Object.entries(by).reduce((at, [unit, count]) => at + units[unit as keyof typeof units] * count, now.getTime())
}
