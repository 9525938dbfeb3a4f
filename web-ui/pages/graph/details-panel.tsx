import { Link } from '@tanstack/react-router'
import { ArrowDownToLine, ArrowUpFromLine, Play, X } from 'lucide-react'
import type { ReactNode } from 'react'
import { useAnswer } from '../../api/use-answer.ts'
import { Button, IconButton, LinkButton } from '../../kit/button.tsx'
import { Answered, Facts, LayerChip } from '../../kit/page.tsx'
import { countsInWords, PartitionsBar } from '../../kit/partitions-bar.tsx'
import { StatusBadge, StatusIcon } from '../../kit/status.tsx'
import { Time } from '../../kit/time.tsx'
import { useOpenMake } from '../../make/open-make.tsx'
import type { Pulse } from './shape.ts'

/** The chosen asset, beside the graph. */
export function DetailsPanel({
  asset,
  pulses,
  onFocus,
  onSelect,
}: {
  readonly asset: string
  readonly pulses: ReadonlyMap<string, Pulse>
  readonly onFocus: (asset: string | undefined) => void
  readonly onSelect: (selection: string) => void
}) {
  const answer = useAnswer('asset', { asset }, { keep: true })
  const openMake = useOpenMake()
  const pulse = pulses.get(asset)
  return (
    <aside
      aria-label={asset}
      className="flex w-80 shrink-0 flex-col overflow-y-auto rounded-lg border border-line bg-surface"
    >
      <div className="flex items-start gap-2 border-b border-line px-4 py-3">
        <div className="min-w-0 flex-1">
          <h2 className="font-semibold break-words">{asset}</h2>
          <div className="mt-1 flex flex-wrap items-center gap-1.5">
            {pulse && <StatusBadge status={pulse.health} />}
            {pulse && <LayerChip layer={pulse.layer} />}
            {pulse && <span className="text-xs text-ink-faint">{pulse.group}</span>}
          </div>
        </div>
        <IconButton label="Close" icon={X} onClick={() => onFocus(undefined)} className="-mt-1 -mr-2" />
      </div>
      <Answered query={answer}>
        {(data) => (
          <div className="flex flex-col gap-4 p-4 text-sm">
            {data.description && <p className="text-ink-soft">{data.description}</p>}
            {pulse && !pulse.isExternal && (
              <div className="flex flex-col gap-1">
                <PartitionsBar counts={pulse.partitions} />
                <span className="text-xs text-ink-faint">{countsInWords(pulse.partitions)}</span>
              </div>
            )}
            <div className="flex flex-wrap gap-2">
              <LinkButton to="/assets/$asset" params={{ asset }} look="primary">
                Open
              </LinkButton>
              {!data.isExternal && (
                <Button icon={Play} onClick={() => openMake({ selection: asset })}>
                  Materialize…
                </Button>
              )}
            </div>
            <Facts
              items={[
                ...(pulse?.lastPublishedAt
                  ? [['Published', <Time key="t" at={pulse.lastPublishedAt} />] as const]
                  : []),
                ...(data.freshnessRule ? [['Freshness', data.freshnessRule] as const] : []),
                ...(data.automation ? [['Automation', data.automation] as const] : []),
                ...(data.schedules.length > 0
                  ? [
                      [
                        'Made by',
                        data.schedules.map((name) => (
                          <Link
                            key={name}
                            to="/automation/$name"
                            params={{ name }}
                            className="mr-2 text-accent hover:underline"
                          >
                            {name}
                          </Link>
                        )),
                      ] as const,
                    ]
                  : []),
              ]}
            />
            <Neighbours
              title="Reads"
              names={[...new Set(data.reads.map((read) => read.asset))]}
              pulses={pulses}
              onFocus={onFocus}
              action={
                <Button
                  look="quiet"
                  icon={ArrowUpFromLine}
                  className="h-6 px-1.5 text-xs"
                  onClick={() => onSelect(`+${asset}`)}
                >
                  Show upstream
                </Button>
              }
            />
            <Neighbours
              title="Read by"
              names={data.readBy}
              pulses={pulses}
              onFocus={onFocus}
              action={
                <Button
                  look="quiet"
                  icon={ArrowDownToLine}
                  className="h-6 px-1.5 text-xs"
                  onClick={() => onSelect(`${asset}+`)}
                >
                  Show downstream
                </Button>
              }
            />
          </div>
        )}
      </Answered>
    </aside>
  )
}

function Neighbours({
  title,
  names,
  pulses,
  onFocus,
  action,
}: {
  readonly title: string
  readonly names: readonly string[]
  readonly pulses: ReadonlyMap<string, Pulse>
  readonly onFocus: (asset: string) => void
  readonly action: ReactNode
}) {
  return (
    <section>
      <div className="flex items-center justify-between gap-2">
        <h3 className="text-xs font-semibold text-ink-soft">
          {title} <span className="tabular font-normal text-ink-faint">{names.length}</span>
        </h3>
        {names.length > 0 && action}
      </div>
      {names.length === 0 && <p className="text-xs text-ink-faint">Nothing</p>}
      <ul className="mt-1 flex flex-col">
        {names.slice(0, 40).map((name) => (
          <li key={name}>
            <button
              type="button"
              onClick={() => onFocus(name)}
              className="flex w-full items-center gap-2 rounded px-1.5 py-1 text-left hover:bg-sunken"
            >
              {pulses.has(name) && <StatusIcon status={pulses.get(name)!.health} size={14} />}
              <span className="truncate">{name}</span>
            </button>
          </li>
        ))}
      </ul>
      {names.length > 40 && <p className="px-1.5 text-xs text-ink-faint">and {names.length - 40} more</p>}
    </section>
  )
}
