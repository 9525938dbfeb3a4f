import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Engine, LogLine, PartitionKey, RunAsk } from '#pipeline'
import { openEngine, sqliteStore } from '#pipeline'
import type { EngineOptions } from '../../../pipeline/run/engine.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import type { Misdeed } from './isolated-assets.ts'
import { isolatedAssets } from './isolated-assets.ts'
import { asking, engineOf, make, newPlace, rowsOf } from './open-engine.ts'

const module = join(import.meta.dirname, 'isolated-step.ts')

/** An engine over a real store and lake, whose assets ask to be isolated unless said otherwise. */
async function isolatingEngine(
  options: { readonly isolate?: boolean; readonly childVersion?: string } & Partial<EngineOptions> = {},
) {
  const { isolate = true, childVersion = '1', ...others } = options
  const folder = temporaryFolder()
  const assets = isolatedAssets(folder, isolate)
  const engine = await openEngine({
    definitions: assets.all(),
    store: sqliteStore(join(folder, 'store.sqlite')),
    concurrency: 4,
    random: () => 0,
    isolation: { module, args: [folder, childVersion], graceMs: 200 },
    ...others,
  })
  onTestFinished(() => engine.close())
  return { engine, assets, folder }
}

const upTo = { keys: { date: ['2024-01-01', '2024-01-02', '2024-01-03'], market: ['A'] } }

const misbehave = (engine: Engine, misdeed: Misdeed, ask: Partial<RunAsk> = {}) =>
  make(engine, { assets: ['misfit'], mode: 'all', params: { misfit: { misdeed } }, ...ask })

async function linesOf(engine: Engine, run: string): Promise<readonly LogLine[]> {
  const events = await engine.store.events({ run, limit: 1_000 })
  return events.flatMap(({ type, payload }) => (type === 'log' ? (payload.lines as unknown as LogLine[]) : []))
}

const isAlive = (pid: number): boolean => {
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}
const pidIn = (folder: string, file = 'pid') =>
  existsSync(join(folder, file)) ? Number(readFileSync(join(folder, file), 'utf8')) : 0

/** A process takes a while to start where all cores are busy. */
const patient = { timeout: 30_000 }

describe('an isolated step', () => {
  test('makes what it makes in the process of its engine: rows, files, versions, metadata, checks and logs', async () => {
    const ask = { assets: ['quotes', 'mean', 'sum', 'spans'], filter: upTo, params: { quotes: { times: 3 } } }
    const made = async (isolate: boolean) => {
      const { engine, assets } = await isolatingEngine({ isolate })
      const first = await make(engine, ask)
      const again = await make(engine, { ...ask, mode: 'all' })
      expect([first.failures, again.failures]).toEqual([{}, {}])
      const versions = []
      for (const name of ask.assets) {
        for (const { key } of await engine.store.files(name)) {
          for (const one of await engine.store.history(name, key)) {
            const { key, version, content, rows, bytes, metadata, checks, inputs, codeVersion } = one
            versions.push({ name, key, version, content, rows, bytes, metadata, checks, inputs, codeVersion })
          }
        }
      }
      const lines = (await linesOf(engine, first.id)).map(({ at: _, ...line }) => JSON.stringify(line)).sort()
      const rows = await rowsOf(engine, assets.sum, 'date=2024-01-03/market=A')
      return { ends: [first.ends, again.ends], versions, lines, rows }
    }

    const [isolated, inProcess] = [await made(true), await made(false)]

    expect(isolated).toEqual(inProcess)
    expect(isolated.versions.length).toBeGreaterThanOrEqual(12)
    expect(isolated.ends[0]).toEqual({ published: 12 })
  })

  test('runs in another process, which is gone when the step is over, with all that it started', async () => {
    const { engine, folder } = await isolatingEngine()

    expect((await misbehave(engine, 'children')).status).toBe('succeeded')

    expect(pidIn(folder)).not.toBe(process.pid)
    expect([pidIn(folder), pidIn(folder, 'grandchild')].map(isAlive)).toEqual([false, false])
  })

  test('is not a way around an engine that can start no process', async () => {
    const { engine, folder } = await isolatingEngine({ isolation: undefined as never })

    const made = await misbehave(engine, 'talk')

    expect(made.failures.misfit).toBe(
      'asset "misfit" asks to be isolated, and this engine does not know how to start a process for it; give openEngine({ isolation })',
    )
    expect(existsSync(join(folder, 'pid'))).toBe(false)
  })

  test('is refused where rows are in the memory of one process', async () => {
    const frail = isolatedAssets(temporaryFolder(), true).frail

    const made = await make(await engineOf([frail], newPlace(), { isolation: { module } }))

    expect(made.failures.frail).toContain('its rows are kept in the memory of this process')
  })

  test('is refused where the code was changed since the engine started', async () => {
    const { engine } = await isolatingEngine({ childVersion: '2' })

    const made = await make(engine, { assets: ['quotes', 'mean'], filter: upTo })

    expect(made.failures.mean).toContain('asset "mean" is version 1 here and 2 in the process started for it')
  })

  test('has in its log what its process printed', async () => {
    const { engine } = await isolatingEngine()

    const { id } = await misbehave(engine, 'talk')

    const lines = (await linesOf(engine, id)).map(({ level, message }) => `${level} ${message}`)
    expect(lines.toSorted()).toEqual(
      ['info about to', 'info to the output', 'error to the error output', 'info unfinished'].toSorted(),
    )
  })

  test('keeps no more lines of its log than any other', async () => {
    const { engine } = await isolatingEngine()

    const { id } = await misbehave(engine, 'babble')

    const lines = await linesOf(engine, id)
    expect(lines).toHaveLength(10_001)
    expect(lines.at(-1)!.message).toMatch(/^101 more lines were not kept/)
  })

  test('of fifty, four at once, each publishes what it made', async () => {
    const { engine, assets } = await isolatingEngine()

    expect(await make(engine, { assets: ['small'] })).toMatchObject({ status: 'succeeded', ends: { published: 50 } })

    const files = await engine.store.files('small')
    const rows = await (await engine.io()).table<{ n: number }>(assets.small, files).toArray()
    expect(rows.map(({ n }) => n).sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, n) => n))
  })
})

