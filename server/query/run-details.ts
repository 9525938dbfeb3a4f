import type { Engine, EventRow, RunRow, RunStore } from '#pipeline'
import { parseSet, printSome, spaceOf, total } from '#pipeline'
import type { Answer, Asked } from '../contract/contract.ts'
import { cachedByEvent } from './cached-by-event.ts'
import { knownRun } from './known-run.ts'
import { endsOf, runRow } from './run-row.ts'

type Details = Answer<'run'>

/** Failures that are looked at for what they have in common, and how many kinds are told. */
const mostFailures = 5_000
const mostKinds = 20
/** Steps by which the pace of a run is measured. */
const paceSteps = 500
/** Characters of the words for what was asked for. */
const mostWords = 300

const errorsOf = cachedByEvent<Details['errors']>(64)

/** One run, how far it is with each asset, and what went wrong. */
export async function runDetails(engine: Engine, { run: id }: Asked<'run'>): Promise<Details> {
  const { store } = engine
  const run = await knownRun(store, id)
  const [lastEvent, reruns, workers] = await Promise.all([store.newestEventOf(id), store.rerunsOf(id), store.workers()])
  const leader = workers.find((worker) => worker.id === run.leader)
  const places = [...engine.definitions.assets.keys()]
  const assets = Object.keys(run.counts.planned).sort((a, b) => places.indexOf(a) - places.indexOf(b))
  return {
    ...runRow(run),
    byAsset: assets.map((asset) => ({ asset, ...endsOf(run.counts, (byAsset) => byAsset[asset] ?? 0) })),
    mode: run.ask.mode,
    partitions: await partitionsInWords(engine, run),
    params: (run.ask.params ?? {}) as Details['params'],
    leader: leader ? `${leader.host.split('/', 1)[0]} ${leader.pid}` : run.leader,
    resumes: run.resumes,
    reruns: reruns.map(runRow),
    remainingMs: await remainingMs(engine, run),
    errors: await errorsOf(store, id, lastEvent, () => readErrors(store, run)),
    lastEvent,
  }
}

/** Which partitions were asked for; those that were chosen one by one as far as there is place. */
async function partitionsInWords(engine: Engine, { ask }: RunRow): Promise<string> {
  const { spans, keys } = ask.filter
  if (!ask.sets) {
    const day = (at: number) =>
      new Date(at)
        .toISOString()
        .replace(/T00:00:00\.000Z$/, '')
        .replace(/\.000Z$/, 'Z')
    const words = [
      ...(spans ?? []).map(({ start, end }) => `from ${day(start)} to before ${day(end)}`),
      ...Object.entries(keys).map(([dimension, values]) => `${dimension} ${values.join(', ')}`),
    ]
    return words.length === 0 ? 'all' : cut(words.join('; '))
  }
  const asOf = { now: new Date(ask.now), keys: await engine.keys(ask.now) }
  const words = ask.assets.slice(0, 10).flatMap((name) => {
    const asset = engine.definitions.assets.get(name)
    if (!asset || !ask.sets?.[name]) return []
    const set = parseSet(spaceOf(asset.partitions, asOf), ask.sets[name])
    return [ask.assets.length === 1 ? printSome(set, mostWords) : `${name}: ${printSome(set, mostWords)}`]
  })
  return cut(words.join('; '))
}

const cut = (text: string) => (text.length > mostWords ? `${text.slice(0, mostWords - 1)}…` : text)

/** By the pace of the last steps, or of all if there are few. */
async function remainingMs(
  { store, clock }: Engine,
  { id, status, startedAt, counts }: RunRow,
): Promise<number | null> {
  if (status !== 'running' || startedAt === null) return null
  const { planned, ...ends } = counts
  const ended = Object.values(ends).reduce((sum, byAsset) => sum + total(byAsset), 0)
  if (ended === 0) return null
  const since = ended > paceSteps ? await store.paceOf(id, paceSteps - 1) : undefined
  const [steps, from] = since === undefined ? [ended, startedAt] : [paceSteps, since]
  return Math.round((Math.max(0, clock() - from) / steps) * Math.max(0, total(planned) - ended))
}

async function readErrors(store: RunStore, { id, counts }: RunRow): Promise<Details['errors']> {
  if (total(counts.failed) + total(counts.rejected) === 0) return []
  const { events } = await store.runEvents({
    run: id,
    order: 'newest',
    types: ['failed', 'rejected'],
    limit: mostFailures,
  })
  return likeWithLike(events.filter(({ type, payload }) => type === 'rejected' || payload.retryAt === null))
}

/** Errors that say the same but for numbers and the names of their partitions. */
export function likeWithLike(failures: readonly EventRow[]): Details['errors'] {
  const kinds = new Map<string, { message: string; count: number; asset: string; key: string }>()
  for (const { asset, key, type, payload } of failures) {
    const message = String(type === 'rejected' ? payload.why : payload.error)
    const names = [`${asset}\n${message}`, `${asset}\n${kindOf(message, key)}`]
    // One that names another partition than its own is said of many in the very same words.
    const kind = names.map((name) => kinds.get(name)).find((known) => known !== undefined)
    if (kind) kind.count += 1
    const like = kind ?? { message, count: 1, asset, key }
    for (const name of names) if (!kinds.has(name)) kinds.set(name, like)
  }
  return [...new Set(kinds.values())].sort((a, b) => b.count - a.count).slice(0, mostKinds)
}

function kindOf(message: string, key: string): string {
  const values = key.split('/').map((part) => part.slice(part.indexOf('=') + 1))
  let kind = message
  for (const part of [key, ...values]) if (part !== '') kind = kind.replaceAll(part, '…')
  return kind.replaceAll(/\b[0-9a-f]{8,}\b/gi, '#').replaceAll(/\d+/g, '#')
}
