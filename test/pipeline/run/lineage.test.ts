import { expect, test } from 'vitest'
import { z } from 'zod'
import type { AnyAsset, Engine, LineageNode, PartitionKey } from '#pipeline'
import { allOf, daily, defineAsset, hourly, keyed, lineage, rolling } from '#pipeline'
import { engineOf, make } from './open-engine.ts'

const output = z.strictObject({ n: z.int() })
const day = daily({ since: '2024-01-01', until: '2024-01-03' })
const monday = 'day=2024-01-01' as PartitionKey
const tuesday = 'day=2024-01-02' as PartitionKey

/** Raw answers of two days, candles of each, an index over both that also reads the raw ones; rows are `world.n`. */
async function deployment() {
  const world = { n: 1 }
  const raw = defineAsset({
    name: 'raw',
    partitions: { day },
    output,
    run({ metadata, key }) {
      metadata({ request: `/klines?${key}` })
      return [{ n: world.n }]
    },
  })
  const candles = defineAsset({ name: 'candles', partitions: { day }, deps: { raw }, output, run: rowsOf('raw') })
  const index = defineAsset({
    name: 'index_price',
    deps: { candles: allOf(candles, 'day'), raw: allOf(raw, 'day') },
    output,
    run: rowsOf('candles'),
  })
  const engine = await engineOf([raw, candles, index])
  await make(engine)
  return { engine, world }
}

const rowsOf =
  (input: string) =>
  async ({ inputs }: { inputs: any }) =>
    inputs[input].toArray()

const look = (engine: Engine, asset: string, key = '', of: object = {}) =>
  lineage(engine, asset, key as PartitionKey, { direction: 'up', ...of })

/** A line a node, each level further in. */
function lines(node: LineageNode, input = '', depth = 0): readonly string[] {
  const flags = [node.status === 'published' ? '' : node.status, node.isStale && 'stale', node.isRepeated && 'repeated']
  const own = [input, node.asset, node.key, ...flags].filter(Boolean).join(' ')
  const edges = node.edges.flatMap((edge) => [
    ...edge.nodes.flatMap((one) => lines(one, edge.input, depth + 1)),
    ...(edge.more === 0 ? [] : [`${'  '.repeat(depth + 1)}${edge.input} … ${edge.more}`]),
  ])
  return [`${'  '.repeat(depth)}${own}`, ...edges]
}

test('upwards a version leads to all that it was made from, with what the source said', async () => {
  const { engine } = await deployment()

  const root = await look(engine, 'index_price')

  expect(lines(root)).toEqual([
    'index_price',
    `  candles candles ${monday}`,
    `    raw raw ${monday} repeated`,
    `  candles candles ${tuesday}`,
    `    raw raw ${tuesday} repeated`,
    `  raw raw ${monday}`,
    `  raw raw ${tuesday}`,
  ])
  expect(root.edges[1]!.nodes[0]!.metadata).toEqual({ request: `/klines?${monday}` })
})

test('what was read stays known after other versions took its place', async () => {
  const { engine, world } = await deployment()
  const [before] = await engine.store.history('raw', monday)
  world.n = 2
  await make(engine, { assets: ['raw'], mode: 'all' })

  const root = await look(engine, 'candles', monday)

  expect(lines(root)).toEqual([`candles ${monday}`, `  raw raw ${monday} superseded`])
  expect(root.edges[0]!.nodes[0]!.materialization).toBe(before!.id)
  await engine.store.dropVersions([before!.number], 0)
  expect(lines(await look(engine, 'candles', monday))[1]).toBe(`  raw raw ${monday} removed`)
})

test('downwards a partition leads to what reads it, and tells what is stale since', async () => {
  const { engine, world } = await deployment()
  const down = async (depth?: number) => lines(await look(engine, 'raw', monday, { direction: 'down', depth }))
  expect(await down()).toEqual([
    `raw ${monday}`,
    `  raw candles ${monday}`,
    '    candles index_price repeated',
    '  raw index_price',
  ])

  world.n = 2
  await make(engine, { assets: ['raw', 'candles'], mode: 'all' })

  // Oldest first.
  expect(await down()).toEqual([
    `raw ${monday}`,
    '  raw index_price stale',
    `  raw candles ${monday}`,
    '    candles index_price stale repeated',
  ])
  await make(engine)
  expect((await down(1)).slice(1)).toEqual([`  raw candles ${monday}`, '    candles … 1', '  raw index_price'])
})

test('what read a wiped partition is still known, and stale', async () => {
  const { engine } = await deployment()
  await engine.wipe({ asset: 'raw', filter: { keys: {} } })

  const root = await look(engine, 'raw', monday, { direction: 'down', depth: 1 })

  expect(lines(root)[0]).toBe(`raw ${monday} superseded`)
  expect(root.edges.flatMap(({ nodes }) => nodes.map(({ isStale }) => isStale))).toEqual([true, true])
  await expect(look(engine, 'raw', monday)).rejects.toThrow(/nothing is published of partition "day=2024-01-01" of/)
  await expect(look(engine, 'rawer', monday)).rejects.toThrow(/did you mean "raw"/)
})

test('a wide tree is cut, and says by how much', async () => {
  const symbol = keyed(Array.from({ length: 60 }, (_, at) => `m${at}`))
  const ticks = defineAsset({ name: 'ticks', partitions: { symbol }, output, run: () => [{ n: 1 }] })
  const total: AnyAsset = defineAsset({ name: 'total', deps: { ticks: allOf(ticks, 'symbol') }, output, run: () => [] })
  const engine = await engineOf([ticks, total])
  await make(engine)

  const [edge] = (await look(engine, 'total')).edges
  expect([edge!.nodes.length, edge!.more]).toEqual([20, 40])
  const [few] = (await look(engine, 'total', '', { most: 5 })).edges
  expect([few!.nodes.length, few!.more]).toEqual([4, 56])
  expect(lines(await look(engine, 'total', '', { depth: 0 }))).toEqual(['total', '  ticks … 60'])
})

test('a version of before its sources were written down says so', async () => {
  const { engine } = await deployment()
  const [made] = await engine.store.history('candles', monday)
  const { sources: _, ...untold } = made!
  const later = { ...untold, id: 'older', at: made!.at + 1, inputs: { raw: 'v1' } }
  await engine.store.reindex([later])

  expect(lines(await look(engine, 'candles', monday))).toEqual([`candles ${monday}`, '  raw … -1'])
})

test('readers of a partition are found among very many by how they read it', async () => {
  const hour = hourly({ since: '2023-01-01T00', until: '2023-10-01T00' })
  const raw = defineAsset({ name: 'raw', partitions: { hour }, output, run: () => [{ n: 1 }] })
  const means = defineAsset({
    ...{ name: 'means', partitions: { hour }, output, run: () => [{ n: 2 }] },
    deps: { raw: rolling(raw, 'hour', { from: -2, to: 0 }) },
  })
  const engine = await engineOf([raw, means])
  const [start, end] = [Date.parse('2023-02-01T00:00Z'), Date.parse('2023-02-01T06:00Z')]
  const all = { filter: { spans: [{ start, end }], keys: {} }, mode: 'all', now: Date.now(), reason: 'test' } as const
  await (await engine.start({ assets: ['raw', 'means'], ...all })).result

  const root = await look(engine, 'raw', 'hour=2023-02-01T01', { direction: 'down' })

  expect(lines(root)).toEqual([
    'raw hour=2023-02-01T01',
    // What reads an hour that was never made could not be made either.
    '  raw means hour=2023-02-01T02',
    '  raw means hour=2023-02-01T03',
  ])
})
