/** The candles that the assets hold, with what is wrong with them. */

import { useNavigate, useSearch } from '@tanstack/react-router'
import { CandlestickChart } from 'lucide-react'
import { useCallback } from 'react'
import type { Answer } from '../../../server/contract/contract.ts'
import { useAnswer } from '../../api/use-answer.ts'
import { LinkButton } from '../../kit/button.tsx'
import { Choice, Select } from '../../kit/fields.tsx'
import { utcMinute } from '../../kit/format.ts'
import { Answered, Empty, Page } from '../../kit/page.tsx'
import { MarketView } from './market-view.tsx'

type One = Answer<'markets'>['items'][number]

export function MarketsPage() {
  const search = useSearch({ strict: false })
  const navigate = useNavigate()
  const markets = useAnswer('markets', {})
  const items = markets.data?.items ?? []
  const one = chosenOf(items, search)
  const choose = (change: Partial<Pick<One, 'asset' | 'market' | 'interval'>>): void => {
    const next = chosenOf(items, { ...one, ...change })
    if (next) void navigate({ to: '/markets', search: { ...pick(next), at: search.at }, replace: true })
  }
  const hold = useCallback(
    (at: number | undefined) =>
      void navigate({
        to: '/markets',
        search: (before) => ({ ...before, at: at === undefined ? undefined : new Date(at).toISOString() }),
        replace: true,
      }),
    [navigate],
  )
  const held = search.at === undefined ? Number.NaN : Date.parse(search.at)
  return (
    <Page
      title="Markets"
      lead={one && <Lead one={one} />}
      actions={one && <Pickers items={items} one={one} onChoose={choose} />}
    >
      <Answered query={markets}>
        {() =>
          one ? (
            <MarketView
              key={`${one.asset} ${one.market} ${one.interval}`}
              market={pick(one)}
              intervalMs={one.intervalMs}
              held={Number.isNaN(held) ? undefined : held}
              onHold={hold}
            />
          ) : (
            <NoCandles />
          )
        }
      </Answered>
    </Page>
  )
}

const pick = ({ asset, market, interval }: One) => ({ asset, market, interval })

/** As near as there is to what is asked for. */
function chosenOf(
  items: readonly One[],
  wanted: Readonly<Partial<Record<'asset' | 'market' | 'interval', string | undefined>>>,
): One | undefined {
  const fitting = (list: readonly One[], name: 'asset' | 'market' | 'interval') => {
    const fits = list.filter((one) => one[name] === wanted[name])
    return fits.length > 0 ? fits : list
  }
  return fitting(fitting(fitting(items, 'asset'), 'market'), 'interval')[0]
}

function Pickers({
  items,
  one,
  onChoose,
}: {
  readonly items: readonly One[]
  readonly one: One
  readonly onChoose: (change: Partial<Pick<One, 'asset' | 'market' | 'interval'>>) => void
}) {
  const assets = [...new Set(items.map(({ asset }) => asset))]
  const markets = [...new Set(items.filter(({ asset }) => asset === one.asset).map(({ market }) => market))]
  const intervals = items
    .filter(({ asset, market }) => asset === one.asset && market === one.market)
    .toSorted((a, b) => a.intervalMs - b.intervalMs)
  return (
    <>
      <Select aria-label="Asset" value={one.asset} onChange={(event) => onChoose({ asset: event.target.value })}>
        {assets.map((asset) => (
          <option key={asset}>{asset}</option>
        ))}
      </Select>
      <Select aria-label="Market" value={one.market} onChange={(event) => onChoose({ market: event.target.value })}>
        {markets.map((market) => (
          <option key={market}>{market}</option>
        ))}
      </Select>
      <Choice
        label="Interval"
        value={one.interval}
        onChange={(interval) => onChoose({ interval })}
        options={intervals.map(({ interval }) => [interval, interval] as const)}
      />
    </>
  )
}

function Lead({ one: { market, exchange, interval, from, to } }: { readonly one: One }) {
  return (
    <>
      {market}
      {exchange && ` of ${exchange}`}, candles of {interval}
      {from !== null && to !== null && `, from ${utcMinute(from)} to ${utcMinute(to)} UTC`}
    </>
  )
}

function NoCandles() {
  return (
    <Empty icon={CandlestickChart} title="No asset holds candles yet">
      <p>
        Drawn are assets with a dimension of markets and columns <code className="font-mono">open_time</code>,{' '}
        <code className="font-mono">open</code>, <code className="font-mono">high</code>,{' '}
        <code className="font-mono">low</code>, <code className="font-mono">close</code> and{' '}
        <code className="font-mono">volume</code>. Materialize one, or try <code>bullion demo</code>.
      </p>
      <div className="mt-3">
        <LinkButton to="/assets">Go to the assets</LinkButton>
      </div>
    </Empty>
  )
}
