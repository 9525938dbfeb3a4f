import { count, percent } from '../../kit/format.ts'
import { Panel } from '../../kit/page.tsx'
import { StatusBar } from '../../kit/status.tsx'
import type { Overview } from './overview-page.tsx'

/** Whether the data is good, and as new as it is promised to be. */
export function Quality({ overview: { checks, assets, partitions } }: { readonly overview: Overview }) {
  const checked = checks.passed + checks.failed
  const made = Object.entries(assets).reduce((sum, [health, value]) => (health === 'external' ? sum : sum + value), 0)
  const late = assets.late ?? 0
  const refused = partitions.failed + partitions.rejected
  const tried = partitions.published + refused
  return (
    <Panel title="Quality" note="of what is published">
      <div className="flex flex-col gap-3.5">
        <Measure name="Checks passed" part={checks.passed} all={checked} empty="no asset has checks" tone="rejected" />
        <Measure name="Assets on time" part={made - late} all={made} empty="no asset is made here" tone="stale" />
        <Measure
          name="Made without failure"
          part={partitions.published}
          all={tried}
          empty="nothing was made"
          tone="failed"
        />
      </div>
    </Panel>
  )
}

function Measure({
  name,
  part,
  all,
  empty,
  tone,
}: {
  readonly name: string
  readonly part: number
  readonly all: number
  readonly empty: string
  readonly tone: 'failed' | 'rejected' | 'stale'
}) {
  return (
    <div>
      <div className="mb-1 flex items-baseline justify-between gap-3 text-sm">
        <span className="text-ink-soft">{name}</span>
        <span className="tabular text-xs text-ink-faint">
          {all === 0 ? (
            empty
          ) : (
            <>
              <span className="text-sm font-medium text-ink">{percent(part, all)}</span> {count(part)} of {count(all)}
            </>
          )}
        </span>
      </div>
      <StatusBar
        counts={[
          ['fresh', part],
          [tone, all - part],
        ]}
        total={all}
        label={all === 0 ? empty : `${count(part)} of ${count(all)}`}
      />
    </div>
  )
}
