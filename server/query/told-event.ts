import type { EventRow, LogLine } from '#pipeline'
import type { Answer } from '../contract/contract.ts'
import { eventInWords } from './event-words.ts'

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

function messageOf(event: EventRow): string {
  const lines = event.type === 'log' ? (event.payload.lines as unknown as readonly LogLine[] | undefined) : undefined
  return lines?.map(({ message }) => message).join('\n') ?? eventInWords(event)
}

const numberOf = (value: unknown) => (typeof value === 'number' ? value : null)
