import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { AnyAsset, AnyJob } from '#pipeline'
import {
  daily,
  defineAsset,
  defineJob,
  defineSchedule,
  definitions,
  externalAsset,
  memoryIo,
  provide,
  scheduledAsk,
  selectAssets,
} from '#pipeline'

const output = z.strictObject({ n: z.int() })
const date = daily({ since: '2024-01-01' })
const run = () => []

const prices = defineAsset({ name: 'prices', layer: 'bronze', partitions: { date }, output, run })
const feed = externalAsset({ name: 'feed', output })
const depth = defineAsset({
  name: 'depth',
  layer: 'bronze',
  partitions: { date },
  params: z.object({ levels: z.int().default(20) }),
  output,
  run,
})
const means = defineAsset({ name: 'means', layer: 'silver', partitions: { date }, deps: { prices, feed }, output, run })
const assets = [prices, feed, depth, means] as const

const deployed = (...jobs: readonly AnyJob[]) => definitions({ assets, jobs, resources: {}, io: provide(memoryIo) })

const names = (job: AnyJob) => (job.assets as readonly AnyAsset[]).map(({ name }) => name)

describe('a job that selects its assets', () => {
  test.each([
    ['layer:bronze', ['prices', 'depth']],
    ['+means', ['prices', 'means']],
    ['* and not depth', ['prices', 'means']],
  ])('by "%s" has those of the deployment', (select, expected) => {
    const { jobs } = deployed(defineJob({ name: 'chosen', select }))

    expect(names(jobs.get('chosen')!)).toEqual(expected)
  })

  test('may name another job, and be named in a selection', () => {
    const all = deployed(
      defineJob({ name: 'books', assets: [depth] }),
      defineJob({ name: 'others', select: '* and not job:books' }),
    )

    expect(names(all.jobs.get('others')!)).toEqual(['prices', 'means'])
    expect(selectAssets(all, 'job:others').map(({ name }) => name)).toEqual(['prices', 'means'])
  })

  test('is what a schedule asks for', () => {
    const nightly = defineSchedule({
      name: 'nightly',
      job: defineJob({ name: 'chosen', select: 'layer:bronze', params: { depth: { levels: 5 } } }),
      cron: '0 1 * * *',
    })
    const all = definitions({ assets, schedules: [nightly], resources: {}, io: provide(memoryIo) })

    expect(scheduledAsk(all.schedules.get('nightly')!, Date.parse('2024-01-03T01:00:00Z'))).toMatchObject({
      assets: ['prices', 'depth'],
      filter: { spans: [{ start: Date.parse('2024-01-02') }] },
      params: { depth: { levels: 5 } },
    })
  })

  test.each([
    ['a selection that can not be read', { select: 'layer:' }, 'selection can not be read'],
    ['a selection of nothing', { select: 'layer:gold' }, 'selection "layer:gold" is empty'],
    ['a job that selects by itself', { select: 'job:chosen' }, 'no job is named "chosen"'],
    ['parameters of what is not selected', { select: 'prices', params: { depth: {} } }, 'it is not selected'],
    ['what others make', { select: 'feed' }, 'is made by others'],
  ])('is refused with the deployment: %s', (_, spec, message) => {
    expect(() => deployed(defineJob({ name: 'chosen', ...spec }))).toThrow(message)
  })
})
