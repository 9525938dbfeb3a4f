import { Link } from '@tanstack/react-router'
import { ChevronRight, Link2 } from 'lucide-react'
import { memo } from 'react'
import { shortKey, span, utc } from '../../kit/format.ts'
import { Facts } from '../../kit/page.tsx'
import type { LogLine } from './use-log.ts'

const levelLooks = {
  debug: ['debug', 'text-ink-faint'],
  info: ['info', 'text-running'],
  warn: ['warn', 'text-stale'],
  error: ['error', 'text-failed'],
} as const satisfies Record<LogLine['level'], readonly [string, string]>

/** One line; open it tells its fields and all of a long message. */
export const LogLineRow = memo(function LogLineRow({
  line,
  isOpen,
  isHere,
  onToggle,
  onLine,
}: {
  readonly line: LogLine
  readonly isOpen: boolean
  readonly isHere: boolean
  readonly onToggle: (id: string) => void
  readonly onLine: (id: string | undefined) => void
}) {
  const [word, tone] = levelLooks[line.level]
  const fields = Object.entries(line.fields)
  return (
    <div className={isHere ? 'bg-accent-soft' : isOpen ? 'bg-sunken' : ''}>
      <button
        type="button"
        aria-expanded={isOpen}
        onClick={() => onToggle(line.id)}
        className="group flex w-full items-baseline gap-2.5 px-3 py-[3px] text-left leading-[18px] hover:bg-sunken focus-visible:-outline-offset-2"
      >
        <ChevronRight
          size={12}
          aria-hidden
          className={`shrink-0 self-center text-ink-faint transition-transform ${isOpen ? 'rotate-90' : ''}`}
        />
        <time
          dateTime={new Date(line.at).toISOString()}
          title={`${utc(line.at)} UTC`}
          className="tabular shrink-0 text-ink-faint"
        >
          {new Date(line.at).toISOString().slice(11, 23)}
        </time>
        <span className={`w-10 shrink-0 font-medium ${tone}`}>{word}</span>
        <span
          className="hidden w-[min(var(--log-asset),16rem)] shrink-0 truncate text-ink-soft md:inline"
          title={`${line.asset} ${line.key}`}
        >
          {line.asset}
        </span>
        <span
          className="hidden w-[min(var(--log-key),16rem)] shrink-0 truncate text-ink-faint lg:inline"
          title={line.key}
        >
          {shortKey(line.key)}
        </span>
        <span className={`min-w-0 flex-1 truncate ${line.level === 'error' ? 'text-failed' : ''}`}>
          {line.message.split('\n')[0]}
          {!isOpen && <span className="ml-2.5 text-ink-faint">{inShort(line)}</span>}
        </span>
      </button>
      {isOpen && <Opened line={line} fields={fields} isHere={isHere} onLine={onLine} />}
    </div>
  )
})

function Opened({
  line,
  fields,
  isHere,
  onLine,
}: {
  readonly line: LogLine
  readonly fields: readonly (readonly [string, unknown])[]
  readonly isHere: boolean
  readonly onLine: (id: string | undefined) => void
}) {
  const link = 'font-sans text-accent hover:underline'
  return (
    <div className="flex flex-col gap-2.5 border-l-2 border-line-strong py-2 pr-4 pl-4 ml-[17px] mb-1">
      <pre
        className={`max-h-96 overflow-auto break-words whitespace-pre-wrap ${line.level === 'error' ? 'text-failed' : ''}`}
      >
        {line.message}
      </pre>
      <Facts
        items={[
          ['asset', line.asset],
          ['partition', line.key],
          ['at', `${new Date(line.at).toISOString().replace('T', ' ').slice(0, 23)} UTC`],
          ...fields.map(
            ([name, value]) =>
              [
                name,
                <span key={name} className="break-all whitespace-pre-wrap">
                  {/At$/.test(name) && typeof value === 'number' ? `${utc(value)} UTC` : text(value)}
                </span>,
              ] as const,
          ),
        ]}
      />
      <div className="flex flex-wrap gap-x-4">
        <Link
          to="."
          search={(before) => ({ ...before, asset: line.asset, key: line.key, line: undefined })}
          className={link}
        >
          Only this partition
        </Link>
        <Link
          to="/assets/$asset"
          params={{ asset: line.asset }}
          search={{ tab: 'partitions', key: line.key }}
          className={link}
        >
          Go to the partition
        </Link>
        <button
          type="button"
          onClick={() => onLine(isHere ? undefined : line.id)}
          className={`inline-flex items-center gap-1 ${link}`}
        >
          <Link2 size={13} aria-hidden /> {isHere ? 'The address leads here' : 'Link to this line'}
        </button>
      </div>
    </div>
  )
}

/** What a step wrote along; of its end only how long it took. */
function inShort({ type, fields }: LogLine): string {
  if (type !== 'log') return typeof fields.tookMs === 'number' ? span(fields.tookMs) : ''
  return Object.entries(fields)
    .map(([name, value]) => `${name}=${text(value)}`)
    .join(' ')
}

const text = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))
