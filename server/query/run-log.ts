import type { Engine, EventRow, LogLine } from '#pipeline'
import type { Answer, Asked } from '../contract/contract.ts'
import { malformedCursor } from './cursor.ts'
import { eventInWords, levelOf } from './event-words.ts'
import { knownRun } from './known-run.ts'

const levels = ['debug', 'info', 'warn', 'error'] as const
/** Events that are read at once, and those that one page may pass over. */
const pageEvents = 500
const mostEvents = 5_000

type Line = Answer<'runLog'>['items'][number]
/** The line after which to go on: all of an event where `line` is absent. */
interface Place {
  readonly event: number
  readonly line?: number
}

/**
 * What steps said, and what became of them, as one log. `tail` is where what comes later begins, read oldest first: it is
 * there once the newest line was reached.
 */
export async function readRunLog({ store }: Engine, ask: Asked<'runLog'>): Promise<Answer<'runLog'>> {
  await knownRun(store, ask.run)
  const isOldest = ask.order === 'oldest'
  // What happens meanwhile is left to who follows.
  const newest = await store.newestEventOf(ask.run)
  const from = placeIn(ask.cursor)
  const items: Line[] = []
  let after = from && (from.line === undefined ? from.event : from.event + (isOldest ? -1 : 1))
  for (let seen = 0; seen < mostEvents; seen += pageEvents) {
    const { events, next } = await store.runEvents({
      ...{ run: ask.run, order: ask.order, after, limit: pageEvents, asset: ask.asset, key: ask.key },
      types: typesOf(ask.level),
    })
    for (const event of events) {
      if (event.id > newest) continue
      const lines = linesOf(event)
      for (const line of isOldest ? lines : lines.toReversed()) {
        if (isTold(line.place, from, isOldest) || !isAsked(line, ask)) continue
        items.push(line.line)
        if (items.length === ask.limit)
          return { items, next: cursorOf(line.place), tail: isOldest ? null : String(newest) }
      }
    }
    after = next
    if (next === undefined) return { items, next: null, tail: String(Math.max(newest, from?.event ?? 0)) }
  }
  return { items, next: String(after), tail: isOldest ? null : String(newest) }
}

/** Whether the cursor is at this line or beyond it. */
function isTold({ event, line = 0 }: Place, from: Place | undefined, isOldest: boolean): boolean {
  if (from?.line === undefined || event !== from.event) return false
  return isOldest ? line <= from.line : line >= from.line
}

/** Types of events that may hold lines of a level; of the two upper ones there are few. */
function typesOf(level: Line['level']): readonly EventRow['type'][] | undefined {
  if (level === 'error') return ['log', 'failed', 'rejected']
  return level === 'warn' ? ['log', 'failed', 'rejected', 'canceled'] : undefined
}

function linesOf(event: EventRow): readonly { readonly place: Place; readonly line: Line }[] {
  const { id, type, asset, key } = event
  if (type !== 'log') {
    const line = { id: String(id), at: event.at, level: levelOf(event), asset, key, type, message: eventInWords(event) }
    return [{ place: { event: id }, line: { ...line, fields: fieldsOf(event) } }]
  }
  const lines = (event.payload.lines ?? []) as unknown as readonly LogLine[]
  return lines.map(({ at, level, message, fields = {} }, index) => ({
    place: { event: id, line: index },
    line: { id: `${id}.${index}`, at, level, asset, key, type, message, fields: fields as Line['fields'] },
  }))
}

/** What the sentence does not say. */
function fieldsOf({ payload, tookMs, by, attempt }: EventRow): Line['fields'] {
  const { error: _, why: __, isSame: ___, ...told } = payload
  return {
    ...(told as Line['fields']),
    ...(tookMs !== null && { tookMs }),
    ...(by !== null && { worker: by }),
    ...(attempt !== null && { attempt }),
  }
}

function isAsked({ line }: { readonly line: Line }, { level, q }: Asked<'runLog'>): boolean {
  if (levels.indexOf(line.level) < levels.indexOf(level)) return false
  if (q === undefined) return true
  const text = q.toLowerCase()
  const said = [line.message, line.asset, line.key, ...(line.type === 'log' ? [JSON.stringify(line.fields)] : [])]
  return said.some((one) => one.toLowerCase().includes(text))
}

const cursorOf = ({ event, line }: Place) => (line === undefined ? String(event) : `${event}.${line}`)

function placeIn(cursor: string | undefined): Place | undefined {
  if (cursor === undefined) return undefined
  const [, event, line] = /^(\d{1,15})(?:\.(\d{1,9}))?$/.exec(cursor) ?? []
  if (event === undefined) throw malformedCursor(cursor)
  return { event: Number(event), ...(line !== undefined && { line: Number(line) }) }
}
