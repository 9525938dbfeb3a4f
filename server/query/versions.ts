import type { CheckOutcome, Engine, KeptMaterialization } from '#pipeline'
import { assetNamed } from '#pipeline'
import type { Answer, Asked } from '../contract/contract.ts'
import { nextOf, numberIn } from './cursor.ts'
import { firstFound } from './first-found.ts'

type Version = Answer<'materializations'>['items'][number]

/** What was published or refused of an asset, newest first. */
export async function listVersions(
  engine: Engine,
  ask: Asked<'materializations'>,
): Promise<Answer<'materializations'>> {
  const { name } = assetNamed(engine.definitions, ask.asset)
  const before = numberIn(ask.cursor)
  const { items, next } = await firstFound(before, (before) =>
    engine.store.materializationsPage({ asset: name, before, limit: ask.limit }),
  )
  return { items: items.map(shownVersion), next: nextOf(next) }
}

export const isCurrent = ({ status, supersededAt }: KeptMaterialization): boolean =>
  status === 'published' && supersededAt === null

export const shownVersion = (made: KeptMaterialization): Version => ({
  id: made.id,
  key: made.key,
  run: made.run,
  at: made.at,
  status: made.status,
  isCurrent: isCurrent(made),
  isRemoved: made.removedAt !== null,
  rows: made.rows,
  bytes: made.bytes,
  version: made.version,
  codeVersion: made.codeVersion,
  path: made.path,
  checks: made.checks.map(shownOutcome),
  metadata: made.metadata as Version['metadata'],
})

const shownOutcome = ({ name, passed, blocking, severity, why, metadata = {} }: CheckOutcome) => ({
  ...{ name, passed, blocking, severity, why },
  metadata: metadata as Version['metadata'],
})
