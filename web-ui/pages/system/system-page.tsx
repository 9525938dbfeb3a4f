/** What this deployment is, who works for it and how much it holds. */

import { BookOpen } from 'lucide-react'
import { useAnswer } from '../../api/use-answer.ts'
import { bytes, count, shortCount } from '../../kit/format.ts'
import { Answered, Facts, Figure, Page, Panel } from '../../kit/page.tsx'
import { Span, Time } from '../../kit/time.tsx'
import { Health } from './health.tsx'
import { LakeByLayer } from './lake-by-layer.tsx'
import { Pools } from './pools.tsx'
import { Settings } from './settings.tsx'
import { Workers } from './workers.tsx'

export function SystemPage() {
  const system = useAnswer('system', {})
  return (
    <Page
      title="System"
      lead="The processes that share this store, what they hold and how they are set up."
      actions={
        <a
          href="/docs"
          className="inline-flex h-8 items-center gap-1.5 rounded-md border border-line-strong bg-surface px-3 text-sm font-medium hover:bg-sunken"
        >
          <BookOpen size={15} aria-hidden /> HTTP API
        </a>
      }
    >
      <Answered query={system}>
        {({ name, isSandbox, startedAt, versions, memory, store, lake, queue, pools, settings }) => (
          <>
            <Panel>
              <div className="grid grid-cols-2 gap-x-6 gap-y-4 lg:grid-cols-4 xl:grid-cols-7">
                <Figure
                  name="Up for"
                  value={<Span from={startedAt} to={null} />}
                  note={<Time at={startedAt} as="minute" />}
                />
                <Figure
                  name="Running"
                  value={count(queue.runningRuns)}
                  note={`${count(queue.runningSteps)} steps now`}
                />
                <Figure name="Waiting" value={count(queue.queuedRuns)} note="to be begun" />
                <Figure name="Rows in the lake" value={shortCount(lake.rows)} note={`${count(lake.files)} files`} />
                <Figure name="Lake" value={bytes(lake.bytes)} note={`${lake.byLayer.length} layers`} />
                <Figure
                  name="Store"
                  value={store.bytes === null ? '–' : bytes(store.bytes)}
                  note={`${shortCount(store.events)} events`}
                />
                <Figure name="Memory" value={bytes(memory.rssBytes)} note={`${bytes(memory.heapBytes)} of it heap`} />
              </div>
            </Panel>
            <Workers />
            <div className="grid items-start gap-4 lg:grid-cols-2">
              <Pools pools={pools} />
              <LakeByLayer lake={lake} />
            </div>
            <div className="grid items-start gap-4 lg:grid-cols-2 xl:grid-cols-3">
              <Panel title="Store and queue">
                <Facts
                  items={[
                    ['Store', store.kind],
                    ['Place', <Place key="place" text={store.place} />],
                    ['Queue', queue.kind],
                    ['Runs', count(store.runs)],
                    ['Events', count(store.events)],
                    ['Materializations', count(store.materializations)],
                  ]}
                />
              </Panel>
              <Panel title="This server">
                <Facts
                  items={[
                    ['Name', name],
                    ['Data', isSandbox === null ? 'not said' : isSandbox ? 'sandbox, made up' : 'real'],
                    ...Object.entries(versions).map(([of, version]) => [of, <Code key={of}>{version}</Code>] as const),
                  ]}
                />
              </Panel>
              <Health />
            </div>
            <Settings settings={settings} />
          </>
        )}
      </Answered>
    </Page>
  )
}

const Code = ({ children }: { readonly children: string }) => <code className="font-mono text-xs">{children}</code>

function Place({ text }: { readonly text: string }) {
  return <code className="font-mono text-xs break-all">{text}</code>
}
