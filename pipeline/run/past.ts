import { PipelineError } from '../define/errors.ts'
import type { RunStore } from '../store/port.ts'

/** Something that was, as people name it. */
export type Past =
  | { readonly type: 'instant'; readonly at: number }
  | { readonly type: 'run'; readonly run: string }
  | { readonly type: 'materialization'; readonly id: string }

/**
 * Reads an instant (`2024-03-10`, `2024-03-10T01:00:00Z`; UTC unless it says otherwise), the id of a run, or that of a
 * materialization. Throws `past.malformed`.
 */
export async function parsePast(store: Pick<RunStore, 'run'>, text: string): Promise<Past> {
  if (/^\d{4}-/.test(text)) {
    const iso = text.replace(' ', 'T')
    const isLocal = iso.includes('T') && !/(Z|[+-]\d\d:?\d\d)$/.test(iso)
    const at = Date.parse(isLocal ? `${iso}Z` : iso)
    if (Number.isNaN(at) || !isDate(iso)) throw new PipelineError('past.malformed', { text })
    return { type: 'instant', at }
  }
  if (!/^[0-9a-z]{21}(-\d+)?$/.test(text)) throw new PipelineError('past.malformed', { text })
  return (await store.run(text)) ? { type: 'run', run: text } : { type: 'materialization', id: text }
}

// `Date` takes the 31st of November for the 1st of December.
function isDate(iso: string): boolean {
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)/.exec(iso) ?? []
  return (
    day === undefined || new Date(Date.UTC(Number(year), Number(month) - 1, Number(day))).getUTCDate() === Number(day)
  )
}

/** The instant (ms) that is meant: of a run its end, `now` while it is under way. Throws `run.unknown`. */
export async function instantOf(store: Pick<RunStore, 'run'>, past: Past, now: number): Promise<number> {
  if (past.type === 'instant') return past.at
  const run = past.type === 'run' ? await store.run(past.run) : undefined
  if (!run) throw new PipelineError('run.unknown', { run: past.type === 'run' ? past.run : past.id })
  return run.finishedAt ?? now
}
