import { z } from 'zod'
import type { AnyAsset } from '#pipeline'
import { daily, defineAsset, definitions, eager, memoryIo, provide } from '#pipeline'
import type { AutomationCursor } from '../pipeline/plan/automation-cursor.ts'
import type { AutomationFacts } from '../pipeline/plan/evaluate-clause.ts'
import { evaluateConditions } from '../pipeline/plan/evaluate-conditions.ts'
import { addRange, noPartitions } from '../pipeline/plan/partition-set.ts'
import type { Space } from '../pipeline/plan/space.ts'
import { median, report } from './measure.ts'

/** Conditions of 1,000 assets of 2,000 partitions, each reading up to three others: one evaluation of the daemon. */
const assets = 1_000
const now = new Date(Date.UTC(2024, 0, 1) + 2_000 * 86_400_000)
const date = daily({ since: '2024-01-01' })
const output = z.strictObject({ n: z.int() })

const list: AnyAsset[] = []
for (let at = 0; at < assets; at++) {
  const read = at < 10 ? [] : [at - 10, at - 7, at - 3].map((from) => list[from]!)
  list.push(
    defineAsset({
      name: `asset_${at}`,
      partitions: { date },
      deps: Object.fromEntries(read.map((one) => [one.name, one])) as {},
      output,
      automation: eager(),
      run: () => [],
    } as never) as AnyAsset,
  )
}
const all = definitions({ assets: list as never, resources: {}, io: provide(memoryIo) })

const updated = new Set<string>()
let revision = 0
const facts: AutomationFacts = {
  revision: (asset) => (updated.has(asset) ? revision : 0),
  missing: (_, space) => noPartitions(space),
  inProgress: (_, space) => noPartitions(space),
  failed: (_, space) => noPartitions(space),
  updated: (asset, space) => (updated.has(asset) ? [updateOf(space)] : []),
}

function updateOf(space: Space) {
  const partitions = noPartitions(space)
  addRange(partitions, space.size - 20, space.size - 1)
  return { partitions, changed: partitions, isToMake: () => false }
}

let cursor: AutomationCursor | undefined
const evaluation = () => {
  const startedAt = performance.now()
  const { cursor: next } = evaluateConditions(all, facts, cursor, { now })
  cursor = next
  return performance.now() - startedAt
}

const first = evaluation()
for (let round = 0; round < 3; round++) evaluation()
const unchanged = median(Array.from({ length: 15 }, evaluation))
const changed = median(
  Array.from({ length: 9 }, () => {
    revision++
    for (let at = 0; at < assets; at += 100) updated.add(`asset_${at}`)
    const took = evaluation()
    updated.clear()
    for (let round = 0; round < 3; round++) evaluation()
    return took
  }),
)

const measure = (name: string, value: number, goal: string, ok: boolean | null) =>
  report({ name, value, unit: 'ms', reference: null, ratio: null, goal, ok })
measure('conditions of 1,000 × 2,000, nothing changed', unchanged, '< 100', unchanged < 100)
measure('conditions of 1,000 × 2,000, 1 % of assets updated', changed, 'for information', null)
measure('conditions of 1,000 × 2,000, all evaluated', first, 'for information', null)
