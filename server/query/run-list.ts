import type { Engine, RunPlace } from '#pipeline'
import type { Answer, Asked } from '../contract/contract.ts'
import { malformedCursor } from './cursor.ts'
import { runRow } from './run-row.ts'

/** Runs that fit, newest first. Runs are looked through in stretches: a page may hold none. */
export async function listRuns({ store }: Engine, ask: Asked<'runs'>): Promise<Answer<'runs'>> {
  const { status, asset, q, from, to, limit } = ask
  const { runs, next } = await store.runPage({ status, asset, text: q, from, to, after: placeIn(ask.cursor), limit })
  return { items: runs.map(runRow), next: next ? `${next.createdAt}.${next.number}` : null }
}

function placeIn(cursor: string | undefined): RunPlace | undefined {
  if (cursor === undefined) return undefined
  const [, createdAt, number] = /^(\d{1,15})\.(\d{1,15})$/.exec(cursor) ?? []
  if (createdAt === undefined || number === undefined) throw malformedCursor(cursor)
  return { createdAt: Number(createdAt), number: Number(number) }
}
