import { Play } from 'lucide-react'
import type { Answer } from '../../../server/contract/contract.ts'
import { useAnswer } from '../../api/use-answer.ts'
import { Button } from '../../kit/button.tsx'
import { counted } from '../../kit/format.ts'
import { Answered, Page } from '../../kit/page.tsx'
import { useOpenMake } from '../../make/open-make.tsx'
import { Attention } from './attention.tsx'
import { Begin } from './begin.tsx'
import { Figures } from './figures.tsx'
import { NewestRuns } from './newest-runs.tsx'
import { NextTicks } from './next-ticks.tsx'
import { Quality } from './quality.tsx'
import { RunningNow } from './running-now.tsx'
import { ThroughputPanel } from './throughput-panel.tsx'

export type Overview = Answer<'overview'>

export function OverviewPage() {
  const overview = useAnswer('overview', {})
  const openMake = useOpenMake()
  return (
    <Page
      title="Overview"
      lead={overview.data && !isUntouched(overview.data) && <Verdict overview={overview.data} />}
      actions={
        <Button look="primary" icon={Play} onClick={() => openMake({})}>
          Materialize…
        </Button>
      }
    >
      <Answered query={overview}>{(data) => (isUntouched(data) ? <Begin /> : <Dashboard overview={data} />)}</Answered>
    </Page>
  )
}

function Dashboard({ overview }: { readonly overview: Overview }) {
  return (
    <>
      <Figures overview={overview} />
      <div className="grid grid-cols-1 items-start gap-4 lg:grid-cols-[minmax(0,1.7fr)_minmax(19rem,1fr)]">
        <div className="flex min-w-0 flex-col gap-4">
          <Attention overview={overview} />
          <ThroughputPanel />
          <NewestRuns runs={overview.newest} />
        </div>
        <div className="flex min-w-0 flex-col gap-4">
          <RunningNow runs={overview.running} />
          <NextTicks ticks={overview.nextTicks} />
          <Quality overview={overview} />
        </div>
      </div>
    </>
  )
}

/** All of it in one sentence. */
function Verdict({ overview: { assets, failedTicks, running } }: { readonly overview: Overview }) {
  const [failing, late] = [assets.failing ?? 0, assets.late ?? 0]
  const wrong = [
    failing > 0 && `${counted(failing, 'asset')} failing`,
    late > 0 && `${counted(late, 'asset')} late`,
    failedTicks.length > 0 && `${counted(failedTicks.length, 'tick')} failed`,
  ].filter((one) => one !== false)
  const going = running.length > 0 ? `${counted(running.length, 'run')} going on.` : 'Nothing is being made now.'
  return (
    <p>
      <span className={wrong.length > 0 ? 'font-medium text-failed' : 'font-medium text-fresh'}>
        {wrong.length > 0 ? `${wrong.join(', ')}.` : 'All is well.'}
      </span>{' '}
      {going}
    </p>
  )
}

/** Nothing was ever made, nor is it being made. */
const isUntouched = ({ partitions, running, newest }: Overview): boolean =>
  partitions.published + partitions.failed + partitions.rejected === 0 && running.length === 0 && newest.length === 0
