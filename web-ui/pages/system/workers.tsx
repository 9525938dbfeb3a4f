import { Link } from '@tanstack/react-router'
import { TriangleAlert } from 'lucide-react'
import type { Answer } from '../../../server/contract/contract.ts'
import { useAnswer } from '../../api/use-answer.ts'
import { counted, span } from '../../kit/format.ts'
import { Answered, Chip, Empty, Panel } from '../../kit/page.tsx'
import type { Column } from '../../kit/table.tsx'
import { Table } from '../../kit/table.tsx'
import { Time } from '../../kit/time.tsx'
import { Tip } from '../../kit/tip.tsx'

type Worker = Answer<'workers'>['items'][number]

/** Silent for longer than this it may have died; others take over what it leads. */
const silentMs = 15_000

const columns: readonly Column<Worker>[] = [
  { title: 'Role', width: '5.5rem', cell: ({ role }) => <b className="font-medium">{role ?? 'process'}</b> },
  {
    title: 'Host',
    width: 'minmax(10rem,1.4fr)',
    cell: ({ host, pid, id, version }) => (
      <span title={id}>
        {host}{' '}
        <span className="text-ink-faint">
          pid {pid}
          {version !== null && `, ${version}`}
        </span>
      </span>
    ),
    sort: ({ host, pid }) => `${host} ${pid}`,
  },
  {
    title: 'Pools',
    width: 'minmax(7.5rem,1fr)',
    cell: ({ pools }) =>
      pools.length === 0 ? (
        <span className="text-ink-faint">all</span>
      ) : (
        <span className="inline-flex gap-1">
          {pools.map((pool) => (
            <Chip key={pool}>{pool || 'no pool'}</Chip>
          ))}
        </span>
      ),
  },
  {
    title: 'At once',
    width: '5rem',
    align: 'right',
    cell: ({ concurrency }) => concurrency ?? <None />,
    sort: ({ concurrency }) => concurrency,
  },
  {
    title: 'Leads',
    width: 'minmax(5rem,1fr)',
    cell: ({ leads }) => (leads.length === 0 ? <None /> : <Leads runs={leads} />),
    sort: ({ leads }) => leads.length,
  },
  {
    title: 'Started',
    width: '5.5rem',
    cell: ({ startedAt }) => <Time at={startedAt} />,
    sort: ({ startedAt }) => startedAt,
  },
  {
    title: 'Last seen',
    width: '5.5rem',
    cell: ({ silentMs: silent }) =>
      silent > silentMs ? (
        <span className="text-stale">{span(silent)} ago</span>
      ) : (
        <span className="text-fresh">just now</span>
      ),
    sort: ({ silentMs: silent }) => silent,
  },
  {
    title: 'Code',
    width: '7rem',
    cell: ({ differs }) =>
      differs.length === 0 ? (
        <span className="text-ink-faint">the same</span>
      ) : (
        <Tip text={`It has other code of:\n${differs.join('\n')}`}>
          <button type="button" className="inline-flex items-center gap-1 text-stale">
            <TriangleAlert size={14} aria-hidden /> {counted(differs.length, 'asset')} differ
            {differs.length === 1 && 's'}
          </button>
        </Tip>
      ),
    sort: ({ differs }) => differs.length,
  },
]

export function Workers() {
  const workers = useAnswer('workers', {})
  return (
    <Panel title="Processes" note={workers.data && counted(workers.data.items.length, 'process', 'processes')} flush>
      <Answered query={workers}>
        {({ items }) => (
          <Table
            label="Processes"
            rows={items}
            columns={columns}
            keyOf={({ id }) => id}
            maxHeight="24rem"
            empty={
              <Empty title="No process is at work">
                Runs wait until one is. Start the scheduler and a worker in one with <code>bullion up</code>, or a
                worker alone with <code>bullion worker</code>.
              </Empty>
            }
          />
        )}
      </Answered>
    </Panel>
  )
}

const None = () => <span className="text-ink-faint">–</span>

function Leads({ runs }: { readonly runs: readonly string[] }) {
  return (
    <span>
      {runs.slice(0, 2).map((run) => (
        <Link key={run} to="/runs/$run" params={{ run }} className="mr-2 font-mono text-xs text-accent hover:underline">
          {run.slice(0, 8)}
        </Link>
      ))}
      {runs.length > 2 && <span className="text-xs text-ink-faint">+{runs.length - 2}</span>}
    </span>
  )
}
