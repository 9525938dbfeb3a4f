/** What to make, which of it, and what that would mean; then to its run. */

import { useQueries } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Play } from 'lucide-react'
import type { ReactNode } from 'react'
import { useState } from 'react'
import { ask as askServer, Refused } from '../api/ask.ts'
import { useAnswer, useCommand } from '../api/use-answer.ts'
import { Button } from '../kit/button.tsx'
import { Dialog } from '../kit/dialog.tsx'
import { Tick } from '../kit/fields.tsx'
import { count, counted } from '../kit/format.ts'
import { Empty, Failure, Loading } from '../kit/page.tsx'
import { useSettled } from '../kit/use-settled.ts'
import type { Details } from './make-form.ts'
import { askOf, dimensionsOf, formOf, upstreamOf } from './make-form.ts'
import type { MakeAsk } from './open-make.tsx'
import { ModeChoice, MoreOptions } from './options.tsx'
import { ParamFields } from './param-fields.tsx'
import { PlanPreview } from './plan-preview.tsx'
import { WhichAssets } from './which-assets.tsx'
import { WhichPartitions } from './which-partitions.tsx'

/** A run of more is looked at twice. */
const manySteps = 10_000
/** Of so many assets the dimensions and parameters are offered. */
const mostDetails = 12

export function MakeDialog({ ask, onClose }: { readonly ask: MakeAsk; readonly onClose: () => void }) {
  const [form, setForm] = useState(() => formOf(ask))
  const [isSure, setSure] = useState(false)
  const navigate = useNavigate()
  const start = useCommand('startRun')
  const change = (part: Partial<typeof form>): void => {
    setForm((before) => ({ ...before, ...part }))
    setSure(false)
    start.reset()
  }

  const isSaid = form.selection.trim() !== ''
  const meant = useAnswer('assets', { selection: form.selection.trim(), limit: 1_000 }, { when: isSaid, keep: true })
  const ours = isSaid ? (meant.data?.items ?? []).filter(({ isExternal }) => !isExternal) : []
  const details = useDetails(ours.slice(0, mostDetails).map(({ asset }) => asset))
  const dimensions = dimensionsOf(details)

  const wanted = askOf(form, dimensions)
  const settled = useSettled(wanted)
  const plan = useAnswer('plan', settled, { when: isSaid && settled.selection !== '', keep: true })
  const isCurrent = plan.isSuccess && !plan.isPlaceholderData && JSON.stringify(settled) === JSON.stringify(wanted)
  const refused = errorsByField(start.error ?? plan.error ?? (isSaid ? meant.error : null))
  // What is blocked is planned, and ends as such.
  const size = (plan.data?.size ?? 0) - (plan.data?.blocked ?? 0)
  const isMany = size > manySteps

  const begin = async (): Promise<void> => {
    const { run } = await start.mutateAsync(wanted)
    onClose()
    await navigate({ to: '/runs/$run', params: { run } })
  }
  return (
    <Dialog
      title="Materialize"
      lead="Choose what to make. Nothing starts until you say so."
      open
      onClose={onClose}
      wide
      {...(ask.selection === undefined && { first: '[role=combobox]' })}
      actions={
        <>
          {isMany && isCurrent && (
            <div className="mr-auto">
              <Tick checked={isSure} onChange={setSure}>
                {count(size)} partitions are many. I have looked at the plan.
              </Tick>
            </div>
          )}
          <Button onClick={onClose}>Cancel</Button>
          <Button
            look="primary"
            icon={Play}
            busy={start.isPending}
            disabled={!isCurrent || size === 0 || plan.isError || (isMany && !isSure)}
            onClick={() => void begin().catch(() => undefined)}
          >
            {isCurrent && size > 0 ? `Materialize ${counted(size, 'partition')}` : 'Materialize'}
          </Button>
        </>
      }
    >
      <div className="grid gap-x-8 gap-y-6 md:grid-cols-[minmax(0,1fr)_minmax(0,1.1fr)]">
        <div className="flex min-w-0 flex-col gap-5">
          <Part title="Assets">
            <WhichAssets
              value={form.selection}
              onChange={(selection) => change({ selection })}
              assets={ours}
              error={refused.selection}
            />
          </Part>
          {ours.length > 0 && (
            <>
              <Part title="Partitions">
                <WhichPartitions
                  form={form}
                  change={change}
                  assets={details}
                  dimensions={dimensions}
                  error={refused.partitions}
                />
              </Part>
              <Part title="Of these">
                <ModeChoice mode={form.mode} onChange={(mode) => change({ mode })} counts={countsOf(ours)} />
              </Part>
              <ParamFields assets={details} form={form} change={change} error={refused.params} />
              <MoreOptions form={form} change={change} />
            </>
          )}
        </div>
        <section
          aria-label="The plan"
          aria-busy={!isCurrent}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls
          tabIndex={0}
          className={`min-w-0 self-start rounded-lg bg-sunken p-4 transition-opacity md:sticky md:top-0 md:max-h-[calc(88vh-9.5rem)] md:overflow-y-auto ${isCurrent || !plan.data ? '' : 'opacity-60'}`}
        >
          {!isSaid ? (
            <Empty title="Which assets?">Name some, and what would be made is shown here.</Empty>
          ) : refused.rest ? (
            <Failure error={refused.rest} retry={() => void plan.refetch()} />
          ) : plan.error || meant.error ? (
            <Empty title="No plan yet">
              What is marked beside this can not be read; mend it, and the plan is shown.
            </Empty>
          ) : plan.data ? (
            <PlanPreview
              plan={plan.data}
              mode={form.mode}
              onMode={(mode) => change({ mode })}
              onUpstream={() => change({ selection: upstreamOf(form.selection) })}
            />
          ) : (
            <Loading what="Planning" />
          )}
        </section>
      </div>
    </Dialog>
  )
}

function Part({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section className="flex flex-col gap-2">
      <h3 className="text-xs font-semibold tracking-wide text-ink-soft">{title}</h3>
      {children}
    </section>
  )
}

function useDetails(assets: readonly string[]): readonly Details[] {
  return useQueries({
    queries: assets.map((asset) => ({
      queryKey: ['asset', { asset }],
      queryFn: ({ signal }: { signal: AbortSignal }) => askServer('asset', { asset }, signal),
    })),
    combine: (answers) => answers.flatMap(({ data }) => (data ? [data] : [])),
  })
}

/** How many there are of each, where all of the assets could be counted. */
function countsOf(rows: readonly { partitions: Details['partitions'] }[]) {
  const sum = (of: (row: Details['partitions']) => number | null): number | null =>
    rows.reduce<number | null>((before, { partitions }) => {
      const value = of(partitions)
      return before === null || value === null ? null : before + value
    }, 0)
  return {
    missing: sum(({ missing }) => missing),
    failed: sum(({ failed, rejected }) => failed + rejected),
    stale: sum(({ stale }) => stale),
    all: sum(({ total }) => total),
  }
}

/** What the server refused, beside the field that it is about. */
function errorsByField(error: unknown): {
  readonly selection?: string
  readonly partitions?: string
  readonly params?: string
  readonly rest?: unknown
} {
  if (error === null || error === undefined) return {}
  if (!(error instanceof Refused)) return { rest: error }
  const field = { selection: 'selection', asset: 'selection', partition: 'partitions', params: 'params' } as const
  const name = field[error.code.split('.', 1)[0] as keyof typeof field]
  return name ? { [name]: error.message } : { rest: error }
}
