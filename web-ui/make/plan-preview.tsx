/** What would be made, before it is. */

import { ListChecks } from 'lucide-react'
import type { Answer } from '../../server/contract/contract.ts'
import { Button } from '../kit/button.tsx'
import { count, counted, span } from '../kit/format.ts'
import { Empty, Figure } from '../kit/page.tsx'
import type { Mode } from './make-form.ts'

type Plan = Answer<'plan'>

export function PlanPreview({
  plan,
  mode,
  onMode,
  onUpstream,
}: {
  readonly plan: Plan
  readonly mode: Mode
  readonly onMode: (mode: Mode) => void
  /** Asks for what the selection reads as well. */
  readonly onUpstream: () => void
}) {
  if (plan.size === 0 && plan.blocked === 0) return <Nothing plan={plan} mode={mode} onMode={onMode} />
  return (
    <div className="flex flex-col gap-5">
      <div className="grid grid-cols-4 gap-3">
        <Figure name="To make" value={count(plan.size - plan.blocked)} />
        <Figure name="Fresh, left alone" value={count(plan.fresh)} />
        <Figure name="Blocked" value={count(plan.blocked)} tone={plan.blocked > 0 ? 'text-stale' : ''} />
        <Figure
          name="Takes about"
          value={plan.estimateMs === null || plan.size === plan.blocked ? '–' : span(plan.estimateMs)}
          note={plan.estimateMs === null ? 'none was made of late' : undefined}
        />
      </div>
      <ByAsset plan={plan} />
      <Blocked plan={plan} onUpstream={onUpstream} />
      <Steps plan={plan} />
    </div>
  )
}

function Nothing({
  plan,
  mode,
  onMode,
}: {
  readonly plan: Plan
  readonly mode: Mode
  readonly onMode: (mode: Mode) => void
}) {
  const isNeeded = mode === 'needed'
  return (
    <Empty icon={ListChecks} title="There is nothing to make">
      <p>
        {plan.fresh > 0
          ? `All ${counted(plan.fresh, 'partition')} that you chose are fresh.`
          : mode === 'all'
            ? 'No partition is in what you chose; choose a longer range, or other keys.'
            : `None of what you chose is ${isNeeded ? 'missing, failed or stale' : mode}.`}
      </p>
      <div className="mt-3 flex justify-center gap-2">
        {!isNeeded && mode !== 'all' && <Button onClick={() => onMode('needed')}>Make what is needed</Button>}
        {mode !== 'all' && <Button onClick={() => onMode('all')}>Make them all again</Button>}
      </div>
    </Empty>
  )
}

const most = 40

function ByAsset({ plan }: { readonly plan: Plan }) {
  return (
    <section aria-label="By asset">
      <h3 className="mb-1.5 text-xs font-semibold tracking-wide text-ink-soft">In this order</h3>
      <ol className="flex flex-col">
        {plan.assets.slice(0, most).map(({ asset, count: planned, blocked, partitions, stepMs, rank }, index) => (
          <li key={asset} className="flex gap-3 border-t border-line/70 py-1.5 text-sm">
            <span
              className="tabular w-5 shrink-0 text-right text-xs leading-5 text-ink-faint"
              title="what has the same number is made side by side"
            >
              {rank === plan.assets[index - 1]?.rank ? '' : rank + 1}
            </span>
            <div className="min-w-0 flex-1">
              <div className="truncate font-medium">{asset}</div>
              <div className="line-clamp-2 font-mono text-xs break-all text-ink-faint">{partitions}</div>
            </div>
            <div className="shrink-0 text-right">
              <div className="tabular">{count(planned)}</div>
              <div className="tabular text-xs text-ink-faint">
                {blocked > 0 && <span className="text-stale">{count(blocked)} blocked </span>}
                {stepMs !== null && `${span(stepMs)} each`}
              </div>
            </div>
          </li>
        ))}
      </ol>
      {plan.assets.length > most && (
        <p className="text-xs text-ink-faint">and {counted(plan.assets.length - most, 'more asset')}</p>
      )}
    </section>
  )
}

/** Why some can not be made, like with like, and what helps. */
function Blocked({ plan, onUpstream }: { readonly plan: Plan; readonly onUpstream: () => void }) {
  if (plan.blocked === 0) return null
  const reasons = alike(plan.steps.flatMap(({ blocked }) => (blocked === null ? [] : [blocked])))
  const isUpstream = reasons.some(({ reason }) => reason.includes('select "+'))
  return (
    <section className="rounded-md bg-stale-soft px-3 py-2 text-sm text-stale" aria-label="Blocked">
      <h3 className="font-medium">{counted(plan.blocked, 'partition')} can not be made yet</h3>
      <ul className="mt-1 flex flex-col gap-1 text-xs">
        {reasons.slice(0, 3).map(({ reason, more }) => (
          <li key={reason} className="break-words">
            {reason}
            {more && ', and others like it'}
          </li>
        ))}
        {reasons.length === 0 && <li>They read what is neither there nor made by this run.</li>}
      </ul>
      {isUpstream && (
        <Button className="mt-2" onClick={onUpstream}>
          Make what they read, too
        </Button>
      )}
    </section>
  )
}

/** One of each kind: names of partitions aside. */
function alike(reasons: readonly string[]): readonly { readonly reason: string; readonly more: boolean }[] {
  const kinds = new Map<string, { reason: string; more: boolean }>()
  for (const reason of reasons) {
    const kind = reason.replaceAll(/"[^"]*=[^"]*"/g, '')
    const before = kinds.get(kind)
    kinds.set(kind, before ? { ...before, more: true } : { reason, more: false })
  }
  return [...kinds.values()]
}

const shownSteps = 30

function Steps({ plan }: { readonly plan: Plan }) {
  if (plan.steps.length === 0) return null
  return (
    <section aria-label="The first steps">
      <h3 className="mb-1.5 text-xs font-semibold tracking-wide text-ink-soft">
        {plan.size > shownSteps ? `The first ${shownSteps} steps` : 'Steps'}
      </h3>
      <ul className="flex flex-col">
        {plan.steps.slice(0, shownSteps).map(({ asset, key, why, blocked }) => (
          <li
            key={`${asset} ${key}`}
            className="grid grid-cols-[minmax(0,1.4fr)_minmax(0,1fr)] gap-x-3 border-t border-line/70 py-1 text-xs"
          >
            <span className="min-w-0">
              <span className="block truncate font-mono" title={key}>
                {key === '' ? 'the whole' : key}
              </span>
              <span className="block truncate text-ink-faint">{asset}</span>
            </span>
            {blocked === null ? (
              <span className="text-ink-soft">{why}</span>
            ) : (
              <span className="text-stale" title={blocked}>
                blocked
              </span>
            )}
          </li>
        ))}
      </ul>
    </section>
  )
}
