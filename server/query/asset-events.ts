import type { Engine } from '#pipeline'
import { assetNamed } from '#pipeline'
import type { Answer, Asked } from '../contract/contract.ts'
import { nextOf, numberIn } from './cursor.ts'
import { toldEvent } from './told-event.ts'

/** What happened to an asset, newest first. Events are looked through in stretches: a page may hold none. */
export async function listAssetEvents(engine: Engine, ask: Asked<'assetEvents'>): Promise<Answer<'assetEvents'>> {
  const { name } = assetNamed(engine.definitions, ask.asset)
  const { items, next } = await engine.store.assetEventsPage({
    asset: name,
    ...(ask.type && { types: [ask.type] }),
    before: numberIn(ask.cursor),
    limit: ask.limit,
  })
  return { items: items.map(toldEvent), next: nextOf(next) }
}