describe('a step that loses its process', () => {
  test.each<readonly [string, Misdeed, string | RegExp]>([
    [
      'to a call of process.exit',
      'exit',
      'the process of asset "misfit" ended with exit code 3; return or throw instead of ending it; its log says more; it said last: I have had enough',
    ],
    [
      'to a crash of native code',
      'segfault',
      'the process of asset "misfit" was killed by SIGSEGV; look at the native code that it calls',
    ],
    [
      'to a full heap',
      'heap',
      /ran out of memory: it (filled its heap|used \d+ MB), and its limit is 256 MB; give it more/,
    ],
    [
      'to memory outside of the heap',
      'buffers',
      'MB, and its limit is 256 MB; give it more with isolate: { memoryMb }',
    ],
    ['to a rejection that nobody handles', 'reject', 'nobody waits for this'],
  ])('%s has failed, says how, and hurts no other', async (_, misdeed, error) => {
    const { engine, folder } = await isolatingEngine()

    const filter = { keys: { at: ['p1', 'p2', 'p3'] } }
    const made = await misbehave(engine, misdeed, { assets: ['misfit', 'small'], filter })

    expect(made.failures.misfit).toMatch(error)
    expect(made.ends).toEqual({ published: 3, failed: 1 })
    expect(isAlive(pidIn(folder))).toBe(false)
    expect((await linesOf(engine, made.id)).map(({ message }) => message)).toContain('about to')
    expect(await engine.store.files('misfit')).toEqual([])
  })

  test('keeps of a range what was published before', async () => {
    const { engine } = await isolatingEngine()
    await make(engine, { assets: ['quotes'], filter: upTo })

    const made = await make(engine, { assets: ['spans'], filter: upTo, params: { spans: { breakAt: '2024-01-03' } } })

    expect(made.failures.spans).toContain('partition "date=2024-01-03/market=A" ended with exit code 4')
    expect((await engine.store.files('spans')).map(({ key }) => key)).toEqual([
      'date=2024-01-01/market=A',
      'date=2024-01-02/market=A',
    ])
  })

  test('is tried again as its policy says', async () => {
    const { engine } = await isolatingEngine()

    expect(await make(engine, { assets: ['frail'] })).toMatchObject({ status: 'succeeded', ends: { published: 1 } })

    const events = await engine.store.events({ limit: 10 })
    const ends = events.filter(({ type }) => type === 'failed' || type === 'published')
    expect(ends.map(({ type, payload }) => [type, payload.attempt])).toEqual([
      ['failed', 1],
      ['published', undefined],
    ])
  })
})

