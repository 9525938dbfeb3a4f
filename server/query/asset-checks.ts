import type { Engine, KeptMaterialization } from '#pipeline'
import { assetNamed } from '#pipeline'
import type { Answer, Asked } from '../contract/contract.ts'
import { firstFound } from './first-found.ts'
import { isCurrent } from './versions.ts'

type Item = Answer<'checks'>['items'][number]

/** Versions that are looked at, and outcomes of one check that are told. */
const mostVersions = 1_000
const mostOutcomes = 50

/** The checks of an asset, declared or not any more, and what they found in its newest versions. */
export async function listChecks(engine: Engine, ask: Asked<'checks'>): Promise<Answer<'checks'>> {
  const asset = assetNamed(engine.definitions, ask.asset)
  const { items: versions } = await firstFound(undefined, (before) =>
    engine.store.materializationsPage({ asset: asset.name, before, limit: mostVersions }),
  )
  const items = new Map<string, Item>()
  const itemOf = (name: string): Item => {
    const known = items.get(name) ?? { name, blocking: null, severity: null, failing: 0, passing: 0, history: [] }
    items.set(name, known)
    return known
  }
  for (const name of Object.keys(asset.checks)) itemOf(name)
  for (const version of versions) for (const check of version.checks) take(itemOf(check.name), version, check)
  return { looked: versions.length, items: [...items.values()] }
}

/** Versions come newest first: what is known of the check itself is said by the first. */
function take(item: Item, made: KeptMaterialization, check: KeptMaterialization['checks'][number]): void {
  item.blocking ??= check.blocking
  item.severity ??= check.severity
  if (isCurrent(made)) item[check.passed ? 'passing' : 'failing'] += 1
  if (item.history.length < mostOutcomes) {
    const { at, key, run } = made
    item.history.push({ at, key, run, passed: check.passed, why: check.why })
  }
}
