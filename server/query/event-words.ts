import type { EventRow } from '#pipeline'

type Level = 'debug' | 'info' | 'warn' | 'error'

/** How an event of a run weighs in its log. */
export function levelOf({ type, payload }: Pick<EventRow, 'type' | 'payload'>): Level {
  if (type === 'rejected') return 'error'
  if (type === 'failed') return payload.retryAt === null ? 'error' : 'warn'
  return type === 'canceled' ? 'warn' : 'info'
}

/** The end of an attempt as a sentence; an error with its causes. */
export function eventInWords({ type, payload }: Pick<EventRow, 'type' | 'payload'>): string {
  switch (type) {
    case 'published': {
      const { rows } = payload as { rows?: number }
      const made = rows === undefined ? '' : ` ${rows.toLocaleString('en-US')} ${rows === 1 ? 'row' : 'rows'}`
      return `published${made}${payload.isSame ? ', the same as before' : ''}`
    }
    case 'unchanged':
      return 'unchanged: the rows are those published before'
    case 'skipped':
      return `skipped: ${payload.why}`
    case 'failed':
      return payload.retryAt === null ? `failed: ${payload.error}` : `failed, and is tried again: ${payload.error}`
    case 'rejected':
      return `rejected: ${payload.why}`
    case 'rolled-back':
      return 'rolled back'
    case 'log':
    case 'canceled':
    case 'wiped':
    case 'observed':
      return type
    default:
      return type satisfies never
  }
}
