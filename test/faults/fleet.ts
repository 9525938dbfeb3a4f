/** The servers that many machines share, one of each a test file, and the machines themselves. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect } from 'vitest'
import type { Engine } from '#pipeline'
import type { PostgresServer } from '../servers/postgres.ts'
import { postgresServer } from '../servers/postgres.ts'
import type { RedisServer } from '../servers/redis.ts'
import { redisServer } from '../servers/redis.ts'
import type { LaunchOptions, Running } from './launch.ts'
import type { MachineHow } from './machine.ts'
import { openMachine } from './machine.ts'
import type { Market } from './market.ts'
import { expectSound, retained } from './place.ts'
import type { SharedPlace } from './shared-place.ts'
import { eventually, withStore } from './shared-place.ts'
import { startProcess } from './start-process.ts'

export interface Fleet {
  readonly postgres: PostgresServer
  readonly redis: RedisServer
  newPlace(of?: Partial<Market>): Promise<SharedPlace>
  /** As a process of its own, which is gone when the tests of the file are. */
  start(how: SharedPlace & Pick<MachineHow, 'role'> & Partial<MachineHow>, options?: LaunchOptions): Running
  /** In this process, which leads what it asks for. */
  lead<T>(place: SharedPlace, use: (engine: Engine) => Promise<T>): Promise<T>
}

export function fleet(): Fleet {
  let servers: { readonly postgres: PostgresServer; readonly redis: RedisServer }
  let folder: string
  let places = 0
  const ends: (() => Promise<void>)[] = []

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'bullion-fleet-'))
    const [postgres, redis] = await Promise.all([postgresServer(), redisServer()])
    servers = { postgres, redis }
  })
  afterAll(async () => {
    await Promise.all(ends.map((end) => end()))
    await Promise.all([servers?.postgres.close(), servers?.redis.close()])
    rmSync(folder, { recursive: true, force: true })
  })

  return {
    get postgres() {
      return servers.postgres
    },
    get redis() {
      return servers.redis
    },
    async newPlace(of = {}) {
      const name = `place${++places}`
      const store = await servers.postgres.createDatabase()
      return { store, queue: { url: servers.redis.url, prefix: name }, lake: join(folder, name), days: 4, ...of }
    },
    start: (how, options) => startProcess('machine-process.ts', how, { ...options, owner: (end) => ends.push(end) }),
    async lead(place, use) {
      const { failing: _, poison: __, ...market } = place
      const { engine } = await openMachine({ ...market, role: 'daemon' })
      try {
        return await use(engine)
      } finally {
        await engine.close()
      }
    },
  }
}

/** Ends machines as they are asked to. */
export async function goHome(...machines: readonly Running[]): Promise<void> {
  for (const machine of machines) machine.kill('SIGTERM')
  for (const { end, said } of machines) expect(await end, said()).toBe(0)
}

/** All runs have ended; nothing is wrong; and each run published each partition once at most. */
export async function expectAllWell(place: SharedPlace): Promise<void> {
  await retained(place)
  await expectSound(place)
  const [open, events] = await withStore(place, (store) =>
    Promise.all([store.unfinishedRuns(), store.events({ limit: 100_000 })]),
  )
  expect(open).toEqual([])
  const made = events.filter(({ type }) => type === 'published')
  const names = made.map(({ run, asset, key }) => `${run} ${asset} ${key}`)
  expect(names.filter((name, index) => names.indexOf(name) < index)).toEqual([])
}

/** What is not published, of all that could be. */
export const unpublished = (place: SharedPlace): Promise<readonly string[]> =>
  withStore(place, async (store) => {
    const rows = [...(await store.partitions('prices')), ...(await store.partitions('sums'))]
    const bad = rows.filter(({ state }) => state.status !== 'published')
    // What reads a day of prices that was never published was never tried.
    expect(rows).toHaveLength(2 * place.days - bad.filter(({ asset }) => asset === 'prices').length)
    return bad.map(({ asset, key, state }) => `${asset} ${key} ${state.status}`)
  })

/** What is left out where nothing goes wrong, or all has been mended. */
export const refused = ['prices date=2024-01-02 rejected']

/** Runs that are under way come to their ends. */
export const untilQuiet = (place: SharedPlace): Promise<void> =>
  withStore(place, (store) => eventually(async () => (await store.unfinishedRuns()).length === 0, 50_000))
