import { useNavigate } from '@tanstack/react-router'
import { Clock, Workflow } from 'lucide-react'
import type { Answer } from '../../../server/contract/contract.ts'
import { useAnswer } from '../../api/use-answer.ts'
import { SearchInput } from '../../kit/fields.tsx'
import { counted } from '../../kit/format.ts'
import { Answered, Empty, Page, Panel } from '../../kit/page.tsx'
import type { Column } from '../../kit/table.tsx'
import { Table } from '../../kit/table.tsx'
import { useAddress } from '../../kit/use-address.ts'
import { useDelayed } from '../../kit/use-delayed.ts'
import { automationColumns } from './automation-columns.tsx'
import { NoDaemon } from './no-daemon.tsx'

type Automations = Answer<'automations'>
type Condition = Automations['conditions'][number]

/** What makes partitions without anyone asking: schedules, sensors, and the conditions of assets. */
export function AutomationPage() {
  const automations = useAnswer('automations', {})
  const [{ q = '' }, change] = useAddress()
  const [typed, setTyped] = useDelayed(q, (text) => change({ q: text || undefined }), 120)
  return (
    <Page
      title="Automation"
      lead={automations.data && <Lead automations={automations.data} />}
      actions={<SearchInput isMain label="Find by name or asset" value={typed} onChange={setTyped} />}
    >
      <Answered query={automations}>{(data) => <Lists automations={data} q={q} />}</Answered>
    </Page>
  )
}

function Lead({ automations: { items, conditions } }: { readonly automations: Automations }) {
  const on = items.filter(({ isOn }) => isOn).length
  const failing = items.filter(({ isOn, lastTick }) => isOn && lastTick?.status === 'failed').length
  return (
    <p>
      {counted(items.length, 'schedule or sensor', 'schedules and sensors')}, {on} of them on
      {failing > 0 && <span className="font-medium text-failed">, the last tick of {failing} failed</span>};{' '}
      {counted(conditions.length, 'asset')} with a condition.
    </p>
  )
}

function Lists({ automations, q }: { readonly automations: Automations; readonly q: string }) {
  const navigate = useNavigate()
  const fits = (...texts: readonly string[]): boolean =>
    texts.some((text) => text.toLowerCase().includes(q.toLowerCase()))
  const items = automations.items.filter(({ name, makes, when }) => fits(name, when, ...makes))
  const conditions = automations.conditions.filter(({ asset, condition }) => fits(asset, condition))
  return (
    <>
      {!automations.isDaemonUp && <NoDaemon />}
      <Panel title="Schedules and sensors" note={items.length} flush className="overflow-hidden">
        <Table
          label="Schedules and sensors"
          rows={items}
          columns={automationColumns}
          keyOf={({ name }) => name}
          onOpen={({ name }) => void navigate({ to: '/automation/$name', params: { name } })}
          rowHeight={52}
          maxHeight="60vh"
          empty={
            <Empty icon={Clock} title={q ? 'None is called like this' : 'No schedule or sensor is defined'}>
              {!q && 'Declare them with defineSchedule and defineSensor, and list them in definitions.'}
            </Empty>
          }
        />
      </Panel>
      <Panel title="Conditions of assets" note={conditions.length} flush className="overflow-hidden">
        <Table
          label="Conditions of assets"
          rows={conditions}
          columns={conditionColumns}
          keyOf={({ asset }) => asset}
          onOpen={({ asset }) => void navigate({ to: '/assets/$asset', params: { asset } })}
          rowHeight={40}
          maxHeight="60vh"
          empty={
            <Empty icon={Workflow} title={q ? 'None is called like this' : 'No asset has a condition'}>
              {!q && 'An asset with one is made as soon as it holds, without a schedule.'}
            </Empty>
          }
        />
      </Panel>
    </>
  )
}

const conditionColumns: readonly Column<Condition>[] = [
  {
    title: 'Asset',
    width: 'minmax(12rem,1fr)',
    cell: ({ asset }) => <span className="font-medium">{asset}</span>,
    sort: ({ asset }) => asset,
  },
  {
    title: 'Is made when',
    width: 'minmax(16rem,2.6fr)',
    cell: ({ condition }) => <span title={condition}>{condition}</span>,
  },
]
