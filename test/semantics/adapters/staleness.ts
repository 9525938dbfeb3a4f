import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Definitions, IoManager, PartitionKey, PlannedStep } from '#pipeline'
import { memoryIo, openEngine, provide, sqliteStore, stepsOf } from '#pipeline'
import type { Adapter, Case, Compared } from '../case.ts'
import type { CaseAsset } from '../graphs.ts'
import { definitionsOf, whenever } from '../graphs.ts'
import { caseKeyOf, keyFrom } from '../vocabulary.ts'

/** Upstream stops looking along a chain of that length; ours never does. */
export const beside = ['selfDependencyThreshold']

/**
 * Upstream a version is a hash of code and inputs, or unique where an asset has no code version; here it is the hash of
 * what was written. So an asset with a code version writes rows that follow from code and inputs, one without writes
 * other rows each time, and one whose version the case names writes rows that follow from that name.
 */
export const run: Adapter = async (one) => {
  const folder = mkdtempSync(join(tmpdir(), 'bullion-cases-'))
  try {
    return await play(one, folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function play(one: Case, folder: string): Promise<readonly Compared[]> {
  let graph: readonly CaseAsset[] = one.graph
  let given: Readonly<Record<string, string>> = {}
  let made = 0
  const rows = new Map<string, Map<PartitionKey, number>>()
  const io = memoryIo()
  const versions = new Map<string, string>()
  const compared: Compared[] = []
  const now = Date.parse(one.now ?? whenever)

  const author = async (name: string, key: PartitionKey) => {
    const asset = graph.find((other) => other.key === name)!
    const inputs = (asset.deps ?? [])
      .map((dep) => (typeof dep === 'string' ? dep : dep.key))
      .filter((dep) => dep !== name)
      .map((dep) => [...(rows.get(dep) ?? [])].sort())
    const text =
      given[`${name}:${caseKeyOf(asset.partitions, key)}`] ??
      given[name] ??
      (asset.codeVersion === undefined ? `unique ${++made}` : JSON.stringify([asset.codeVersion, inputs]))
    const n = numbered(`${name} ${key} ${text}`)
    rows.set(name, new Map(rows.get(name)).set(key, n))
    return [{ n }]
  }
  const withEngine = async <T>(work: (engine: Awaited<ReturnType<typeof openEngine>>) => Promise<T>): Promise<T> => {
    const all = { ...definitionsOf(graph, author), io: provide((): IoManager => io) } as Definitions
    const store = sqliteStore(join(folder, 'store.sqlite'))
    const engine = await openEngine({ definitions: all, store, concurrency: 1, clock: () => now })
    try {
      return await work(engine)
    } finally {
      await engine.close()
    }
  }
  const target = (text: string) => {
    const [whole, label] = text.split('#') as [string, string | undefined]
    const [name, key] = whole.split(':') as [string, string | undefined]
    const asset = graph.find((other) => other.key === name)!
    return { name, key: key === undefined ? ('' as PartitionKey) : keyFrom(asset.partitions, key), label, text }
  }
  const filterOf = (key: PartitionKey, name: string, all: Definitions) => {
    const [part] = key === '' ? [] : key.split('/')
    if (part === undefined) return { keys: {} }
    const [dimension, text] = part.split('=') as [string, string]
    const axis = all.assets.get(name)!.partitions[dimension]
    const value = axis.decode(text)
    return axis.kind === 'keys'
      ? { keys: { [dimension]: [value] } }
      : { keys: {}, spans: [{ start: value.start.getTime(), end: value.end.getTime() }] }
  }
  const isSource = (name: string) => graph.some(({ key, source, observable }) => key === name && (source || observable))
  const plan = () =>
    withEngine(async (engine) => {
      const names = graph.filter(({ key }) => !isSource(key)).map(({ key }) => key)
      const ask = { assets: names, filter: { keys: {} }, mode: 'needed', now, reason: 'look' } as const
      const steps = [...stepsOf(await engine.plan(ask))]
      const published = new Map(
        await Promise.all(names.map(async (name) => [name, await engine.store.states(name)] as const)),
      )
      return { steps, published }
    })

  const make = async ({ name, key, label, text }: ReturnType<typeof target>) =>
    withEngine(async (engine) => {
      const filter = filterOf(key, name, engine.definitions)
      const begun = await engine.start({ assets: [name], filter, mode: 'all', now, reason: 'case' })
      const { state, failures } = await begun.result
      if (state.status !== 'succeeded') throw new Error(failures.map(({ error }) => error).join('; '))
      const states = await engine.store.states(name)
      versions.set(label === undefined ? name : text, states.get(key)!.published!.version)
    })
  const causesOf = (steps: readonly PlannedStep[], { name, key }: { name: string; key: PartitionKey }) =>
    causesIn(steps.find((step) => step.asset === name && step.key === key)?.why ?? '')
  /** The first causes of what a partition waits for, and its own; each once. */
  const rootsOf = (steps: readonly PlannedStep[], of: { name: string; key: PartitionKey }): readonly Cause[] =>
    causesOf(steps, of).flatMap(({ category, dependency, isFollowing }) => {
      if (!isFollowing) return [{ category, dependency: dependency ?? of.name, isFollowing }]
      const sources = steps.filter(({ asset }) => asset === dependency && asset !== of.name)
      return sources.flatMap(({ asset, key }) => rootsOf(steps, { name: asset, key }))
    })

  for (const step of one.steps as readonly Record<string, any>[]) {
    if (step.materialize) {
      given = step.dataVersions ?? {}
      for (const one of (step.materialize as string[]).map(target)) await make(one)
    }
    // Nobody observes here: what changes outside is an asset that is made, and its new version is seen.
    if (step.observe) for (const one of ([step.observe].flat() as string[]).map(target)) await make(one)
    if (step.setCodeVersion) {
      graph = graph.map((asset) => ({ ...asset, codeVersion: step.setCodeVersion[asset.key] ?? asset.codeVersion }))
    }
    if (step.addAssets) graph = [...graph, ...step.addAssets]
    if (step.setDeps) {
      const named = Object.values(step.setDeps as Record<string, string[]>).flat()
      const added = named.filter((name) => !graph.some(({ key }) => key === name)).map((key): CaseAsset => ({ key }))
      graph = [...added, ...graph].map((asset) => ({ ...asset, deps: step.setDeps[asset.key] ?? asset.deps }))
    }
    if (step.setGraph) graph = step.setGraph
    if (step.compareDataVersion) {
      const [a, b] = (step.compareDataVersion as string[]).map((label) => versions.get(label))
      compared.push({ what: `versions of ${step.compareDataVersion}`, expected: step.equal, got: a === b })
    }
    if (!step.status && !step.causes && !step.rootCauses) continue
    const { steps, published } = await plan()
    for (const [text, expected] of Object.entries<string>(step.status ?? {})) {
      const { name, key } = target(text)
      const isPlanned = steps.some((planned) => planned.asset === name && planned.key === key)
      // A source is not made here, hence never to be made.
      const isThere = isSource(name) || published.get(name)?.get(key)?.published !== undefined
      compared.push({ what: `status of ${text}`, expected, got: isThere ? (isPlanned ? 'STALE' : 'FRESH') : 'MISSING' })
    }
    for (const [text, expected] of Object.entries<TheirCause[]>(step.causes ?? {})) {
      const at = target(text)
      // Upstream gives what was never made no cause; here it is planned since it is missing.
      const isThere = published.get(at.name)?.get(at.key)?.published !== undefined
      const got = isThere ? causesOf(steps, at).map(({ category, dependency }) => said(category, dependency)) : []
      const told = expected.map(({ category, dependency }) => said(category, dependency))
      compared.push({ what: `causes of ${text}`, expected: once(told), got: once(got) })
    }
    for (const [text, expected] of Object.entries<TheirCause[]>(step.rootCauses ?? {})) {
      const at = target(text)
      const isThere = published.get(at.name)?.get(at.key)?.published !== undefined
      const got = isThere ? rootsOf(steps, at).map(({ category, dependency }) => said(category, dependency)) : []
      const told = expected.map(({ category, asset }) => said(category, asset))
      compared.push({ what: `first causes of ${text}`, expected: once(told), got: once(got) })
    }
  }
  return compared
}

interface TheirCause {
  readonly asset: string
  readonly category: string
  readonly dependency?: string
}

interface Cause {
  readonly category: string
  readonly dependency: string | undefined
  /** What it reads is made first, for causes of its own. */
  readonly isFollowing: boolean
}

/** A reason of ours names the input that changed, not each of its partitions. */
const said = (category: string, dependency: string | undefined): string =>
  [category, dependency?.split(':')[0] ?? ''].join(' ').trim()

const once = (told: readonly string[]): readonly string[] => [...new Set(told)].sort()

/** A reason of ours in the words of the tables. */
function causesIn(why: string): readonly Cause[] {
  return why
    .replace(/^stale: /, '')
    .split('; ')
    .filter((one) => one !== '')
    .map((one) => {
      if (one.startsWith('code version')) return { category: 'CODE', dependency: undefined, isFollowing: false }
      const dependency = /"([^"]+)"/.exec(one)?.[1]
      const isFollowing = one.endsWith('which is made first')
      return { category: isFollowing || one.endsWith('changed') ? 'DATA' : 'DEPENDENCIES', dependency, isFollowing }
    })
}

const numbers = new Map<string, number>()
/** Another number for another text. */
function numbered(text: string): number {
  if (!numbers.has(text)) numbers.set(text, numbers.size)
  return numbers.get(text)!
}
