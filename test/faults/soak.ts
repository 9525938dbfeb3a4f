/**
 * A deployment of two daemons and three workers that is asked for work without end, while something goes wrong every few
 * seconds: `npm run soak -- --minutes 15 --seed N --lake azurite`. Everything is looked over once a minute and in the end;
 * what is found is printed, and the exit code is 1.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import type { RunStore } from '#pipeline'
import { newId } from '../../pipeline/run/identity.ts'
import { azurite } from '../servers/azurite.ts'
import { postgresServer } from '../servers/postgres.ts'
import { redisServer } from '../servers/redis.ts'
import type { SharedPlace } from './shared-place.ts'
import { eventually, everything, openStore, retainLater, violationsOf } from './shared-place.ts'
import type { SoakWorld } from './soak-faults.ts'
import { lakeRestarted, soakFaults } from './soak-faults.ts'
import { soakMachines } from './soak-machines.ts'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '15' },
    seed: { type: 'string', default: String(Date.now() % 100_000) },
    lake: { type: 'string', default: 'azurite' },
  },
})
const [minutes, seed] = [Number(values.minutes), Number(values.seed)]
if (!(minutes > 0) || !Number.isInteger(seed) || !['azurite', 'folder'].includes(values.lake)) {
  throw new Error('expected --minutes N, --seed WHOLE_NUMBER and --lake azurite|folder')
}

const began = performance.now()
const stopAt = began + minutes * 60_000
const random = numbersFrom(seed)
const troubles: string[] = []
const counts = new Map<string, number>()
const say = (text: string) => {
  const seconds = (performance.now() - began) / 1_000
  process.stdout.write(`${seconds.toFixed(1).padStart(7)} s  ${text}\n`)
}
const trouble = (text: string) => {
  troubles.push(text)
  say(`TROUBLE ${text}`)
}

say(`seed ${seed}, ${minutes} minutes, lake ${values.lake}`)
const folder = mkdtempSync(join(tmpdir(), 'bullion-soak-'))
const [postgres, redis] = await Promise.all([postgresServer(), redisServer()])
const blobs = values.lake === 'azurite' ? await azurite({ isKept: true }) : undefined
const place: SharedPlace = {
  store: await postgres.createDatabase(),
  queue: { url: redis.url, prefix: 'soak' },
  ...(blobs
    ? { lake: await blobs.container(), azureKey: blobs.credentials.accountKey }
    : { lake: join(folder, 'lake') }),
  ...{ days: 20, stepMs: 30, isChanging: true, failing: 0.05, dying: 0.001, versions: 3 },
  ...{ cron: '* * * * *', messages: 1_000_000, pollMs: 1_000 },
}
const store = await openStore(place)
const portOf = (url: string) => ({ port: Number(new URL(url).port) })
const servers = { store: postgres, queue: portOf(redis.url), lake: blobs ?? postgres }
const roles = ['daemon', 'daemon', 'worker', 'worker', 'worker'] as const
const machines = await soakMachines(place, servers, roles, ({ name }, how) => trouble(`${name} ${how}`))

try {
  await disturb()
  await comeToRest()
} catch (error) {
  trouble(error instanceof Error ? (error.stack ?? error.message) : String(error))
} finally {
  await summarize().catch((error: unknown) => trouble(String(error)))
  await machines.close()
  await store.close()
  await Promise.all([postgres.close(), redis.close(), blobs?.stop()])
  rmSync(folder, { recursive: true, force: true })
}
process.exit(troubles.length > 0 ? 1 : 0)

async function disturb(): Promise<void> {
  const restartLake = blobs && (() => blobs.end().then(() => blobs.start()))
  const world: SoakWorld = { machines, postgres, redis, restartLake, random, onTrouble: trouble }
  const faults = blobs ? [...soakFaults, lakeRestarted] : soakFaults
  let quietAt = performance.now() + 60_000
  while (performance.now() < stopAt) {
    await askMore()
    if (performance.now() >= quietAt) {
      await lookOver()
      quietAt = performance.now() + 60_000
    }
    const [name, fault] = faults[Math.floor(random() * faults.length)]!
    counts.set(name, (counts.get(name) ?? 0) + 1)
    const at = performance.now()
    const what = await fault(world)
    say(`${name}: ${what} (${Math.round(performance.now() - at)} ms)`)
    await sleep(1_000 + random() * 3_000)
  }
}

/** Runs that nobody leads yet, as those of a command that was killed at once. */
async function askMore(): Promise<void> {
  const open = await store.unfinishedRuns()
  if (open.length > 10) return
  const mode = random() < 0.5 ? 'all' : 'needed'
  await store.createRun({ id: newId(Date.now()), ask: everything(mode), leader: null, now: Date.now() })
}

