import { useQueryClient } from '@tanstack/react-query'
import { Ban, RotateCcw } from 'lucide-react'
import { useState } from 'react'
import { ask } from '../../api/ask.ts'
import { messageOf } from '../../api/use-answer.ts'
import { Button } from '../../kit/button.tsx'
import { Confirm } from '../../kit/dialog.tsx'
import { counted } from '../../kit/format.ts'
import type { RunRow } from '../../kit/run-bar.tsx'

const canCancel = ({ status, isCanceling }: RunRow): boolean =>
  !isCanceling && (status === 'running' || status === 'queued')
const canRetry = ({ status }: RunRow): boolean => status === 'failed' || status === 'canceled'

/** What can be done with the runs that were chosen in the list. */
export function ChosenRuns({ runs, onDone }: { readonly runs: readonly RunRow[]; readonly onDone: () => void }) {
  const client = useQueryClient()
  const [doing, setDoing] = useState<'cancel' | 'retry'>()
  const [isAsking, setAsking] = useState(false)
  const [errors, setErrors] = useState<readonly string[]>([])
  const [cancelable, retryable] = [runs.filter(canCancel), runs.filter(canRetry)]

  async function act(what: 'cancel' | 'retry', of: readonly RunRow[]): Promise<void> {
    setDoing(what)
    setErrors([])
    const results = await Promise.allSettled(
      of.map(({ run }) => (what === 'cancel' ? ask('cancelRun', { run }) : ask('retryRun', { run, what: 'failed' }))),
    )
    const failed = results.flatMap((result) => (result.status === 'rejected' ? [messageOf(result.reason)] : []))
    setErrors([...new Set(failed)])
    setDoing(undefined)
    setAsking(false)
    void client.invalidateQueries()
    if (failed.length === 0) onDone()
  }

  return (
    <section
      aria-label="Chosen runs"
      className="flex flex-wrap items-center gap-2 rounded-lg border border-line-strong bg-raised px-4 py-2 shadow-lg"
    >
      <p className="mr-2 text-sm font-medium">{counted(runs.length, 'run')} chosen</p>
      <Button
        look="danger"
        icon={Ban}
        disabled={cancelable.length === 0}
        busy={doing === 'cancel'}
        onClick={() => setAsking(true)}
      >
        Cancel {cancelable.length > 0 && cancelable.length}
      </Button>
      <Button
        icon={RotateCcw}
        disabled={retryable.length === 0}
        busy={doing === 'retry'}
        onClick={() => void act('retry', retryable)}
      >
        Retry from failure {retryable.length > 0 && retryable.length}
      </Button>
      <Button look="quiet" onClick={onDone}>
        Choose none
      </Button>
      {errors.length > 0 && (
        <p role="alert" className="min-w-0 flex-1 text-sm text-failed">
          {errors.join('; ')}
        </p>
      )}
      <Confirm
        title={`Cancel ${counted(cancelable.length, 'run')}?`}
        open={isAsking}
        onClose={() => setAsking(false)}
        onConfirm={() => void act('cancel', cancelable)}
        verb={cancelable.length === 1 ? 'Cancel the run' : 'Cancel the runs'}
        busy={doing === 'cancel'}
      >
        <p>Partitions that are being made stop soon; what is published stays. They can be retried from there.</p>
      </Confirm>
    </section>
  )
}
