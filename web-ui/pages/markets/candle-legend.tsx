import { Link } from '@tanstack/react-router'
import { Pin, X } from 'lucide-react'
import { IconButton } from '../../kit/button.tsx'
import { utcMinute } from '../../kit/format.ts'
import { StatusBadge } from '../../kit/status.tsx'
import { Time } from '../../kit/time.tsx'
import type { Candle } from './use-candles.ts'

/** The candle that is pointed at, and where it is from. */
export function CandleLegend({
  asset,
  candle,
  precision,
  isHeld,
  onLetGo,
}: {
  readonly asset: string
  readonly candle: Candle
  readonly precision: number
  readonly isHeld: boolean
  readonly onLetGo: () => void
}) {
  const { at, open, high, low, close, volume, isComplete, version } = candle
  const change = open === 0 ? 0 : (close / open - 1) * 100
  const tone = close >= open ? 'text-up' : 'text-down'
  const price = (value: number) =>
    value.toLocaleString('en-US', { minimumFractionDigits: precision, maximumFractionDigits: precision })
  return (
    <div className="flex flex-col gap-1 border-b border-line px-4 py-2 text-sm" aria-live={isHeld ? 'polite' : 'off'}>
      <div className="flex min-h-6 flex-wrap items-center gap-x-4 gap-y-1">
        <span className="tabular font-medium">{utcMinute(at)} UTC</span>
        {(
          [
            ['O', open],
            ['H', high],
            ['L', low],
            ['C', close],
          ] as const
        ).map(([name, value]) => (
          <span key={name} className="tabular">
            <span className="text-ink-faint">{name}</span> <span className={tone}>{price(value)}</span>
          </span>
        ))}
        <span className="tabular">
          <span className="text-ink-faint">V</span> {volume.toLocaleString('en-US', { maximumFractionDigits: 4 })}
        </span>
        <span className={`tabular ${tone}`}>
          {change >= 0 ? '+' : '−'}
          {Math.abs(change).toFixed(2)} %
        </span>
        {!isComplete && <StatusBadge status="incomplete">made from fewer than it should be</StatusBadge>}
        {isHeld && (
          <span className="ml-auto inline-flex items-center gap-1 text-xs text-ink-faint">
            <Pin size={13} aria-hidden /> held
            <IconButton label="Let go" icon={X} onClick={onLetGo} className="size-6" />
          </span>
        )}
      </div>
      {version && (
        <div className="flex min-h-5 flex-wrap items-center gap-x-4 gap-y-1 text-xs text-ink-faint">
          <Link
            to="/assets/$asset"
            params={{ asset }}
            search={{ tab: 'partitions', key: version.key }}
            className="font-mono text-ink-soft hover:text-accent hover:underline"
          >
            {version.key}
          </Link>
          <span>
            published <Time at={version.at} as="minute" />
          </span>
          <span>
            by run{' '}
            <Link to="/runs/$run" params={{ run: version.run }} className="font-mono text-accent hover:underline">
              {version.run.slice(0, 13)}
            </Link>
          </span>
          <span title={version.materialization}>
            {version.revision === 0 ? 'first version' : `version ${version.revision + 1}`}
          </span>
          {version.failedChecks.length > 0 && (
            <span className="text-failed">failed: {version.failedChecks.join(', ')}</span>
          )}
        </div>
      )}
    </div>
  )
}
