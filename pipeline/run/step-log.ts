import type { StepLog } from '../define/asset.ts'
import type { LogLine } from '../store/port.ts'
import { errorText } from './retry.ts'

/** Of one attempt; what is said beyond is counted, not kept. */
export const mostLines = 10_000
/** Characters of a message, and of the fields of a line as JSON. */
export const mostCharacters = 8_000
/** Lines that wait no longer for more. */
const chunkLines = 200

/** A line of a log before it has its time. */
export type SaidLine = Omit<LogLine, 'at'>

/** What can be kept of something that was said. */
export const saidLine = (
  level: LogLine['level'],
  message: string,
  fields?: Readonly<Record<string, unknown>>,
): SaidLine => ({ level, message: cut(String(message)), ...(fields && { fields: kept(fields) }) })

/** A log over `keep`, which takes each line that is said; it is made only if it will be kept. */
export function logOver(keep: (line: () => SaidLine) => void): StepLog {
  const write =
    (level: LogLine['level']): StepLog['info'] =>
    (message, fields) =>
      keep(() => saidLine(level, message, fields))
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') }
}

/** What an author says, and what comes of it by other ways. */
export interface OpenStepLog extends StepLog {
  keep(line: () => SaidLine): void
  /** Counts lines that others did not keep. */
  omit(lines: number): void
  /** Sends what waits: at once, if nothing is being sent. */
  flush(): void
  close(): Promise<void>
}

/**
 * What an author says in one attempt. Lines are sent in chunks while the step runs, in their order, so that one can read
 * along; a log never breaks its step, so that what can not be kept is told in place of it.
 */
export function openStepLog(on: {
  readonly clock: () => number
  /** How long a line waits for others to be sent with. */
  readonly flushMs: number
  readonly send: (lines: readonly LogLine[]) => Promise<void>
}): OpenStepLog {
  let lines: LogLine[] = []
  let said = 0
  let timer: NodeJS.Timeout | undefined
  let sending = Promise.resolve()
  let inFlight = 0

  const flush = (): Promise<void> => {
    clearTimeout(timer)
    timer = undefined
    const chunk = lines
    lines = []
    if (chunk.length > 0) {
      const sent = inFlight === 0 ? send(chunk) : sending.then(() => send(chunk))
      inFlight += 1
      sending = sent
        // What the author said is worth less than the step itself.
        .catch((error: unknown) => process.emitWarning(`a step's log was lost: ${errorText(error)}`))
        .finally(() => {
          inFlight -= 1
        })
    }
    return sending
  }
  const send = async (chunk: readonly LogLine[]) => on.send(chunk)

  const keep = (line: () => SaidLine): void => {
    said += 1
    if (said > mostLines) return
    lines.push({ at: on.clock(), ...line() })
    if (lines.length >= chunkLines) void flush()
    else timer ??= setTimeout(() => void flush(), on.flushMs)
  }

  return {
    ...logOver(keep),
    keep,
    omit(count) {
      said += count
    },
    flush: () => void flush(),
    async close() {
      const dropped = said - mostLines
      if (dropped > 0) {
        const message = `${dropped} more lines were not kept: expected at most ${mostLines} of one attempt; log less`
        lines.push({ at: on.clock(), level: 'warn', message })
      }
      await flush()
    },
  }
}

const cut = (text: string) =>
  text.length <= mostCharacters ? text : `${text.slice(0, mostCharacters)}… and ${text.length - mostCharacters} more`

/** The fields as JSON: what JSON does not know becomes text. */
function kept(fields: Readonly<Record<string, unknown>>): NonNullable<LogLine['fields']> {
  let json: string
  try {
    json = JSON.stringify(fields, (_, value: unknown) => {
      if (typeof value === 'bigint' || typeof value === 'function' || typeof value === 'symbol') return String(value)
      if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
      return value instanceof Error ? { name: value.name, message: value.message } : value
    })
  } catch (error) {
    return { unreadable: errorText(error) }
  }
  return json.length <= mostCharacters ? JSON.parse(json) : { cut: cut(json) }
}
