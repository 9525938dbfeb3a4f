import { CircleCheck, CircleX, History } from 'lucide-react'
import { useState } from 'react'
import type { Answer } from '../../../server/contract/contract.ts'
import { useCommand } from '../../api/use-answer.ts'
import { Button } from '../../kit/button.tsx'
import { Confirm } from '../../kit/dialog.tsx'
import { bytes, counted } from '../../kit/format.ts'
import { MetadataList } from '../../kit/metadata.tsx'
import { Chip } from '../../kit/page.tsx'
import { StatusBadge } from '../../kit/status.tsx'
import { Time } from '../../kit/time.tsx'
import type { AssetDetails } from './grid-cells.ts'
import { RunLink } from './partition-panel.tsx'

export type Version = Answer<'materializations'>['items'][number]

/** One version of a partition: when, how much, its checks, what was said of it; and the way back to it. */
export function VersionCard({ asset, version }: { readonly asset: AssetDetails; readonly version: Version }) {
  return (
    <article
      className={`rounded-md border p-3 ${version.isCurrent ? 'border-line-strong' : 'border-line bg-sunken/50'}`}
    >
      <div className="flex items-center justify-between gap-2">
        <span className="font-medium">
          <Time at={version.at} as="utc" />
        </span>
        {version.status === 'rejected' ? (
          <StatusBadge status="rejected" />
        ) : version.isCurrent ? (
          <StatusBadge status="published">current</StatusBadge>
        ) : version.isRemoved ? (
          <Chip title="Its file was given up; what it was stays on record">removed</Chip>
        ) : (
          <RollbackButton asset={asset.asset} version={version} />
        )}
      </div>
      <p className="tabular mt-1 flex flex-wrap gap-x-3 text-xs text-ink-faint">
        <span>{counted(version.rows, 'row')}</span>
        <span>{bytes(version.bytes)}</span>
        <span title={version.version}>version {version.version.slice(0, 8)}</span>
        <span>code {version.codeVersion}</span>
        <RunLink run={version.run} />
      </p>
      <CheckMarks checks={version.checks} />
      {Object.keys(version.metadata).length > 0 && (
        <div className="mt-2 border-t border-line/70 pt-2">
          <MetadataList values={version.metadata} />
        </div>
      )}
    </article>
  )
}

export function CheckMarks({ checks }: { readonly checks: Version['checks'] }) {
  if (checks.length === 0) return null
  return (
    <ul className="mt-2 flex flex-col gap-1 text-xs">
      {checks.map(({ name, passed, severity, why, metadata }) => (
        <li key={name} className="flex gap-1.5">
          {passed ? (
            <CircleCheck size={14} role="img" aria-label="passed" className="mt-px shrink-0 text-fresh" />
          ) : (
            <CircleX
              size={14}
              role="img"
              aria-label={`failed, ${severity}`}
              className={`mt-px shrink-0 ${severity === 'warning' ? 'text-stale' : 'text-failed'}`}
            />
          )}
          <div className="min-w-0">
            <span>{name}</span>
            {why && <p className="break-words text-ink-soft">{why}</p>}
            {!passed && <MetadataList values={metadata} />}
          </div>
        </li>
      ))}
    </ul>
  )
}

const outcomes = {
  'rolled-back': undefined,
  current: 'this version is the current one already',
  held: 'a run is making this partition right now; try again when it has ended',
  removed: 'its file was given up, so it can not be published again',
  damaged: 'its file is damaged',
  unknown: 'there is no such version',
} as const

export function RollbackButton({ asset, version }: { readonly asset: string; readonly version: Version }) {
  const [isOpen, setOpen] = useState(false)
  const rollback = useCommand('rollback')
  const outcome = rollback.data?.outcome
  const refused = outcome && outcomes[outcome]
  const error =
    rollback.error ??
    (refused ? new Error(rollback.data?.why ? `${refused}: ${rollback.data.why}` : refused) : undefined)
  return (
    <>
      <Button look="quiet" icon={History} className="-my-1 h-7 px-2 text-xs" onClick={() => setOpen(true)}>
        Roll back to this
      </Button>
      <Confirm
        title="Publish this version again?"
        open={isOpen}
        onClose={() => {
          setOpen(false)
          rollback.reset()
        }}
        verb="Roll back"
        busy={rollback.isPending}
        error={error}
        onConfirm={() =>
          rollback.mutate(
            { asset, key: version.key, materialization: version.id },
            { onSuccess: ({ outcome }) => outcome === 'rolled-back' && setOpen(false) },
          )
        }
      >
        <p>
          The version of <Time at={version.at} as="utc" /> with {counted(version.rows, 'row')} becomes the current one
          of <strong>{asset}</strong> {version.key}. What reads it counts as stale then. The newer version stays in the
          history.
        </p>
      </Confirm>
    </>
  )
}
