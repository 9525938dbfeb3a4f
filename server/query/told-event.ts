import type { EventRow, LogLine } from '#pipeline'
import type { Answer } from '../contract/contract.ts'

export type ToldEvent = Answer<'assetEvents'>['items'][number]

/** An event as people are told of it. */
export const toldEvent = (event: EventRow): ToldEvent => ({
  id: event.id,
  at: event.at,
  type: event.type,
  run: event.run || null,
  asset: event.asset,
  key: event.key,
  attempt: event.attempt ?? numberOf(event.payload.attempt),
  tookMs: event.tookMs,
  worker: event.by,
  message: messageOf(event),
  payload: event.payload as ToldEvent['payload'],
})

/** What it says in a sentence, if it says anything. */
export function messageOf({ type, payload }: Pick<EventRow, 'type' | 'payload'>): string | null {
  switch (type) {
    case 'failed':
      return textOf(payload.error)
    case 'skipped':
    case 'rejected':
      return textOf(payload.why)
    case 'log':
      return (
        (payload.lines as unknown as readonly LogLine[] | undefined)?.map(({ message }) => message).join('\n') ?? null
      )
    case 'published':
    case 'unchanged':
    case 'canceled':
    case 'rolled-back':
    case 'wiped':
    case 'observed':
      return null
    default:
      return type satisfies never
  }
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : null)
const numberOf = (value: unknown) => (typeof value === 'number' ? value : null)
