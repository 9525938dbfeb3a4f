import { useMutation } from '@tanstack/react-query'
import { FlaskConical } from 'lucide-react'
import { useState } from 'react'
import type { Answer, Given } from '../../../server/contract/contract.ts'
import { ask } from '../../api/ask.ts'
import { Button } from '../../kit/button.tsx'
import { Field, TextInput } from '../../kit/fields.tsx'
import { counted, utc } from '../../kit/format.ts'
import { Failure, Panel } from '../../kit/page.tsx'
import { StatusIcon } from '../../kit/status.tsx'

type Tried = Answer<'tryTick'>

/** Asks what a tick would ask for, and changes nothing. */
export function TryTick({ automation }: { readonly automation: Answer<'automation'> }) {
  const [typed, setTyped] = useState('')
  const attempt = useMutation({ mutationFn: (given: Given<'tryTick'>) => ask('tryTick', given) })
  const at = typed === '' ? undefined : Date.parse(`${typed}Z`)
  const act = (): void => attempt.mutate({ name: automation.name, ...(at !== undefined && { at }) })
  return (
    <Panel title="Try a tick" note="writes nothing" className="shrink-0">
      <form
        className="flex items-end gap-2"
        onSubmit={(event) => {
          event.preventDefault()
          act()
        }}
      >
        <Field label="As if it were (UTC)">
          {(id) => (
            <TextInput
              id={id}
              type="datetime-local"
              step={1}
              value={typed}
              onChange={(event) => setTyped(event.target.value)}
              className="w-52"
            />
          )}
        </Field>
        <Button type="submit" icon={FlaskConical} busy={attempt.isPending}>
          Try
        </Button>
      </form>
      <div aria-live="polite" className="mt-3 text-sm">
        {attempt.error && <Failure error={attempt.error} />}
        {attempt.data && !attempt.error && <Outcome tried={attempt.data} />}
        {!attempt.data && !attempt.error && (
          <p className="text-xs text-ink-faint">
            {typed === '' ? 'Left empty it is tried as of now. ' : ''}Its function is called, and what it answers is
            shown here.
          </p>
        )}
      </div>
    </Panel>
  )
}

function Outcome({ tried: { at, skip, error, runs } }: { readonly tried: Tried }) {
  const size = runs.reduce((sum, run) => sum + run.size, 0)
  return (
    <div className="flex flex-col gap-3">
      <p className="tabular text-xs text-ink-faint">At {utc(at)} UTC it</p>
      {error !== null && (
        <div className="flex items-start gap-2">
          <StatusIcon status="failed" />
          <pre className="min-w-0 flex-1 font-mono text-xs break-words whitespace-pre-wrap text-failed">{error}</pre>
        </div>
      )}
      {error === null && runs.length === 0 && (
        <p className="flex items-start gap-2">
          <span className="mt-0.5">
            <StatusIcon status="skipped" />
          </span>
          <span>would ask for nothing{skip ? `: ${skip}` : '.'}</span>
        </p>
      )}
      {error === null && runs.length > 0 && (
        <p className="flex items-start gap-2">
          <span className="mt-0.5">
            <StatusIcon status="succeeded" />
          </span>
          <span>
            would ask for {counted(runs.length, 'run')} of {counted(size, 'partition')}.
          </span>
        </p>
      )}
      {runs.map((run, index) => (
        <TriedRun key={run.runKey ?? index} run={run} />
      ))}
    </div>
  )
}

function TriedRun({ run }: { readonly run: Tried['runs'][number] }) {
  return (
    <section className="rounded-md border border-line" aria-label={run.reason}>
      <div className="flex items-baseline justify-between gap-3 border-b border-line/70 px-3 py-1.5">
        <span className="truncate font-medium">{run.reason}</span>
        <span className="tabular shrink-0 text-xs text-ink-faint">{counted(run.size, 'partition')}</span>
      </div>
      {run.runKey !== null && <p className="truncate px-3 pt-1.5 font-mono text-xs text-ink-faint">{run.runKey}</p>}
      {run.size === 0 ? (
        <p className="px-3 py-2 text-xs text-ink-faint">All of it is there already: nothing would be made.</p>
      ) : (
        <ul className="px-3 py-1.5">
          {run.assets.map(({ asset, count, why }) => (
            <li key={asset} className="py-0.5">
              <div className="flex justify-between gap-3">
                <span className="truncate">{asset}</span>
                <span className="tabular text-ink-soft">{count}</span>
              </div>
              <p className="text-xs text-ink-faint">{why}</p>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}
