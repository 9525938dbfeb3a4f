import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { bytes, count, percent, shortCount } from '../../kit/format.ts'
import { Figure } from '../../kit/page.tsx'
import type { Status, Tone } from '../../kit/status.tsx'
import { looks, StatusBar, StatusIcon } from '../../kit/status.tsx'
import type { Overview } from './overview-page.tsx'

const healths = ['healthy', 'running', 'incomplete', 'late', 'failing', 'unmade'] as const satisfies readonly Status[]

/** The numbers of all there is, side by side. */
export function Figures({ overview }: { readonly overview: Overview }) {
  const { assets, partitions, lastDay } = overview
  const made = healths.reduce((sum, health) => sum + (assets[health] ?? 0), 0)
  const bad = partitions.failed + partitions.rejected
  const runs = Object.values(lastDay).reduce((sum, value) => sum + (value ?? 0), 0)
  const parts: readonly (readonly [Tone, number])[] = [
    ['fresh', partitions.published],
    ['running', partitions.running],
    ['rejected', partitions.rejected],
    ['failed', partitions.failed],
  ]
  return (
    <section
      aria-label="In numbers"
      className="grid grid-cols-2 gap-px overflow-hidden rounded-lg border border-line bg-line md:grid-cols-[1.5fr_1.5fr_1fr_0.9fr_1fr]"
    >
      <Place to="/assets">
        <Figure
          name="Healthy assets"
          value={
            <>
              {count(assets.healthy ?? 0)}
              <Of>{count(made)}</Of>
            </>
          }
        />
        <Bar>
          <StatusBar
            counts={healths.map((health) => [looks[health].tone, assets[health] ?? 0])}
            total={made}
            label={healths.map((health) => `${count(assets[health] ?? 0)} ${looks[health].word}`).join(', ')}
          />
        </Bar>
        <Words
          items={healths
            .filter((health) => health !== 'healthy')
            .map((health) => [health, assets[health] ?? 0, looks[health].word])}
        />
      </Place>
      <Place to="/assets">
        <Figure
          name="Published partitions"
          value={
            <>
              {count(partitions.published)}
              <Of>{count(partitions.total)}</Of>
            </>
          }
        />
        <Bar>
          <StatusBar
            counts={parts}
            total={partitions.total}
            label={`${percent(partitions.published, partitions.total)} published, ${count(bad)} failed or rejected`}
          />
        </Bar>
        <Words
          items={[
            ['missing', partitions.missing, 'missing'],
            ['failed', partitions.failed, 'failed'],
            ['rejected', partitions.rejected, 'rejected'],
            ['running', partitions.running, 'running'],
          ]}
        />
      </Place>
      <Place to="/runs" search={{ since: '24h' }}>
        <Figure name="Runs in 24 hours" value={count(runs)} />
        <Words
          items={[
            ['succeeded', lastDay.succeeded ?? 0, 'succeeded'],
            ['failed', lastDay.failed ?? 0, 'failed'],
            ['canceled', lastDay.canceled ?? 0, 'canceled'],
            ['running', lastDay.running ?? 0, 'running'],
            ['queued', lastDay.queued ?? 0, 'queued'],
          ]}
        />
      </Place>
      <Place to="/sql">
        <Figure name="Rows" value={shortCount(overview.rows)} note={`${bytes(overview.bytes)} stored`} />
      </Place>
      <Place to="/system">
        <Figure
          name="Workers"
          value={count(overview.workers)}
          note={overview.workers === 0 ? 'bullion up starts one' : 'up and seen of late'}
        />
      </Place>
    </section>
  )
}

function Place({
  to,
  search,
  children,
}: {
  readonly to: string
  readonly search?: Readonly<Record<string, string>>
  readonly children: ReactNode
}) {
  return (
    <Link
      to={to}
      {...(search && { search })}
      className={`block min-w-0 bg-surface px-4 py-3 hover:bg-sunken focus-visible:-outline-offset-2 `}
    >
      {children}
    </Link>
  )
}

const Of = ({ children }: { readonly children: ReactNode }) => (
  <span className="text-sm font-normal text-ink-faint"> of {children}</span>
)

const Bar = ({ children }: { readonly children: ReactNode }) => <div className="mt-2">{children}</div>

/** Those that are not 0, each with its sign. */
function Words({ items }: { readonly items: readonly (readonly [Status, number, string])[] }) {
  return (
    <div className="mt-1.5 flex flex-wrap gap-x-3 gap-y-0.5 text-xs text-ink-soft">
      {items
        .filter(([, value]) => value > 0)
        .map(([status, value, word]) => (
          <span key={status} className="tabular inline-flex items-center gap-1 whitespace-nowrap">
            <StatusIcon status={status} size={12} /> {shortCount(value)} {word}
          </span>
        ))}
    </div>
  )
}
