import { Link, useNavigate } from '@tanstack/react-router'
import { useAnswer } from '../../api/use-answer.ts'
import { MoreLink } from '../../kit/button.tsx'
import { bytes, count, percent, shortCount } from '../../kit/format.ts'
import { Answered, Facts, Figure, Panel } from '../../kit/page.tsx'
import { Time } from '../../kit/time.tsx'
import { ColumnList } from './column-list.tsx'
import type { AssetDetails } from './grid-cells.ts'
import { Neighbours } from './neighbours.tsx'
import { keyInAddress } from './partition-key.tsx'
import { StaleReasons } from './stale-reasons.tsx'
import { StatusStrip } from './status-strip.tsx'
import { VersionCard } from './version-card.tsx'
import { WhyNot } from './why-not.tsx'

/** The asset in one look. */
export function OverviewTab({ asset }: { readonly asset: AssetDetails }) {
  const newest = useAnswer('materializations', { asset: asset.asset, limit: 1 }, { when: !asset.isExternal })
  const navigate = useNavigate()
  const { partitions: counts } = asset
  return (
    <div className="grid grid-cols-[minmax(0,1fr)_20rem] items-start gap-4 max-[1180px]:grid-cols-1">
      <div className="flex min-w-0 flex-col gap-4">
        {!asset.isExternal && (
          <Panel
            title="Partitions"
            note={asset.dimensions.length > 0 ? `by ${asset.dimensions.join(' and ')}` : 'not cut: one for all'}
            actions={
              <MoreLink to="/assets/$asset" params={{ asset: asset.asset }} search={{ tab: 'partitions' }}>
                All partitions
              </MoreLink>
            }
          >
            <div className="mb-4 grid grid-cols-[repeat(auto-fit,minmax(7rem,1fr))] gap-x-4 gap-y-3">
              <Figure
                name="Published"
                value={shortCount(counts.published)}
                note={`${percent(counts.published, counts.total)} of ${shortCount(counts.total)}`}
              />
              <Figure
                name="Failed"
                value={shortCount(counts.failed + counts.rejected)}
                tone={counts.failed + counts.rejected > 0 ? 'text-failed' : ''}
                note={counts.rejected > 0 ? `${count(counts.rejected)} refused by checks` : undefined}
              />
              <Figure
                name="Stale"
                value={counts.stale === null ? '–' : shortCount(counts.stale)}
                tone={counts.stale ? 'text-stale' : ''}
              />
              <Figure
                name="Running"
                value={shortCount(counts.running)}
                tone={counts.running > 0 ? 'text-running' : ''}
              />
              <Figure name="Rows" value={shortCount(asset.rows)} />
              <Figure name="Size" value={bytes(asset.bytes)} />
            </div>
            <StatusStrip
              asset={asset}
              onOpen={(search) =>
                void navigate({
                  to: '/assets/$asset',
                  params: { asset: asset.asset },
                  search: { tab: 'partitions', ...search },
                })
              }
            />
          </Panel>
        )}
        {(counts.stale === null || counts.stale > 0) && !asset.isExternal && <StaleReasons asset={asset.asset} />}
        <Neighbours asset={asset} />
        {asset.columns.length > 0 && (
          <Panel
            flush
            title="Columns"
            note={`${asset.columns.length}`}
            actions={
              <MoreLink to="/assets/$asset" params={{ asset: asset.asset }} search={{ tab: 'preview' }}>
                See rows
              </MoreLink>
            }
          >
            <ColumnList columns={asset.columns} />
          </Panel>
        )}
      </div>
      <div className="flex min-w-0 flex-col gap-4">
        {asset.description && (
          <Panel title="About">
            <p className="text-sm whitespace-pre-wrap">{asset.description}</p>
          </Panel>
        )}
        {!asset.isExternal && <Automation asset={asset} />}
        <Panel title="How it is made">
          <Facts items={factsOf(asset)} />
        </Panel>
        {!asset.isExternal && (
          <Panel title="Newest materialization">
            <Answered query={newest}>
              {({ items: [version] }) =>
                version ? (
                  <div className="flex flex-col gap-2">
                    <Link
                      to="/assets/$asset"
                      params={{ asset: asset.asset }}
                      search={{ tab: 'partitions', key: keyInAddress(version.key) }}
                      className="text-sm font-medium break-words text-accent hover:underline"
                    >
                      {version.key || 'the whole asset'}
                    </Link>
                    <VersionCard asset={asset} version={version} />
                  </div>
                ) : (
                  <p className="text-sm text-ink-faint">
                    Nothing was made yet. <em>Materialize…</em> above makes it.
                  </p>
                )
              }
            </Answered>
          </Panel>
        )}
      </div>
    </div>
  )
}

function Automation({ asset }: { readonly asset: AssetDetails }) {
  return (
    <Panel title="Automation">
      <div className="flex flex-col gap-3 text-sm">
        {asset.automation === null && asset.schedules.length === 0 && (
          <p className="text-ink-faint">Nothing makes it by itself: no condition, no schedule and no sensor.</p>
        )}
        {asset.automation !== null && (
          <div>
            <div className="text-xs text-ink-faint">Condition</div>
            <p className="break-words">{asset.automation}</p>
          </div>
        )}
        {asset.schedules.length > 0 && (
          <div>
            <div className="text-xs text-ink-faint">Schedules and sensors</div>
            <ul>
              {asset.schedules.map((name) => (
                <li key={name}>
                  <Link to="/automation/$name" params={{ name }} className="text-accent hover:underline">
                    {name}
                  </Link>
                </li>
              ))}
            </ul>
          </div>
        )}
        {asset.automation !== null && <WhyNot asset={asset.asset} />}
      </div>
    </Panel>
  )
}

function factsOf(asset: AssetDetails) {
  const facts: (readonly [string, React.ReactNode])[] = []
  const add = (name: string, value: React.ReactNode) => {
    if (value !== null && value !== undefined && value !== '') facts.push([name, value])
  }
  add('Published', asset.lastPublishedAt && <Time at={asset.lastPublishedAt} as="utc" />)
  add('Freshness', asset.freshnessRule)
  add('Code version', asset.codeVersion)
  add('Retry', asset.retry)
  add('Timeout', asset.timeout)
  add('Pool', asset.pool)
  add('Priority', asset.priority === 0 ? null : asset.priority)
  add('Process', asset.isIsolated ? 'one of its own for each step' : null)
  add('One step makes', asset.range && `many partitions along ${asset.range}`)
  add('Keeps', asset.retain)
  add('Resources', asset.resources.join(', '))
  add('Params', asset.params.map(({ name, type }) => `${name}: ${type}`).join(', '))
  return facts
}
