import { useConnection } from '../../api/live.tsx'
import { useAnswer } from '../../api/use-answer.ts'
import { counted, span } from '../../kit/format.ts'
import { Panel } from '../../kit/page.tsx'
import { StatusIcon } from '../../kit/status.tsx'

const ills = {
  connecting: 'Connecting to the stream of changes',
  live: '',
  lost: 'The server does not answer',
  locked: 'Your session has ended: open what "bullion link" prints',
}

/** Whether all that runs need is there. */
export function Health() {
  const connection = useConnection()
  const workers = useAnswer('workers', {}).data?.items ?? []
  const queue = useAnswer('system', {}).data?.queue
  const silent = workers.filter(({ silentMs }) => silentMs > 15_000)
  const differing = workers.filter(({ differs }) => differs.length > 0)
  const isStuck = workers.length === 0 && (queue?.queuedRuns ?? 0) > 0
  const checks = [
    {
      isWell: connection === 'live',
      well: 'Changes reach this page as they happen',
      ill: ills[connection],
    },
    {
      isWell: !isStuck,
      well:
        workers.length === 0
          ? 'No run waits for a process'
          : `${counted(workers.length, 'process', 'processes')} at work`,
      ill: `${counted(queue?.queuedRuns ?? 0, 'run')} wait, and no process is there to make them: start "bullion worker"`,
    },
    {
      isWell: silent.length === 0,
      well: 'All of them were heard of just now',
      ill: `${counted(silent.length, 'process', 'processes')} silent for up to ${span(Math.max(0, ...silent.map(({ silentMs }) => silentMs)))}`,
    },
    {
      isWell: differing.length === 0,
      well: 'All of them have the same code',
      ill: `${counted(differing.length, 'process has', 'processes have')} other code than this server: deploy it there too`,
    },
  ]
  return (
    <Panel title="Health">
      <ul className="flex flex-col gap-2 text-sm">
        {checks.map(({ isWell, well, ill }) => (
          <li key={well} className="flex items-start gap-2">
            <span className="mt-0.5">
              <StatusIcon status={isWell ? 'healthy' : 'late'} />
            </span>
            {isWell ? well : ill}
          </li>
        ))}
      </ul>
      <p className="mt-3 text-xs text-ink-faint">
        For probes:{' '}
        <a href="/health" className="text-accent underline">
          /health
        </a>{' '}
        while the server lives,{' '}
        <a href="/ready" className="text-accent underline">
          /ready
        </a>{' '}
        while it reaches its store and queue.
      </p>
    </Panel>
  )
}