/** Nothing is disturbed for a moment; what is under way goes on. */
async function lookOver(): Promise<void> {
  await sleep(3_000)
  const found = await violationsOf(place, { stuckMs: 60_000, orphanMs: 3_600_000 })
  for (const one of found) trouble(JSON.stringify(one))
  const [open, workers] = await Promise.all([store.unfinishedRuns(), store.workers()])
  const memory = Math.round(process.memoryUsage().rss / 1e6)
  say(`looked over: ${found.length} violations, ${open.length} runs open, ${workers.length} workers, ${memory} MB here`)
}

/** All is healed and finished; everything is made; then nothing at all may be wrong. */
async function comeToRest(): Promise<void> {
  say('coming to rest')
  for (const { ways } of machines.all) for (const way of Object.values(ways)) way.heal()
  for (const name of ['hourly', 'feed']) await store.setAutomation(name, false, true, Date.now())
  const untilQuiet = () => eventually(async () => (await store.unfinishedRuns()).length === 0, 180_000)
  try {
    await untilQuiet()
    await store.createRun({ id: newId(Date.now()), ask: everything('needed'), leader: null, now: Date.now() })
    await untilQuiet()
  } catch {
    for (const run of await store.unfinishedRuns()) trouble(`does not end: ${JSON.stringify(run)}`)
    for (const { name, running } of machines.all) say(`${name} said:\n${running.said().slice(-2_000)}`)
  }
  const ends = await Promise.all(machines.all.map((machine) => machines.end(machine, 30_000)))
  for (const end of ends) if (end) trouble(end)
  for (const failure of await retainLater(place)) trouble(JSON.stringify(failure))
  for (const one of await violationsOf(place)) trouble(JSON.stringify(one))
  for (const one of await notMade(store)) trouble(`not made in the end: ${one}`)
  for (const one of await publishedTwice(store)) trouble(`published twice: ${one}`)
  await judgeMessages(store)
}

async function notMade(of: RunStore): Promise<readonly string[]> {
  const rows = [...(await of.partitions('prices')), ...(await of.partitions('sums'))]
  const bad = rows
    .filter(({ state }) => state.status !== 'published')
    .map(({ asset, key, error }) => `${asset} ${key}: ${error}`)
  const missing = 2 * place.days - 1 - rows.length
  const others = bad.filter((row) => !row.startsWith('prices date=2024-01-02: '))
  return missing > 0 ? [...others, `${missing} partitions that were never tried`] : others
}

/** Partitions that one run published again though nobody else had meanwhile. */
async function publishedTwice(of: RunStore): Promise<readonly string[]> {
  const publisher = new Map<string, string>()
  const twice: string[] = []
  for (let after = 0; ; ) {
    const page = await of.events({ after, limit: 10_000 })
    for (const { type, run, asset, key } of page) {
      if (type !== 'published') continue
      const partition = `${asset} ${key}`
      if (publisher.get(partition) === run) twice.push(`${partition} by run ${run}`)
      publisher.set(partition, run)
    }
    const last = page.at(-1)
    if (!last || page.length < 10_000) return twice
    after = last.id
  }
}

/** Each message that was read has asked for one run. */
async function judgeMessages(of: RunStore): Promise<void> {
  const read = Number((await of.cursor('feed')) ?? 0)
  const used = (await of.runKeysAfter({ definition: 'feed', runKey: '' }, 1_000_000)).filter(
    ({ definition }) => definition === 'feed',
  )
  if (used.length !== read) trouble(`${read} messages were read, and ${used.length} asked for a run`)
}

async function summarize(): Promise<void> {
  let [steps, after] = [0, 0]
  for (let isMore = true; isMore; ) {
    const page = await store.events({ after, limit: 10_000 })
    steps += page.filter(({ type }) => type !== 'log').length
    after = page.at(-1)?.id ?? after
    isMore = page.length === 10_000
  }
  const runs = (await store.runs(1_000_000)).length
  const ticks = (await store.ticks('hourly', 1_000_000)).length + (await store.ticks('feed', 1_000_000)).length
  const faults = [...counts].sort(([a], [b]) => a.localeCompare(b)).map(([name, count]) => `${count} × ${name}`)
  say(`${steps} ends of steps, ${runs} runs, ${ticks} ticks`)
  say(`faults: ${faults.join(', ')}`)
  say(`${troubles.length} troubles with seed ${seed}`)
  for (const one of troubles) process.stdout.write(`\n${one}\n`)
}

/** The same numbers between 0 and 1 for the same seed. */
function numbersFrom(start: number): () => number {
  let state = start >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
