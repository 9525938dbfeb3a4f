import { Link, useParams } from '@tanstack/react-router'
import { SearchX } from 'lucide-react'
import type { ReactNode } from 'react'
import type { Answer } from '../../../server/contract/contract.ts'
import { isUnknown } from '../../api/ask.ts'
import { useAnswer, usePages } from '../../api/use-answer.ts'
import { CopyButton, LinkButton } from '../../kit/button.tsx'
import { Answered, Chip, Empty, Page, Panel } from '../../kit/page.tsx'
import { Time } from '../../kit/time.tsx'
import { useAddress } from '../../kit/use-address.ts'
import { NoDaemon } from './no-daemon.tsx'
import { OnOff } from './on-off.tsx'
import { TickTable } from './tick-table.tsx'
import { TickTimeline } from './tick-timeline.tsx'
import { TryTick } from './try-tick.tsx'

type Automated = Answer<'automation'>
export type TickRow = Answer<'ticks'>['items'][number]

const statuses = ['succeeded', 'skipped', 'failed'] as const

/** One schedule or sensor. */
export function AutomatedPage() {
  const { name } = useParams({ strict: false }) as { readonly name: string }
  const automation = useAnswer('automation', { name })
  const all = useAnswer('automations', {})
  const { data } = automation
  return (
    <Page
      title={name}
      fill
      lead={data && <Lead automation={data} />}
      actions={
        data && (
          <span className="flex items-center gap-2 text-sm font-medium">
            {data.isOn ? 'On' : 'Off'} <OnOff automation={data} />
          </span>
        )
      }
    >
      {all.data && !all.data.isDaemonUp && <NoDaemon />}
      {isUnknown(automation.error) ? (
        <Empty icon={SearchX} title="There is no such schedule or sensor">
          {automation.error.message}
          <span className="mt-3 flex justify-center">
            <LinkButton to="/automation">See all of them</LinkButton>
          </span>
        </Empty>
      ) : (
        <Answered query={automation}>{(data) => <Parts key={name} automation={data} />}</Answered>
      )}
    </Page>
  )
}

function Parts({ automation }: { readonly automation: Automated }) {
  const [address, change] = useAddress()
  const status = statuses.find((one) => one === address.status)
  const ticks = usePages('ticks', { name: automation.name, limit: 200, ...(status && { status }) }, { keep: true })
  const chosen = address.tick === undefined ? undefined : Number(address.tick)
  const choose = (tick: TickRow | undefined): void => change({ tick: tick && String(tick.scheduledAt) })
  return (
    <div className="grid min-h-0 flex-1 grid-cols-[minmax(0,1fr)_20rem] gap-4 xl:grid-cols-[minmax(0,1fr)_24rem]">
      <div className="flex min-h-0 min-w-0 flex-col gap-4">
        {ticks.items.length > 0 && (
          <TickTimeline
            ticks={ticks.items}
            chosen={chosen}
            onChoose={choose}
            onEarlier={ticks.hasNextPage && !ticks.isFetching ? () => void ticks.fetchNextPage() : undefined}
          />
        )}
        <TickTable
          pages={ticks}
          rows={ticks.items}
          isSensor={automation.kind === 'sensor'}
          chosen={chosen}
          onChoose={choose}
          status={status}
          onStatus={(one) => change({ status: one })}
        />
      </div>
      <div className="flex min-h-0 flex-col gap-4 overflow-y-auto">
        <TryTick automation={automation} />
        <Upcoming automation={automation} />
        {automation.kind === 'sensor' && <CursorPanel cursor={automation.cursor} />}
      </div>
    </div>
  )
}

function Lead({ automation }: { readonly automation: Automated }) {
  const { kind, when, cron, makes, description } = automation
  return (
    <div className="flex flex-col gap-1.5">
      {description !== null && <p className="text-ink-soft">{description}</p>}
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <Chip>{kind}</Chip>
        <span className="text-ink-soft">{when}</span>
        {cron?.map((one) => (
          <code key={one} className="font-mono text-xs" title="its cron expression">
            {one}
          </code>
        ))}
        {makes.length > 0 && (
          <span className="flex flex-wrap gap-x-2">
            makes
            {makes.slice(0, 6).map((asset) => (
              <Link key={asset} to="/assets/$asset" params={{ asset }} className="text-accent hover:underline">
                {asset}
              </Link>
            ))}
            {makes.length > 6 && <span title={makes.join('\n')}>and {makes.length - 6} more</span>}
          </span>
        )}
      </div>
    </div>
  )
}

function Upcoming({ automation: { isOn, kind, when, upcoming, nextTick } }: { readonly automation: Automated }) {
  const next = upcoming.length > 0 ? upcoming : nextTick === null ? [] : [nextTick]
  return (
    <Panel title="Next ticks" flush className="shrink-0">
      {!isOn || next.length === 0 ? (
        <Note>
          {isOn
            ? `It ticks ${when}, as long as a process follows it.`
            : `It is off: this ${kind} does not tick until it is switched on.`}
        </Note>
      ) : (
        <ol className="py-1.5">
          {next.map((at) => (
            <li key={at} className="flex justify-between gap-3 px-4 py-1 text-sm">
              <Time at={at} as="minute" />
              <span className="text-ink-faint">
                <Time at={at} />
              </span>
            </li>
          ))}
        </ol>
      )}
    </Panel>
  )
}

function CursorPanel({ cursor }: { readonly cursor: string | null }) {
  return (
    <Panel
      title="Cursor"
      note="how far it has looked"
      flush
      className="shrink-0"
      actions={cursor !== null && <CopyButton text={cursor} label="Copy the cursor" />}
    >
      {cursor === null ? (
        <Note>It has none yet; its function is given nothing to go on from.</Note>
      ) : (
        <pre className="max-h-48 overflow-auto px-4 py-3 font-mono text-xs break-all whitespace-pre-wrap">{cursor}</pre>
      )}
    </Panel>
  )
}

const Note = ({ children }: { readonly children: ReactNode }) => (
  <p className="px-4 py-4 text-sm text-ink-faint">{children}</p>
)
