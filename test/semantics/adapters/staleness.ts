import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Definitions, IoManager, PartitionKey } from '#pipeline'
import { memoryIo, openEngine, provide, sqliteStore, stepsOf } from '#pipeline'
import type { Adapter, Case, Compared } from '../case.ts'
import type { CaseAsset } from '../graphs.ts'
import { definitionsOf, whenever } from '../graphs.ts'
import { keyFrom } from '../vocabulary.ts'

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
  const rows = new Map<string, number>()
  const io = memoryIo()
  const versions = new Map<string, string>()
  const compared: Compared[] = []
  const now = Date.parse(one.now ?? whenever)

  const author = async (name: string, key: PartitionKey) => {
    const asset = graph.find((other) => other.key === name)!
    const inputs = (asset.deps ?? [])
      .map((dep) => (typeof dep === 'string' ? dep : dep.key))
      .map((dep) => rows.get(dep))
    const text =
      given[name] ??
      (asset.codeVersion === undefined ? `unique ${++made}` : JSON.stringify([asset.codeVersion, inputs]))
    const n = numbered(`${name} ${key} ${text}`)
    rows.set(name, n)
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
  const plan = () =>
    withEngine(async (engine) => {
      const names = graph.filter(({ source }) => !source).map(({ key }) => key)
      const ask = { assets: names, filter: { keys: {} }, mode: 'needed', now, reason: 'look' } as const
      const steps = [...stepsOf(await engine.plan(ask))]
      const published = new Map(
        await Promise.all(names.map(async (name) => [name, await engine.store.states(name)] as const)),
      )
      return { steps, published }
    })

  for (const step of one.steps as readonly Record<string, any>[]) {
    if (step.materialize) {
      given = step.dataVersions ?? {}
      for (const { name, key, label, text } of (step.materialize as string[]).map(target)) {
        await withEngine(async (engine) => {
          const filter = filterOf(key, name, engine.definitions)
          const begun = await engine.start({ assets: [name], filter, mode: 'all', now, reason: 'case' })
          const { state, failures } = await begun.result
          if (state.status !== 'succeeded') throw new Error(failures.map(({ error }) => error).join('; '))
          const states = await engine.store.states(name)
          versions.set(label === undefined ? name : text, states.get(key)!.published!.version)
        })
      }
    }
    if (step.setCodeVersion) {
      graph = graph.map((asset) => ({ ...asset, codeVersion: step.setCodeVersion[asset.key] ?? asset.codeVersion }))
    }
    if (step.setDeps) graph = graph.map((asset) => ({ ...asset, deps: step.setDeps[asset.key] ?? asset.deps }))
    if (step.compareDataVersion) {
      const [a, b] = (step.compareDataVersion as string[]).map((label) => versions.get(label))
      compared.push({ what: `versions of ${step.compareDataVersion}`, expected: step.equal, got: a === b })
    }
    for (const [text, expected] of Object.entries((step.status ?? {}) as Record<string, string>)) {
      const { name, key } = target(text)
      const { steps, published } = await plan()
      const isPlanned = steps.some((planned) => planned.asset === name && planned.key === key)
      const isThere = published.get(name)?.get(key)?.published !== undefined
      compared.push({ what: `status of ${text}`, expected, got: isThere ? (isPlanned ? 'STALE' : 'FRESH') : 'MISSING' })
    }
    for (const [text, causes] of Object.entries(
      (step.causes ?? {}) as Record<string, { category: string; dependency?: string }[]>,
    )) {
      const { name, key } = target(text)
      const { steps } = await plan()
      const why = steps.find((planned) => planned.asset === name && planned.key === key)?.why ?? 'fresh'
      const expected = causes.map(({ category, dependency }) => [category, dependency ?? null])
      compared.push({ what: `causes of ${text}`, expected, got: [causeOf(why)] })
    }
  }
  return compared.length > 0 ? compared : [{ what: 'nothing refused', expected: true, got: true }]
}

/** A reason of ours in the words of the tables. */
function causeOf(why: string): readonly [string, string | null] {
  const input = /(?:input|reads) "([^"]+)"/.exec(why)?.[1]
  if (why.includes('code version')) return ['CODE', null]
  return why.includes('no longer') || why.includes('new input')
    ? ['DEPENDENCIES', input ?? null]
    : ['DATA', input ?? null]
}

const numbers = new Map<string, number>()
/** Another number for another text. */
function numbered(text: string): number {
  if (!numbers.has(text)) numbers.set(text, numbers.size)
  return numbers.get(text)!
}
