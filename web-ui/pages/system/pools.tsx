import type { Answer } from '../../../server/contract/contract.ts'
import { count, counted } from '../../kit/format.ts'
import { Empty, Panel } from '../../kit/page.tsx'

/** How much of each limit is in use. */
export function Pools({ pools }: { readonly pools: Answer<'system'>['pools'] }) {
  return (
    <Panel title="Pools" note="how many steps may run at once">
      {pools.length === 0 ? (
        <Empty title="No pools">
          Steps run as fast as the workers can. Give an asset a <code className="font-mono">pool</code> to limit it.
        </Empty>
      ) : (
        <ul className="flex flex-col gap-3">
          {pools.map(({ pool, limit, running, assets }) => (
            <li key={pool} className="text-sm">
              <div className="mb-1 flex items-baseline justify-between gap-3">
                <span className="min-w-0 truncate">
                  {pool === '' ? 'In no pool' : <b className="font-medium">{pool}</b>}{' '}
                  <span className="text-xs text-ink-faint">{counted(assets, 'asset')}</span>
                </span>
                <span className="tabular text-ink-soft">
                  {count(running)}
                  <span className="text-ink-faint"> of {limit === null ? 'any number' : count(limit)}</span>
                </span>
              </div>
              <UseBar running={running} limit={limit} name={pool || 'in no pool'} />
            </li>
          ))}
        </ul>
      )}
    </Panel>
  )
}

function UseBar({
  running,
  limit,
  name,
}: {
  readonly running: number
  readonly limit: number | null
  readonly name: string
}) {
  const part = limit === null || limit === 0 ? 0 : Math.min(1, running / limit)
  return (
    <div
      role="img"
      aria-label={limit === null ? `${name}: ${running} running, no limit` : `${name}: ${running} of ${limit} in use`}
      className="h-1.5 overflow-hidden rounded-full bg-line"
    >
      <div
        className={`h-full rounded-full ${part >= 1 ? 'bg-stale-fill' : 'bg-running-fill'}`}
        style={{ width: `${part * 100}%` }}
      />
    </div>
  )
}
