import { expect, onTestFinished, test } from 'vitest'
import { localQueue } from '../../../pipeline/queue/local.ts'
import { job, testQueue, workbench } from './conformance.ts'

testQueue('local queue', localQueue)

test('the highest priority goes first over all pools', async () => {
  const queue = localQueue({ concurrency: 1, pools: {} })
  const bench = workbench()
  onTestFinished(() => queue.close())
  await queue.add([job({ asset: 'low' }), job({ asset: 'high', priority: 5, pool: 'binance' })])

  queue.work(bench.handle)
  for (const asset of ['high', 'low']) await bench.finish(asset)

  expect(bench.begun).toEqual(['high', 'low'])
})
