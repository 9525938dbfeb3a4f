import { expect, test } from 'vitest'
import { z } from 'zod'
import type { AnyAsset, Engine, Rows } from '#pipeline'
import { anyDepsMatch, daily, dataVersionChanged, defineAsset, materialize, stepsOf, versioned } from '#pipeline'
import { automationOf } from '../../../pipeline/daemon/automation.ts'
import type { Run } from '../../../pipeline/define/asset.ts'
import { asking, engineOf, make, newPlace, now, rowsOf } from './open-engine.ts'

const output = z.strictObject({ n: z.int() })
type Row = z.output<typeof output>

/** What the source makes next, and under which version. */
interface Says {
  n: number
  version: string | undefined
}

function assetsOf(says: Says) {
  const source = defineAsset({
    name: 'source',
    output,
    run({ version }) {
      if (says.version !== undefined) version(says.version)
      return [{ n: says.n }]
    },
  })
  const reader = defineAsset({ name: 'reader', deps: { source }, output, run: ({ inputs }) => inputs.source })
  return [source, reader] as const
}

const again = (engine: Engine) => make(engine, { mode: 'sources' })
const stale = async (engine: Engine) => [...stepsOf(await engine.plan(asking(engine)))].map(({ asset }) => asset)

test('other rows under the same version are published, and leave what reads them fresh', async () => {
  const says: Says = { n: 1, version: 'v1' }
  const [source, reader] = assetsOf(says)
  const engine = await engineOf([source, reader])
  await make(engine)

  says.n = 2

  expect((await again(engine)).ends).toEqual({ published: 1, skipped: 1 })
  expect([await rowsOf(engine, source), await rowsOf(engine, reader)]).toEqual([[{ n: 2 }], [{ n: 1 }]])
  expect(await stale(engine)).toEqual([])
})

test('the same rows under another version make what reads them again', async () => {
  const says: Says = { n: 1, version: 'v1' }
  const engine = await engineOf(assetsOf(says))
  await make(engine)

  expect((await again(engine)).ends).toEqual({ unchanged: 1, skipped: 1 })
  says.version = 'v2'
  expect((await again(engine)).ends).toEqual({ published: 1, unchanged: 1 })
  says.version = undefined
  expect((await again(engine)).ends).toEqual({ published: 1, unchanged: 1 })
  expect((await again(engine)).ends).toEqual({ unchanged: 1, skipped: 1 })
})

test('a version that is said in a generator counts, as long as it is said before the first row', async () => {
  const generators: Record<string, (run: Run<{}, {}, {}, Row>) => Rows<Row>> = {
    async *awaited({ version }) {
      version('v1')
      yield { n: 1 }
      yield { n: 2 }
    },
    *plain({ version }) {
      version('v1')
      yield { n: 1 }
      yield { n: 2 }
    },
    *empty({ version }) {
      version('v1')
      yield* []
    },
    *late({ version }) {
      yield { n: 1 }
      version('v1')
    },
  }
  const assets = Object.entries(generators).map(([name, run]) =>
    defineAsset({ name, output, retry: { attempts: 1 }, run }),
  )
  const engine = await engineOf(assets as readonly AnyAsset[])

  const { failures } = await make(engine)

  expect(failures).toEqual({ late: expect.stringContaining('gave its version after its first row') })
  const versions = await Promise.all(['awaited', 'plain', 'empty'].map((name) => engine.store.current(name)))
  expect(versions.map(([made]) => [made?.version, made?.rows])).toEqual([
    ['v1', 2],
    ['v1', 2],
    ['v1', 0],
  ])
})

test('a range run gives a version to each partition that it yields', async () => {
  const day = daily({ since: '2024-01-01', until: '2024-01-03' })
  const ranged = defineAsset({
    name: 'ranged',
    partitions: { day },
    range: 'day',
    output,
    async *run({ partitions }) {
      for (const partition of partitions)
        yield { partition, rows: [{ n: 1 }], version: `of ${day.encode(partition.day)}` }
    },
  })
  const engine = await engineOf([ranged])

  await make(engine)

  const versions = (await engine.store.files('ranged')).map(({ version }) => version)
  expect(versions).toEqual(['of 2024-01-01', 'of 2024-01-02'])
})

test('the catalogue that is read back from the files knows the versions that were given', async () => {
  const place = newPlace()
  const says: Says = { n: 1, version: 'v1' }
  await make(await engineOf(assetsOf(says), place))
  const other = await engineOf(assetsOf(says), { ...newPlace(), io: place.io })

  for await (const found of place.io.scan()) {
    if ('error' in found) throw new Error(found.error)
    const { asset, key, codeVersion, inputs, materialization: id, version } = found.identity
    const about = { id, asset, key, run: '', codeVersion, inputs, checks: [], metadata: {}, at: now }
    await other.store.reindex([{ ...versioned(found.file, version), ...about }])
  }

  expect(await stale(other)).toEqual([])
  expect((await again(other)).ends).toEqual({ unchanged: 1, skipped: 1 })
})

test('a condition on new data versions does not heed other rows under the same one', async () => {
  const says: Says = { n: 1, version: 'v1' }
  const [source] = assetsOf(says)
  const watcher = defineAsset({
    name: 'watcher',
    deps: { source },
    automation: anyDepsMatch(dataVersionChanged()),
    output,
    run: ({ inputs }) => inputs.source,
  })
  const engine = await engineOf([source, watcher])
  const conditions = automationOf(engine)
  await make(engine)
  await conditions.decide(now + 1)

  says.n = 2
  await make(engine, { assets: ['source'], mode: 'all' })
  expect(await conditions.decide(now + 2)).toBeUndefined()

  says.version = 'v2'
  await make(engine, { assets: ['source'], mode: 'all' })
  expect((await conditions.decide(now + 3))?.runs).toHaveLength(1)
})

test('a version is text that is not too long, and a test of an asset sees it', async () => {
  const [source] = assetsOf({ n: 1, version: 'v7' })
  const [wordless] = assetsOf({ n: 1, version: '' })

  expect((await materialize(source, {})).version).toBe('v7')
  await expect(materialize(wordless, {})).rejects.toThrow('can not have the version ""')
  const late = defineAsset({
    name: 'late',
    output,
    *run({ version }) {
      yield { n: 1 }
      version('v1')
    },
  })
  await expect(materialize(late, {})).rejects.toThrow('gave its version after its first row')
})
