import type { Engine } from '#pipeline'
import { assetNamed } from '#pipeline'
import type { Answer, Asked } from '../contract/contract.ts'
import { nextOf, numberIn } from './cursor.ts'
import { firstFound } from './first-found.ts'
import { toldEvent } from './told-event.ts'

/** What happened to an asset, newest first. Events are looked through in stretches: a page may hold none. */
export async function listAssetEvents(engine: Engine, ask: Asked<'assetEvents'>): Promise<Answer<'assetEvents'>> {
  const { name } = assetNamed(engine.definitions, ask.asset)
  const types = ask.type && [ask.type]
  const { items, next } = await firstFound(numberIn(ask.cursor), (before) =>
    engine.store.assetEventsPage({ asset: name, types, before, limit: ask.limit }),
  )
  return { items: items.map(toldEvent), next: nextOf(next) }
}
