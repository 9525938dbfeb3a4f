import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PartitionKey, RunStore } from '#pipeline'
import { sqliteStore } from '#pipeline'
import type { RunCare, RunFacts, WatchedRun } from '../../../pipeline/run/monitor-runs.ts'
import { monitorLimits, nextOfRun } from '../../../pipeline/run/monitor-runs.ts'
import type { Adapter, Case, Compared } from '../case.ts'

const now = Date.parse('2024-01-01T00:00:00Z')
const dayMs = 86_400_000

export const run: Adapter = (one) => {
  if (one.events !== undefined) return compareRetention(one)
  if (one.checks !== undefined) return [{ what: 'life', expected: one.expected, got: lifeOf(one) }]
  return compareWatch(one)
}

function watchedOf(one: Case): WatchedRun {
  const seconds = (value: unknown) => (typeof value === 'number' ? value * 1_000 : undefined)
  const isStarting = one.status === 'STARTING'
  return {
    status: isStarting ? 'queued' : 'running',
    admittedAt: now - (seconds(isStarting ? one.startingForSeconds : one.runningForSeconds) ?? 0),
    startedAt: isStarting ? null : now - (seconds(one.runningForSeconds) ?? 0),
    resumes: 0,
    stopping: null,
    timeoutMs: seconds(one.maxRuntimeSeconds) ?? null,
  }
}

/** One round of the monitor after the other, on a run whose leader is healthy or gone. */
function lifeOf(one: Case): readonly { status: string; resumes: number }[] {
  const limits = { ...monitorLimits, resumeMost: one.maxResumeAttempts ?? monitorLimits.resumeMost }
  let watched = watchedOf(one)
  let status = one.status as string
  return (one.checks as readonly string[]).map((check) => {
    if (check !== 'healthy' && check !== 'notFound') throw new Error(`the case tables have a new check: ${check}`)
    const facts = { now, leader: check === 'healthy' ? 'alive' : 'dead' } as const
    const care = status === 'FAILURE' ? undefined : nextOfRun(watched, facts, limits)
    if (care?.type === 'resume') watched = { ...watched, resumes: watched.resumes + 1 }
    if (care?.type === 'fail') status = 'FAILURE'
    return { status, resumes: watched.resumes }
  })
}

/** A run that is told to stop either does, and has failed, or lets its time to stop go by. */
function compareWatch(one: Case): readonly Compared[] {
  const watched = watchedOf(one)
  const cares: RunCare[] = [nextOfRun(watched, factsAt(now))]
  const [first] = cares
  if (first?.type === 'stop' && one.terminate !== undefined && one.terminate !== 'returnsTrue') {
    cares.push(nextOfRun({ ...watched, stopping: first.reason }, factsAt(now + monitorLimits.stopMs + 1)))
  }
  const count = (type: RunCare['type']) => cares.filter((care) => care.type === type).length
  const isOver = count('fail') > 0 || (count('stop') === 1 && cares.length === 1)
  const compared: Compared[] = [{ what: 'status', expected: one.expectedStatus, got: isOver ? 'FAILURE' : one.status }]
  const also = (what: string, expected: unknown, got: number) => {
    if (expected !== undefined) compared.push({ what, expected, got })
  }
  also('terminations', one.expectedTerminations, count('stop'))
  also('canceling events', one.expectedCancelingEvents, count('stop'))
  also('failure events', one.expectedFailureEvents, isOver ? 1 : 0)
  return compared
}

const factsAt = (at: number): RunFacts => ({ now: at, leader: 'alive' })

async function compareRetention(one: Case): Promise<readonly Compared[]> {
  const folder = mkdtempSync(join(tmpdir(), 'bullion-cases-'))
  const store = sqliteStore(join(folder, 'store.sqlite'))
  try {
    await store.join({ id: 'w', host: 'here', pid: 1, startedAt: 1 }, now)
    const ask = { assets: ['a'], filter: { keys: {} }, mode: 'all', now, reason: 'case' } as const
    await store.createRun({ id: 'r', ask, leader: 'w', now })
    for (const [at, { type, ageDays }] of one.events.entries()) {
      await happen(store, `n=${at}` as PartitionKey, type, now - ageDays * dayMs)
    }
    // The newest event of a store always stays, so that its number is not given again; a case is about those before it.
    await happen(store, 'newest' as PartitionKey, 'ENGINE_EVENT', now)
    if (one.purgeAfterDays != null) await store.purgeEvents(now - one.purgeAfterDays * dayMs)
    const left = (await store.events({ limit: 1_000 })).filter(({ key }) => key !== 'newest')
    const kept = left.map(({ key }) => one.events[Number(key.slice(2))].type as string)
    return [{ what: 'kept events', expected: [...one.expectedKept].sort(), got: kept.sort() }]
  } finally {
    await store.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Our event of the same meaning: of an asset, of a step, or of the machinery. */
async function happen(store: RunStore, key: PartitionKey, type: string, at: number): Promise<void> {
  const claim = { run: 'r', worker: 'w', asset: 'a', keys: [key], now: at, leaseMs: 1, inputs: [] }
  const [held] = await store.claim(claim)
  const lease = { asset: 'a', key, token: held!.token! }
  if (type.startsWith('ASSET_')) {
    const file = { path: `${key}.parquet`, rows: 1, bytes: 1, version: 'v' }
    const identity = { id: key, asset: 'a', key, run: 'r', codeVersion: '1', inputs: {} }
    await store.publish(lease, { ...identity, ...file, checks: [], metadata: {}, at })
  } else if (type.startsWith('STEP_')) await store.settle(lease, 'r', { type: 'skipped', why: 'fresh' }, at)
  else await store.log('r', 'a', key, [{ level: 'info', at, message: type }], at)
}