describe('an engine that is killed', () => {
  test.each<Misdeed>(['wait', 'loop'])(
    'takes the processes of its steps along, whatever they do: %s',
    async (misdeed) => {
      const folder = temporaryFolder()
      const engine = spawn(process.execPath, [join(import.meta.dirname, 'isolating-process.ts'), folder, misdeed])
      await expect.poll(() => pidIn(folder), patient).toBeGreaterThan(0)
      expect(isAlive(pidIn(folder))).toBe(true)

      engine.kill('SIGKILL')

      await once(engine, 'exit')
      await expect.poll(() => isAlive(pidIn(folder)), patient).toBe(false)
    },
  )
})

describe('a step that was not asked to be isolated', () => {
  test('is isolated after a process died over it, where the engine knows how', async () => {
    const [able, unable] = [
      await isolatingEngine({ isolate: false }),
      await isolatingEngine({ isolate: false, isolation: undefined as never }),
    ]

    for (const { engine } of [able, unable]) {
      await dieOver(engine, 'misfit')
      expect((await misbehave(engine, 'none')).status).toBe('succeeded')
    }

    expect(pidIn(able.folder)).not.toBe(process.pid)
    expect(pidIn(unable.folder)).toBe(process.pid)
  })

  test('is given up after three deaths where nothing can be isolated', async () => {
    const { engine } = await isolatingEngine({ isolate: false, isolation: undefined as never })
    for (let death = 0; death < 3; death++) await dieOver(engine, 'misfit')

    const made = await misbehave(engine, 'none')

    expect(made.status).toBe('failed')
    expect(made.failures.misfit).toContain('3 processes died while they made asset "misfit"')
  })
})

/** A worker that claims the one partition of an asset, and is never heard of again. */
async function dieOver({ store, worker }: Engine, asset: string): Promise<void> {
  const [run, ghost] = [`run${Math.random()}`, `ghost${Math.random()}`]
  const ask = { assets: [asset], filter: { keys: {} }, mode: 'all', now: 0, reason: 'test' } as const
  const key = '' as PartitionKey
  await store.createRun({ id: run, ask, leader: ghost, now: 0 })
  await store.claim({ run, worker: ghost, asset, keys: [key], now: Date.now(), leaseMs: 30_000, inputs: [] })
  await store.inherit(ghost, worker, Date.now(), 30_000)
  await store.free(worker, [{ asset, key }])
}

describe('a step that does not stop', () => {
  test('in an endless loop is killed when its time is over', async () => {
    const { engine } = await isolatingEngine()

    const made = await make(engine, { assets: ['slow'] })

    expect(made.failures.slow).toBe(
      'asset "slow" partition "" took longer than its timeout of 1000 ms; give it more, or heed its signal; because the process of asset "slow" did not stop within 200 ms of being told to, and was killed; heed the signal',
    )
  })

  test.each<Misdeed>(['wait', 'loop'])('is canceled with its run, whether it listens or not: %s', async (misdeed) => {
    const { engine, folder } = await isolatingEngine()
    const started = await engine.start(asking(engine, { assets: ['misfit'], params: { misfit: { misdeed } } }))
    await expect.poll(() => pidIn(folder), patient).toBeGreaterThan(0)

    await engine.cancel(started.id)

    const { state } = await started.result
    expect([state.status, state.counts.canceled]).toEqual(['canceled', { misfit: 1 }])
    expect(isAlive(pidIn(folder))).toBe(false)
  })
})

describe('what an isolated author throws', () => {
  test('comes with its name, fields and causes, and is judged where its class is known', async () => {
    const { engine } = await isolatingEngine()

    const made = await make(engine, { assets: ['flaky'] })

    expect(made.failures.flaky).toBe('come again; because of this kind')
    const events = await engine.store.events({ run: made.id, limit: 10 })
    const failed = events.filter(({ type }) => type === 'failed')
    expect(failed.map(({ payload }) => payload.attempt)).toEqual([1, 2])
  })

  test('is not tried again where it is a mistake', async () => {
    const { engine } = await isolatingEngine()

    const made = await make(engine, { assets: ['broken', 'unopened'] })

    expect(made.failures.broken).toContain('asset "broken" returned a row that does not fit its output schema: row 0')
    expect(made.failures.unopened).toBe('no such server')
    const events = await engine.store.events({ run: made.id, limit: 10 })
    expect(events.filter(({ type }) => type === 'failed')).toHaveLength(2)
  })
})
