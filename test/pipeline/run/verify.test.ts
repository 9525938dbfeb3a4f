import { readdirSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import type { Engine, PartitionKey, RunStore, VerifyAsk } from '#pipeline'
import {
  daily,
  decideSchedule,
  defineAsset,
  defineJob,
  defineSchedule,
  definitions,
  openEngine,
  sqliteStore,
  verify,
} from '#pipeline'
import { lake } from '../../../resources/lake/open-lake.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { make } from './open-engine.ts'

const hour = 3_600_000
const day = 24 * hour
const monday = 'date=2024-01-01' as PartitionKey

/** A lake of two assets, made once, with a schedule that ticked; `break` runs SQL on its store behind everybody's back. */
async function madeLake(rule: { readonly catchUp?: 'all' | 'latest'; readonly retain?: object } = {}) {
  const folder = temporaryFolder()
  const world = { n: 1, at: Date.now() }
  const root = join(folder, 'lake')
  const date = daily({ since: '2024-01-01', until: '2024-01-03' })
  const output = z.strictObject({ n: z.int() })
  const prices = defineAsset({
    name: 'prices',
    partitions: { date },
    output,
    retry: { attempts: 1 },
    checks: { small: () => (world.n < 90 ? { passed: true } : { passed: false, why: 'too large' }) },
    run: () => {
      if (world.n >= 200) throw new Error('no answer')
      return [{ n: world.n }]
    },
  })
  const sums = defineAsset({
    name: 'sums',
    partitions: { date },
    deps: { prices },
    output,
    run: async ({ inputs }) => [{ n: (await inputs.prices.toArray()).length + world.n }],
  })
  const job = defineJob({ name: 'ingest', assets: [prices, sums] })
  const hourly = defineSchedule({ name: 'hourly', job, cron: '0 * * * *', catchUp: rule.catchUp ?? 'all' })
  const file = join(folder, 'store.sqlite')
  const engine = await openEngine({
    definitions: definitions({
      assets: [prices, sums],
      schedules: [hourly],
      resources: {},
      io: lake({ url: root, threads: 1 }),
      retain: rule.retain ?? {},
    }),
    store: sqliteStore(file),
    concurrency: 4,
    clock: () => world.at,
  })
  onTestFinished(() => engine.close())
  const again = async (n = world.n + 1) => {
    world.n = n
    world.at += hour
    return make(engine, { mode: 'all', now: world.at })
  }
  await again()
  const verified = async (ask: VerifyAsk = {}, store: RunStore = engine.store) => {
    await engine.store.heartbeat(engine.worker, world.at, 30_000)
    return verify({ definitions: engine.definitions, store, io: await engine.io(), clock: () => world.at }, ask)
  }
  return {
    ...{ engine, world, hourly, root, file, again, verified },
    async kinds(ask?: VerifyAsk) {
      return (await verified(ask)).violations.map(({ kind, where }) => `${kind} ${where}`)
    },
    break(...statements: readonly string[]) {
      const database = new DatabaseSync(file, { timeout: 5_000 })
      for (const statement of statements) database.exec(statement)
      database.close()
    },
    pathOf: async (key = monday, asset = 'prices') => {
      const found = (await engine.store.files(asset)).find((one) => one.key === key)!
      return join(root, found.path)
    },
    async tick(at: number) {
      world.at = at
      const row = (await engine.store.automations()).find(({ name }) => name === 'hourly')!
      const on = { now: at, signal: new AbortController().signal }
      for (const { runs } of await decideSchedule(engine, hourly, { ...row, upSince: at }, on)) {
        await Promise.all(runs.map(({ result }) => result))
      }
    },
  }
}

const on = (asset: string, key = monday) =>
  `(select p.id from partition p join asset a on a.id = p.asset_id where a.name = '${asset}' and p.key = '${key}')`
const current = (asset: string) => `(select materialization_id from partition where id = ${on(asset)})`
const prices = `prices ${monday}`

describe('what is as it should be', () => {
  test('a lake that was made, made again, corrected, failed and refused has no violations', async () => {
    const lake = await madeLake()
    const { store } = lake.engine
    await lake.again()
    const [, first] = await store.history('prices', monday)
    await store.rollback({ asset: 'prices', key: monday, materialization: first!.id, now: lake.world.at })
    await store.wipe('sums', [monday], lake.world.at)
    await lake.again(2)
    await lake.again(100)
    await lake.again(200)
    await lake.again(3)
    await lake.again(3)

    const verified = await lake.verified({ orphanMs: 0, stuckMs: 0 })

    expect(verified).toMatchObject({ partitions: 4, runs: 7, violations: [], more: 0 })
    expect(verified.files).toBeGreaterThan(12)
  })

  test('a catalogue that was read back from its files is whole, also when its partitions are made again', async () => {
    const lake = await madeLake()
    await lake.again()
    const found = await Array.fromAsync((await lake.engine.io()).scan())
    lake.break(
      'delete from event; delete from materialization; delete from partition; delete from run_end; delete from run',
    )
    const materializations = found.flatMap((one) => {
      if ('error' in one) throw new Error(one.error)
      const { file, identity, writtenAt } = one
      const { materialization: id, ...own } = identity
      return [{ ...file, ...own, id, run: '', checks: [], metadata: { reindexed: true }, at: Math.round(writtenAt) }]
    })
    await lake.engine.store.reindex(materializations)

    expect(await lake.kinds({ orphanMs: 0 })).toEqual([])

    await make(lake.engine, { mode: 'all', now: lake.world.at })
    await lake.again()
    expect(await lake.kinds({ orphanMs: 0 })).toEqual([])
  })

  test('what retention gave up is not missed', async () => {
    const lake = await madeLake({ retain: { versions: 1, events: '1h', ticks: '1h' } })
    await lake.again()
    await lake.again(200)
    lake.world.at += 3 * day
    await lake.engine.retain()

    expect(await lake.kinds({ orphanMs: 0, stuckMs: 100 * day })).toEqual([])
  })

  test('a step under way is no violation', async () => {
    const lake = await madeLake()
    await lake.engine.store.createRun({
      id: 'r',
      ask: { assets: ['prices'], filter: { keys: {} }, mode: 'all', now: 0, reason: '' },
      leader: lake.engine.worker,
      now: lake.world.at,
    })
    await lake.engine.store.claim({
      ...{ run: 'r', worker: lake.engine.worker, asset: 'prices', keys: [monday], inputs: [] },
      ...{ now: lake.world.at, leaseMs: 30_000 },
    })
    writeFileSync(join(await lake.pathOf(), '..', 'next.parquet'), 'begun')

    expect(await lake.kinds()).toEqual([])
  })
})

describe('files', () => {
  test('one that was changed is found by reading it, one of another size also without', async () => {
    const lake = await madeLake()
    const path = await lake.pathOf()
    const bytes = (await lake.engine.store.files('prices'))[0]!.bytes
    writeFileSync(path, Buffer.alloc(bytes, 7))

    expect(await lake.kinds({ quick: true })).toEqual([])
    expect(await lake.kinds()).toEqual([`file-damaged ${prices}`])

    truncateSync(path, bytes - 1)
    const [violation] = (await lake.verified({ quick: true })).violations
    expect(violation).toMatchObject({ kind: 'file-damaged', got: `expected ${bytes} bytes, got ${bytes - 1}` })
  })

  test('one that is gone is found, also of a version that one could go back to', async () => {
    const lake = await madeLake()
    rmSync(await lake.pathOf())
    const earlier = await lake.pathOf(monday, 'sums')
    await lake.again()
    rmSync(earlier)
    rmSync(await lake.pathOf(monday, 'sums'))

    const { violations } = await lake.verified({ quick: true })

    expect(violations.map(({ kind, where, got }) => [kind, where, got])).toEqual([
      ['file-damaged', prices, 'it is gone'],
      ['file-damaged', `sums ${monday}`, 'it is gone'],
      ['file-damaged', `sums ${monday}`, 'it is gone'],
    ])
  })

  test('one that the catalogue does not know is found once no step can be about to publish it', async () => {
    const lake = await madeLake()
    const lost = join(await lake.pathOf(), '..', 'lost.parquet')
    writeFileSync(lost, 'lost')
    writeFileSync(join(lake.root, 'stray'), 'stray')
    const refused = join(await lake.pathOf(), '..', 'old.rejected.parquet')
    writeFileSync(refused, 'refused')
    utimesSync(lost, 0, (lake.world.at - 2 * day) / 1_000)

    expect(await lake.kinds()).toEqual([`file-orphaned prices/${monday}/lost.parquet`])
    expect(await lake.kinds({ orphanMs: 0 })).toHaveLength(3)
    expect(readdirSync(lake.root)).toContain('stray')
  })
})

describe('the catalogue and its events', () => {
  test('a publication that was announced twice', async () => {
    const lake = await madeLake()
    lake.break(
      `insert into event (at, run_id, partition_id, type, payload) select at, run_id, partition_id, type, payload
       from event where partition_id = ${on('prices')}`,
    )
    expect(await lake.kinds()).toEqual([`event-doubled ${prices}`])
  })

  test('a version that no event announced', async () => {
    const lake = await madeLake()
    lake.break(
      `insert into materialization (uid, partition_id, run_id, status, at, path, rows, bytes, version, code_version,
         inputs, checks, metadata, superseded_at)
       select 'hidden', partition_id, run_id, 1, at, '', 0, 0, 'v', '1', '{}', '[]', '{}', at from materialization
       where id = ${current('prices')}`,
    )
    // It also looks as if its run had made the partition twice.
    expect(await lake.kinds()).toEqual([`version-unannounced ${prices}`, `version-repeated ${prices}`])
  })

  test('a publication without its version', async () => {
    const lake = await madeLake()
    await lake.again()
    lake.break(`delete from materialization where partition_id = ${on('sums')} and superseded_at is not null`)
    expect(await lake.kinds()).toEqual([`event-unfounded sums ${monday}`])
  })

  test('two versions of one partition by one run, unless something in between explains it', async () => {
    const lake = await madeLake()
    await lake.again()
    lake.break(
      `update materialization set run_id = (select max(id) from run) where partition_id in (${on('prices')}, ${on('sums')})`,
      'update event set id = -10 * id',
      'update event set id = -id',
      `insert into event (id, at, run_id, partition_id, type)
       select min(id) + 1, 0, 0, partition_id, 8 from event where partition_id = ${on('sums')} and type = 0`,
    )
    expect(await lake.kinds()).toContain(`version-repeated ${prices}`)
    expect(await lake.kinds()).not.toContain(`version-repeated sums ${monday}`)
  })

  test('a pointer to an older version that nobody rolled back to', async () => {
    const lake = await madeLake()
    await lake.again()
    lake.break(
      `update partition set materialization_id = (select min(id) from materialization where partition_id = partition.id)
       where id = ${on('prices')}`,
    )
    expect(await lake.kinds()).toEqual([
      `pointer-unexplained ${prices}`,
      `version-misfiled ${prices}`,
      `version-misfiled ${prices}`,
    ])
  })

  test('a pointer to nothing, to what a check refused, and to what was given up', async () => {
    const lake = await madeLake()
    lake.break(`update partition set materialization_id = 9999 where id = ${on('prices')}`)
    expect(await lake.kinds()).toEqual([`pointer-dangling ${prices}`])
    lake.break(
      `update partition set materialization_id = (select id from materialization where partition_id = partition.id)
       where id = ${on('prices')}`,
      `update materialization set removed_at = 1 where id = ${current('sums')}`,
    )
    expect(await lake.kinds()).toEqual([`pointer-dangling sums ${monday}`])
  })

  test('a published partition that lost its pointer', async () => {
    const lake = await madeLake()
    lake.break(`update partition set materialization_id = null where id = ${on('prices')}`)
    expect(await lake.kinds()).toEqual([`pointer-unexplained ${prices}`, `version-misfiled ${prices}`])
  })

  test('a status that its last event does not explain', async () => {
    const lake = await madeLake()
    lake.break(`update partition set status = 2 where id = ${on('prices')}`)
    expect(await lake.kinds()).toContain(`status-unexplained ${prices}`)
  })

  test('a lease that a dead process left', async () => {
    const lake = await madeLake()
    lake.break(
      `update partition set worker = 'gone', leased_until = ${lake.world.at - hour} where id = ${on('prices')}`,
    )
    expect(await lake.kinds()).toEqual([`lease-left ${prices}`])
  })

  test('sources that are not there, and sources that a check refused', async () => {
    const lake = await madeLake()
    lake.break(`update materialization set sources = '{"prices":[77777]}' where id = ${current('sums')}`)
    expect(await lake.kinds()).toEqual([`lineage-broken sums ${monday}`])

    await lake.again(100)
    const [refused] = await lake.engine.store.history('prices', monday)
    lake.break(`update materialization set sources = '{"prices":[${refused!.number}]}' where id = ${current('sums')}`)
    expect((await lake.verified()).violations[0]).toMatchObject({
      ...{ kind: 'lineage-broken', where: `sums ${monday}`, got: `number ${refused!.number}, which a check refused` },
    })
  })

  test('a status block that shows something else', async () => {
    const lake = await madeLake()
    const space = await lake.engine.store.statusChanges('prices', 0)
    const layout = 'date from 2024-01-01'
    const bytes = Buffer.alloc(2, 2).toString('base64')
    await lake.engine.store.keepStatusBlock('prices', { asOf: space.asOf, layout, bytes })

    expect(await lake.kinds()).toEqual([
      `status-block-differs ${prices}`,
      'status-block-differs prices date=2024-01-02',
    ])
  })
})

describe('runs', () => {
  test('one that nobody leads any more is stuck, and one that waits for its turn is not', async () => {
    const lake = await madeLake()
    const ask = { assets: ['prices'], filter: { keys: {} }, mode: 'all', now: 0, reason: '' } as const
    const { store, worker } = lake.engine
    await store.createRun({ id: 'lost', ask, leader: 'gone', now: lake.world.at })
    await store.createRun({ id: 'waiting', ask, leader: worker, now: lake.world.at })
    lake.world.at += hour

    expect(await lake.kinds()).toEqual(['run-stuck run lost'])
  })

  test('one whose leader lives but which does not move is stuck', async () => {
    const lake = await madeLake()
    const ask = { assets: ['prices'], filter: { keys: {} }, mode: 'all', now: 0, reason: '' } as const
    const { store, worker } = lake.engine
    await store.createRun({ id: 'idle', ask, leader: worker, now: lake.world.at })
    await store.admitRuns(worker, {}, lake.world.at)
    lake.world.at += hour

    expect(await lake.kinds()).toEqual(['run-stuck run idle'])
  })

  test('a worker that fell silent', async () => {
    const lake = await madeLake()
    await lake.engine.store.join({ id: 'w9', host: 'there', pid: 1, startedAt: 1 }, lake.world.at)
    lake.world.at += hour

    expect(await lake.kinds()).toEqual(['worker-silent worker w9'])
  })

  test('ends that are missing, too early, or do not add up', async () => {
    const lake = await madeLake()
    const { id } = await lake.again()
    lake.break(`delete from run_end where id = (select max(id) from run_end)`)
    expect(await lake.kinds()).toEqual([`run-end-missing run ${id}`])

    lake.break(
      `insert into run_end (run_id) select max(id) from run`,
      `update run set counts = replace(counts, '"planned":{"prices":2', '"planned":{"prices":3') where uid = '${id}'`,
    )
    expect(await lake.kinds()).toEqual([`run-counts-wrong run ${id}`])

    lake.break(`update run set status = 'running' where uid = '${id}'`)
    expect(await lake.kinds()).toContain(`run-end-early run ${id}`)
  })

  test('one that counts more publications than there were', async () => {
    const lake = await madeLake()
    const { id } = await lake.again()
    lake.break(`update run set counts = replace(counts, '"prices":2', '"prices":8') where uid = '${id}'`)
    expect((await lake.verified()).violations).toMatchObject([
      { kind: 'run-counts-wrong', expected: '10 publications', got: '4' },
    ])
  })
})

describe('ticks', () => {
  let now: number
  beforeAll(() => {
    now = Math.floor(Date.now() / hour) * hour + 60_000
  })

  test('an instant that was left out is missing, unless the rule of catching up gives it up', async () => {
    for (const [catchUp, expected] of [
      ['all', ['tick-missing schedule hourly']],
      ['latest', []],
    ] as const) {
      const lake = await madeLake({ catchUp })
      await lake.engine.store.seeAutomations(['hourly'], now - 3 * hour)
      await lake.tick(now - 2 * hour)
      await lake.tick(now - hour)
      await lake.tick(now)
      expect(await lake.kinds()).toEqual([])

      lake.break(`delete from tick where scheduled_at = (select max(scheduled_at) from tick) - ${hour}`)
      expect(await lake.kinds()).toEqual(expected)
    }
  })

  test('more were missed than are caught up with: these are not missing', async () => {
    const lake = await madeLake()
    await lake.engine.store.seeAutomations(['hourly'], now - 20 * hour)
    await lake.tick(now - 18 * hour)
    await lake.tick(now)

    expect(await lake.engine.store.ticks('hourly', 100)).toHaveLength(7)
    expect(await lake.kinds()).toEqual([])
  })

  test('an instant that nobody decides although a process is there is overdue', async () => {
    const lake = await madeLake()
    await lake.engine.store.seeAutomations(['hourly'], now)
    lake.world.at = now + 2 * hour

    expect(await lake.kinds()).toEqual(['tick-overdue schedule hourly'])

    await lake.engine.store.setAutomation('hourly', false, true, lake.world.at)
    expect(await lake.kinds()).toEqual([])
  })

  test('runs of ticks and of run keys that are not there', async () => {
    const lake = await madeLake()
    await lake.engine.store.seeAutomations(['hourly'], now - hour)
    await lake.tick(now)
    const [tick] = await lake.engine.store.ticks('hourly', 1)
    lake.break(
      `update tick set runs = '["lost"]'`,
      `insert into run_key (definition, run_key, run) values ('hourly', 'k', 'lost too')`,
    )

    expect(await lake.kinds()).toEqual([
      `tick-run-missing tick of hourly at ${new Date(tick!.scheduledAt).toISOString()}`,
      'run-key-unfounded run key "k" of hourly',
    ])
  })
})

test('what is listed is bounded, and the rest counted', async () => {
  const lake = await madeLake()
  const folder = join(await lake.pathOf(), '..')
  for (let file = 0; file < 1_005; file++) writeFileSync(join(folder, `${file}.parquet`), '')

  const { violations, more } = await lake.verified({ orphanMs: 0 })

  expect([violations.length, more]).toEqual([1_000, 5])
})

test('a store may be looked at while others write to it', async () => {
  const lake = await madeLake()
  const reader = sqliteStore(lake.file, { readOnly: true })
  onTestFinished(() => reader.close())
  let isOver = false
  const writing = (async (engine: Engine) => {
    for (let round = 0; round < 20; round++) await make(engine, { mode: 'all', now: lake.world.at })
    isOver = true
  })(lake.engine)
  const found = []
  while (!isOver) found.push(...(await lake.verified({}, reader)).violations)
  await writing

  expect(found).toEqual([])
})
