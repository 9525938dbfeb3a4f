import { useNavigate } from '@tanstack/react-router'
import { Ban, Boxes, ChevronDown, DatabaseZap, RotateCcw, RotateCw } from 'lucide-react'
import { useState } from 'react'
import { useCommand } from '../../api/use-answer.ts'
import { Button } from '../../kit/button.tsx'
import { Confirm } from '../../kit/dialog.tsx'
import { counted } from '../../kit/format.ts'
import { Menu, MenuItem } from '../../kit/menu.tsx'
import { Failure } from '../../kit/page.tsx'
import { endedOf } from '../../kit/run-bar.tsx'
import type { Run } from './run-page.tsx'

export function RunActions({ run }: { readonly run: Run }) {
  const navigate = useNavigate()
  const retry = useRetry(run.run)
  const cancel = useCommand('cancelRun')
  const [isAsking, setAsking] = useState(false)
  const isOver = run.finishedAt !== null
  const unmade = run.counts.planned - run.counts.published - run.counts.unchanged - run.counts.skipped
  const first = run.assets[0]
  return (
    <>
      {isOver && (
        <Button
          look={unmade > 0 ? 'primary' : 'plain'}
          icon={RotateCcw}
          disabled={unmade <= 0}
          busy={retry.isPending}
          onClick={() => retry.start('failed')}
        >
          Retry from failure
        </Button>
      )}
      {!isOver && (
        <Button look="danger" icon={Ban} disabled={run.isCanceling} onClick={() => setAsking(true)}>
          {run.isCanceling ? 'Canceling…' : 'Cancel'}
        </Button>
      )}
      <Menu trigger={<Button icon={ChevronDown}>More</Button>}>
        <MenuItem icon={RotateCw} disabled={!isOver} onSelect={() => retry.start('all')}>
          Run all of it again
        </MenuItem>
        {first !== undefined && (
          <>
            <MenuItem icon={Boxes} onSelect={() => void navigate({ to: '/assets/$asset', params: { asset: first } })}>
              Go to {first}
            </MenuItem>
            <MenuItem
              icon={DatabaseZap}
              onSelect={() =>
                void navigate({ to: '/sql', search: { q: `select * from "${first}" limit 100`, at: run.run } })
              }
            >
              What it made, in SQL
            </MenuItem>
          </>
        )}
      </Menu>
      {retry.error !== null && (
        <div className="w-full">
          <Failure error={retry.error} />
        </div>
      )}
      <Confirm
        title="Cancel this run?"
        open={isAsking}
        onClose={() => setAsking(false)}
        onConfirm={() => cancel.mutate({ run: run.run }, { onSuccess: () => setAsking(false) })}
        verb="Cancel the run"
        busy={cancel.isPending}
        error={cancel.error}
      >
        <p>
          {counted(run.counts.planned - endedOf(run.counts), 'partition')} will not be made. What is published stays,
          and you can go on from there with “Retry from failure”.
        </p>
      </Confirm>
    </>
  )
}

/** Runs a run again, and goes there. */
export function useRetry(run: string) {
  const navigate = useNavigate()
  const retry = useCommand('retryRun')
  const start = (what: 'failed' | 'all'): void =>
    retry.mutate(
      { run, what },
      { onSuccess: (made) => void navigate({ to: '/runs/$run', params: { run: made.run }, search: {} }) },
    )
  return { start, isPending: retry.isPending, error: retry.error }
}
