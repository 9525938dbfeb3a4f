import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { QueuedRun, RunLimits } from '#pipeline'
import { admitRuns } from '#pipeline'

const tagged = (id: string, tags: Record<string, string>, priority?: number): QueuedRun => ({ id, tags, priority })

test('without limits every run starts, by priority and then by age', () => {
  const queued = [tagged('old', {}), tagged('low', {}, -1), tagged('odd', {}, Number.NaN), tagged('high', {}, 3)]

  expect(admitRuns(queued, [], {})).toEqual(['high', 'old', 'odd', 'low'])
})

test('a run over the limit of its tag holds up no other', () => {
  const queued = [tagged('a', { db: 'tiny' }), tagged('b', { db: 'tiny' }), tagged('c', { db: 'large' })]

  expect(admitRuns(queued, [], { tags: [{ key: 'db', value: 'tiny', most: 1 }] })).toEqual(['a', 'c'])
})

test('what is under way counts, for each value apart where the limit says so', () => {
  const queued = [tagged('a', { db: 'tiny' }), tagged('b', { db: 'large' })]
  const underWay = [{ tags: { db: 'tiny' } }]

  expect(admitRuns(queued, underWay, { tags: [{ key: 'db', perValue: true, most: 1 }] })).toEqual(['b'])
  expect(admitRuns(queued, underWay, { tags: [{ key: 'db', most: 1 }] })).toEqual([])
})

test('a limit of 0 holds every run back', () => {
  expect(admitRuns([tagged('a', {})], [], { most: 0 })).toEqual([])
})

test('what is admitted fits every limit, and what is left would break one', () => {
  const run = fc.record({ tags: fc.dictionary(fc.constantFrom('a', 'b'), fc.constantFrom('x', 'y')) })
  const limit = fc.record(
    { key: fc.constantFrom('a', 'b'), value: fc.constantFrom('x', 'y'), most: fc.nat({ max: 3 }) },
    { requiredKeys: ['key', 'most'] },
  )
  const limits: fc.Arbitrary<RunLimits> = fc.record({
    most: fc.nat({ max: 6 }),
    tags: fc.array(limit, { maxLength: 3 }),
  })
  fc.assert(
    fc.property(fc.array(run), limits, (runs, own) => {
      const queued = runs.map(({ tags }, at) => tagged(`${at}`, tags))
      const admitted = admitRuns(queued, [], own).map((id) => queued[Number(id)]!)
      const left = queued.filter((one) => !admitted.includes(one))

      expect(isOver(admitted, own)).toBe(false)
      for (const one of left) expect(isOver([...admitted, one], own)).toBe(true)
    }),
  )
})

function isOver(runs: readonly QueuedRun[], { most, tags = [] }: RunLimits): boolean {
  const falls = (run: QueuedRun, { key, value }: { key: string; value?: string }) =>
    run.tags![key] !== undefined && (value === undefined || run.tags![key] === value)
  return runs.length > most! || tags.some((limit) => runs.filter((run) => falls(run, limit)).length > limit.most)
}
