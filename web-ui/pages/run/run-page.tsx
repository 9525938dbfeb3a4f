import { useParams } from '@tanstack/react-router'
import { SearchX } from 'lucide-react'
import { lazy, Suspense } from 'react'
import type { Answer } from '../../../server/contract/contract.ts'
import { isUnknown } from '../../api/ask.ts'
import { useAnswer } from '../../api/use-answer.ts'
import { LinkButton } from '../../kit/button.tsx'
import { Answered, Empty, Loading, Page } from '../../kit/page.tsx'
import { runStatus } from '../../kit/run-bar.tsx'
import { StatusBadge } from '../../kit/status.tsx'
import { Tabs } from '../../kit/tabs.tsx'
import { useAddress } from '../../kit/use-address.ts'
import { RunActions } from './run-actions.tsx'
import { RunErrors } from './run-errors.tsx'
import { RunHead } from './run-head.tsx'
import { RunProgressTab } from './run-progress-tab.tsx'

export type Run = Answer<'run'>

// Only the tab that is looked at is loaded, and asks.
const RunTimeline = lazy(() => import('./run-timeline.tsx').then((module) => ({ default: module.RunTimeline })))
const RunLog = lazy(() => import('./run-log.tsx').then((module) => ({ default: module.RunLog })))
const RunSteps = lazy(() => import('./run-steps.tsx').then((module) => ({ default: module.RunSteps })))

const tabs = [
  ['progress', 'Progress', RunProgressTab],
  ['timeline', 'Timeline', RunTimeline],
  ['log', 'Log', RunLog],
  ['steps', 'Steps', RunSteps],
  ['errors', 'Errors', RunErrors],
] as const

export function RunPage() {
  const { run: id } = useParams({ strict: false }) as { readonly run: string }
  const run = useAnswer('run', { run: id })
  const [address] = useAddress()
  const [here, , Tab] = tabs.find(([tab]) => tab === address.tab) ?? tabs[0]
  const failures = run.data?.errors.reduce((sum, { count }) => sum + count, 0)
  return (
    <Page
      title={run.data ? `${run.data.reason} ${id}` : id}
      fill
      head={
        run.data && (
          <span className="flex items-center gap-3">
            <span className="truncate">{run.data.reason}</span>
            <StatusBadge status={runStatus(run.data)} />
          </span>
        )
      }
      lead={run.data && <RunHead run={run.data} />}
      actions={run.data && <RunActions run={run.data} />}
      tabs={
        <Tabs
          label="About this run"
          tabs={tabs.map(([tab, name]) => ({
            name,
            isHere: tab === here,
            to: { to: '/runs/$run', params: { run: id }, search: tab === 'progress' ? {} : { tab } },
            ...(tab === 'errors' && { count: failures }),
          }))}
        />
      }
    >
      {isUnknown(run.error) ? (
        <Empty icon={SearchX} title="There is no such run">
          {run.error.message}
          <span className="mt-3 flex justify-center">
            <LinkButton to="/runs">See all runs</LinkButton>
          </span>
        </Empty>
      ) : (
        <Answered query={run}>
          {(data) => (
            <Suspense fallback={<Loading />}>
              <Tab key={id} run={data} />
            </Suspense>
          )}
        </Answered>
      )}
    </Page>
  )
}
