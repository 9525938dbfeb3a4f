import { Link } from '@tanstack/react-router'
import { GitFork, Play, RotateCcw, X } from 'lucide-react'
import { useAnswer } from '../../api/use-answer.ts'
import { Button, IconButton, LinkButton } from '../../kit/button.tsx'
import { span } from '../../kit/format.ts'
import { Answered } from '../../kit/page.tsx'
import type { Status } from '../../kit/status.tsx'
import { looks, StatusBadge, StatusIcon } from '../../kit/status.tsx'
import { Time } from '../../kit/time.tsx'
import { useOpenMake } from '../../make/open-make.tsx'
import type { AssetDetails } from './grid-cells.ts'
import { keyAsPartitions, keyInAddress, PartitionKey } from './partition-key.tsx'
import { VersionCard } from './version-card.tsx'

/** One partition: how it is and why, its versions, and what was tried. */
export function PartitionPanel({
  asset,
  partition,
  onClose,
}: {
  readonly asset: AssetDetails
  readonly partition: string
  readonly onClose: () => void
}) {
  const answer = useAnswer('partition', { asset: asset.asset, key: partition }, { keep: true })
  const openMake = useOpenMake()
  const ask = { selection: asset.asset, partitions: keyAsPartitions(partition) }
  return (
    <aside
      aria-label={`Partition ${partition}`}
      className="sticky top-4 flex max-h-[calc(100vh-2rem)] w-96 shrink-0 flex-col self-start rounded-lg border border-line bg-surface"
    >
      <div className="flex items-start gap-2 border-b border-line px-4 py-3">
        <h2 className="min-w-0 flex-1 font-semibold break-words">
          <PartitionKey of={partition} />
        </h2>
        <IconButton label="Close" icon={X} onClick={onClose} className="-mt-1 -mr-2" />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls */}
      <div tabIndex={0} className="min-h-0 flex-1 overflow-y-auto">
        <Answered query={answer}>
          {(data) => (
            <div className="flex flex-col gap-4 p-4 text-sm">
              <div className="flex flex-col gap-2">
                <div className="flex flex-wrap items-center gap-2">
                  <StatusBadge status={data.status} />
                  {data.publishedAt !== null && (
                    <span className="text-xs text-ink-faint">
                      published <Time at={data.publishedAt} />
                    </span>
                  )}
                </div>
                {data.why && <p className="text-ink-soft">{data.why}</p>}
                {data.error && data.error !== data.why && (
                  <pre className="overflow-hidden break-words rounded border border-failed/40 bg-failed-soft p-2 font-mono text-xs whitespace-pre-wrap">
                    {data.error}
                  </pre>
                )}
                {data.leasedUntil !== null && data.status === 'running' && (
                  <p className="text-xs text-ink-faint">
                    held by a worker until <Time at={data.leasedUntil} as="utc" />
                  </p>
                )}
              </div>
              {!asset.isExternal && (
                <div className="flex flex-wrap gap-2">
                  {data.status === 'failed' || data.status === 'rejected' ? (
                    <Button look="primary" icon={RotateCcw} onClick={() => openMake({ ...ask, mode: 'failed' })}>
                      Try again…
                    </Button>
                  ) : (
                    <Button
                      icon={Play}
                      onClick={() => openMake({ ...ask, mode: data.status === 'fresh' ? 'all' : 'needed' })}
                    >
                      Materialize this…
                    </Button>
                  )}
                  {data.versions.length > 0 && (
                    <LinkButton
                      to="/assets/$asset"
                      params={{ asset: asset.asset }}
                      search={{ tab: 'lineage', key: keyInAddress(partition) }}
                      icon={GitFork}
                    >
                      Lineage
                    </LinkButton>
                  )}
                </div>
              )}
              <section className="flex flex-col gap-2">
                <h3 className="text-xs font-semibold text-ink-soft">Versions</h3>
                {data.versions.length === 0 && <p className="text-xs text-ink-faint">Nothing was published yet.</p>}
                {data.versions.map((version) => (
                  <VersionCard key={version.id} asset={asset} version={version} />
                ))}
              </section>
              <section className="flex flex-col gap-1">
                <h3 className="mb-1 text-xs font-semibold text-ink-soft">What happened</h3>
                {data.attempts.length === 0 && <p className="text-xs text-ink-faint">Nothing yet.</p>}
                <ul className="flex flex-col">
                  {data.attempts.map((event) => (
                    <li key={event.id} className="flex gap-2 border-t border-line/70 py-1.5 first:border-t-0">
                      <EventIcon type={event.type} />
                      <div className="min-w-0 flex-1">
                        <div className="flex items-baseline justify-between gap-2">
                          <span className="min-w-0 font-medium break-words">
                            {isSaid(event) ? event.message : event.type}
                          </span>
                          <span className="text-xs text-ink-faint">
                            <Time at={event.at} />
                          </span>
                        </div>
                        {event.message && !isSaid(event) && (
                          <p className="text-xs break-words whitespace-pre-wrap text-ink-soft">{event.message}</p>
                        )}
                        <p className="flex gap-3 text-xs text-ink-faint">
                          {event.tookMs !== null && <span className="tabular">took {span(event.tookMs)}</span>}
                          {event.attempt !== null && event.attempt > 1 && <span>attempt {event.attempt}</span>}
                          {event.run !== null && <RunLink run={event.run} />}
                        </p>
                      </div>
                    </li>
                  ))}
                </ul>
              </section>
            </div>
          )}
        </Answered>
      </div>
    </aside>
  )
}

/** Whether what it says begins with what it is. */
const isSaid = ({ type, message }: { readonly type: string; readonly message: string | null }): boolean =>
  message?.startsWith(type) ?? false

export function RunLink({ run }: { readonly run: string }) {
  return (
    <Link to="/runs/$run" params={{ run }} className="truncate font-mono text-xs text-accent hover:underline">
      {run}
    </Link>
  )
}

export function EventIcon({ type }: { readonly type: string }) {
  const status = type in looks ? (type as Status) : 'unchanged'
  return (
    <span aria-hidden className="mt-0.5">
      <StatusIcon status={status} />
    </span>
  )
}
