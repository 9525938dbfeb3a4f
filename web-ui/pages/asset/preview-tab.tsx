import { Table2 } from 'lucide-react'
import { useMemo } from 'react'
import type { Answer } from '../../../server/contract/contract.ts'
import { useAnswer } from '../../api/use-answer.ts'
import { LinkButton } from '../../kit/button.tsx'
import { counted, span, utc } from '../../kit/format.ts'
import { Answered, Empty, Panel } from '../../kit/page.tsx'
import { useAddress } from '../../kit/use-address.ts'
import { ResultTable } from '../sql/result-table.tsx'
import type { AssetDetails } from './grid-cells.ts'
import { keyFromAddress } from './partition-key.tsx'
import { PartitionPicker } from './partition-picker.tsx'

/** The first rows of a partition, or of what is published. */
export function PreviewTab({ asset }: { readonly asset: AssetDetails }) {
  const [address, change] = useAddress()
  const key = keyFromAddress(address.key)
  const answer = useAnswer(
    'preview',
    { asset: asset.asset, limit: 200, ...(key !== undefined && { key }) },
    { keep: true },
  )
  const shown = useMemo(() => answer.data && withTimes(answer.data), [answer.data])
  return (
    <>
      <PartitionPicker
        asset={asset}
        value={key}
        onChange={(key) => change({ key })}
        any="the newest that are published"
      />
      <Answered query={{ ...answer, data: shown }}>
        {(result) => (
          <Panel
            flush
            title="Rows"
            note={`${result.isCut ? 'the first ' : ''}${counted(result.rows.length, 'row')}, read in ${span(result.tookMs)}`}
            className="min-h-72 flex-1 overflow-hidden"
            actions={
              <LinkButton look="quiet" to="/sql" search={{ q: asset.viewSql }}>
                Open in SQL
              </LinkButton>
            }
          >
            {result.columns.length === 0 ? (
              <Empty icon={Table2} title="Nothing is published that could be shown" />
            ) : (
              <ResultTable result={result} />
            )}
          </Panel>
        )}
      </Answered>
    </>
  )
}

/** Instants as people read them; they come as ms since 1970 UTC. */
function withTimes(result: Answer<'preview'>): Answer<'preview'> {
  const isTime = result.columns.map(({ type }) => /^timestamp/i.test(type))
  if (!isTime.includes(true)) return result
  const rows = result.rows.map((row) =>
    row.map((value, index) => (isTime[index] && typeof value === 'number' ? utc(value) : value)),
  )
  return { ...result, rows }
}
