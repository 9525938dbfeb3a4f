import { Link } from '@tanstack/react-router'
import { Play } from 'lucide-react'
import { useAnswer } from '../../api/use-answer.ts'
import { Button } from '../../kit/button.tsx'
import { count } from '../../kit/format.ts'
import { Answered, Panel } from '../../kit/page.tsx'
import { useOpenMake } from '../../make/open-make.tsx'

/** Why partitions are stale, the commonest reason first. */
export function StaleReasons({ asset }: { readonly asset: string }) {
  const answer = useAnswer('staleness', { asset })
  const openMake = useOpenMake()
  if (answer.data?.reasons.length === 0) return null
  return (
    <Panel
      flush
      title="Why it is stale"
      note={
        answer.data && `${count(answer.data.stale)} of the ${count(answer.data.compared)} partitions that were compared`
      }
      actions={
        <Button icon={Play} onClick={() => openMake({ selection: asset, mode: 'stale' })}>
          Materialize the stale…
        </Button>
      }
    >
      <Answered query={answer}>
        {({ reasons }) => (
          <ul>
            {reasons.map(({ why, count: partitions, partitions: which }) => (
              <li key={why} className="flex gap-4 border-b border-line/70 px-4 py-2 text-sm last:border-b-0">
                <span className="tabular min-w-5 shrink-0 font-medium text-stale">{count(partitions)}</span>
                <div className="min-w-0 flex-1">
                  <p className="break-words">{why}</p>
                  <p className="truncate text-xs text-ink-faint" title={which}>
                    {which}
                  </p>
                </div>
                <Link
                  to="/assets/$asset"
                  params={{ asset }}
                  search={{ tab: 'partitions', status: 'stale' }}
                  className="shrink-0 text-xs text-accent hover:underline"
                >
                  Show
                </Link>
              </li>
            ))}
          </ul>
        )}
      </Answered>
    </Panel>
  )
}
