import type { AnyAsset, Engine, Freshness } from '#pipeline'
import { assetNamed, automations } from '#pipeline'
import type { Answer } from '../contract/contract.ts'
import { whenOf } from '../queries.ts'
import type { AssetPulse, Pulses } from './pulse.ts'
import { pulses } from './pulse.ts'
import { runRow } from './run-row.ts'

type Overview = Answer<'overview'>

const dayMs = 86_400_000
const mostTroubled = 50
const mostRunning = 50
const none = { run: Number.MAX_SAFE_INTEGER, end: Number.MAX_SAFE_INTEGER }

export async function overview(engine: Engine): Promise<Overview> {
  const { store, definitions } = engine
  const now = engine.clock()
  const { assets } = await pulses(engine).now()
  const all = [...assets.values()]
  const [checks, { runs }, newest, lastDay, states, workers] = await Promise.all([
    checksOf(engine, pulses(engine)),
    store.watchRuns(none, mostRunning),
    store.runsEndedLast(10),
    store.runsCreatedSince(now - dayMs),
    automations(definitions, store, now),
    store.workers(),
  ])
  const sum = (of: (pulse: AssetPulse) => number) => all.reduce((total, pulse) => total + of(pulse), 0)
  return {
    now,
    assets: byHealth(all),
    partitions: {
      total: sum(({ partitions }) => partitions.total),
      published: sum(({ partitions }) => partitions.published),
      missing: sum(({ partitions }) => partitions.missing),
      failed: sum(({ partitions }) => partitions.failed),
      rejected: sum(({ partitions }) => partitions.rejected),
      running: sum(({ partitions }) => partitions.running),
    },
    rows: sum(({ rows }) => rows),
    bytes: sum(({ bytes }) => bytes),
    troubled: troubledOf(all, (name) => assetNamed(definitions, name), now),
    checks,
    running: runs.map(runRow),
    newest: newest.map(runRow),
    lastDay: { queued: 0, running: 0, succeeded: 0, failed: 0, canceled: 0, ...lastDay },
    nextTicks: states
      .flatMap(({ definition, nextTick: at }) =>
        at === undefined ? [] : [{ name: definition.name, at, when: whenOf(definition) }],
      )
      .sort((a, b) => a.at - b.at)
      .slice(0, 10),
    // A sensor that finds nothing leaves no tick: what failed long ago says nothing of now.
    failedTicks: states
      .flatMap(({ definition, lastTick: tick }) =>
        tick?.status === 'failed' && tick.decidedAt >= now - dayMs
          ? [{ name: definition.name, at: tick.scheduledAt, note: tick.note }]
          : [],
      )
      .sort((a, b) => b.at - a.at)
      .slice(0, 10),
    workers: workers.length,
  }
}

function byHealth(all: readonly AssetPulse[]): Overview['assets'] {
  const counts: Overview['assets'] = {
    ...{ failing: 0, late: 0, running: 0, incomplete: 0, unmade: 0, healthy: 0, external: 0 },
  }
  for (const { health } of all) counts[health]++
  return counts
}

/** Failing before late, and of these the ones with more that failed. */
function troubledOf(
  all: readonly AssetPulse[],
  assetOf: (name: string) => AnyAsset,
  now: number,
): Overview['troubled'] {
  const badOf = ({ partitions }: AssetPulse) => partitions.failed + partitions.rejected
  return all
    .filter(({ health }) => health === 'failing' || health === 'late')
    .sort(
      (a, b) =>
        badOf(b) - badOf(a) || (a.lastPublishedAt ?? 0) - (b.lastPublishedAt ?? 0) || (a.asset < b.asset ? -1 : 1),
    )
    .slice(0, mostTroubled)
    .map((pulse) => ({ ...pulse, why: whyOf(pulse, assetOf(pulse.asset), now) }))
}

function whyOf({ partitions, freshness, lastPublishedAt }: AssetPulse, asset: AnyAsset, now: number): string {
  const { failed, rejected } = partitions
  const parts = [
    ...(failed > 0 ? [`${partitionsOf(failed)} failed`] : []),
    ...(rejected > 0 ? [`${partitionsOf(rejected)} refused by a check`] : []),
    ...(freshness === 'late' && asset.freshness && lastPublishedAt !== null
      ? [`last made ${agoOf(now - lastPublishedAt)} ago, expected ${expectationOf(asset.freshness)}`]
      : []),
  ]
  return parts.join('; ')
}

const partitionsOf = (count: number): string => `${count} ${count === 1 ? 'partition' : 'partitions'}`

const expectationOf = (freshness: Freshness): string =>
  'maxAge' in freshness
    ? `within ${freshness.maxAge}`
    : `within ${freshness.maxLag} of "${freshness.by}" ${freshness.timezone ?? 'UTC'}`

function agoOf(ms: number): string {
  const minutes = Math.floor(ms / 60_000)
  if (minutes < 60) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} days`
}

const told = new WeakMap<object, { readonly mark: string; readonly checks: Overview['checks'] }>()

/** Why checks failed is read of the versions themselves, once. */
async function checksOf({ store }: Engine, all: Pulses): Promise<Overview['checks']> {
  const { passed, failed, newestFailed } = await all.checks()
  const mark = JSON.stringify([passed, failed, newestFailed])
  const known = told.get(all)
  if (known?.mark === mark) return known.checks
  const outcomes = []
  for (const { asset, key, at } of newestFailed) {
    const published = (await store.history(asset, key)).find((one) => one.supersededAt === null)
    const bad = published?.checks.filter((check) => !check.passed) ?? []
    outcomes.push(...bad.map(({ name, why }) => ({ asset, key, name, why, at })))
  }
  const checks = { passed, failed, newestFailed: outcomes.slice(0, 10) }
  told.set(all, { mark, checks })
  return checks
}
