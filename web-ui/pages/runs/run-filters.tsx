import { useId } from 'react'
import type { Given } from '../../../server/contract/contract.ts'
import { useAnswer } from '../../api/use-answer.ts'
import { Button } from '../../kit/button.tsx'
import { Choice, SearchInput, Select, TextInput } from '../../kit/fields.tsx'
import { useDelayed } from '../../kit/use-delayed.ts'
import type { Search } from '../../routes.tsx'

const statuses = ['queued', 'running', 'succeeded', 'failed', 'canceled'] as const
const hour = 3_600_000
const spans = {
  '1h': ['Last hour', hour],
  '24h': ['Last 24 hours', 24 * hour],
  '7d': ['Last 7 days', 7 * 24 * hour],
  '30d': ['Last 30 days', 30 * 24 * hour],
} as const satisfies Record<string, readonly [string, number]>

/** What the address asks for; `since` is a span such as 24h, or a day. */
export function askedOf({ status, asset, q, since, to }: Search, now: number): Given<'runs'> {
  const known = statuses.find((one) => one === status)
  const from = since === undefined ? undefined : since in spans ? now - spans[since as '1h'][1] : instant(since)
  const until = to === undefined ? undefined : instant(to)
  return {
    ...(known && { status: known }),
    ...(asset !== undefined && { asset }),
    ...(q !== undefined && { q }),
    ...(from !== undefined && { from }),
    // The last day is in it.
    ...(until !== undefined && { to: until + 24 * hour }),
  }
}

function instant(day: string): number | undefined {
  const at = Date.parse(`${day}T00:00:00Z`)
  return Number.isNaN(at) ? undefined : at
}

/** Nothing where the address says no day. */
const dayOf = (text = ''): string => (instant(text) === undefined ? '' : text)

export const isFiltered = ({ status, asset, q, since, to }: Search): boolean =>
  [status, asset, q, since, to].some((one) => one !== undefined)

export function RunFilters({
  address,
  change,
}: {
  readonly address: Search
  readonly change: (change: Search) => void
}) {
  const { status, asset, q, since, to } = address
  const [typed, setTyped] = useDelayed(q ?? '', (text) => change({ q: text || undefined }))
  const isBetween = to !== undefined || (since !== undefined && !(since in spans))
  const chooseSpan = (chosen: string): void => {
    const today = new Date().toISOString().slice(0, 10)
    if (chosen === 'between') change({ since: today, to: today })
    else change({ since: chosen || undefined, to: undefined })
  }
  return (
    <search aria-label="Which runs" className="flex flex-wrap items-center gap-2">
      <SearchInput
        isMain
        label="Find by reason, id or tag"
        value={typed}
        onChange={setTyped}
        className="w-44 xl:w-64"
      />
      <Choice
        label="Status"
        value={status ?? 'all'}
        options={[['all', 'All'], ...statuses.map((one) => [one, sentence(one)] as const)]}
        onChange={(one) => change({ status: one === 'all' ? undefined : one })}
      />
      <AssetInput value={asset ?? ''} onChange={(name) => change({ asset: name || undefined })} />
      <Select
        aria-label="Created"
        value={isBetween ? 'between' : (since ?? '')}
        onChange={(event) => chooseSpan(event.target.value)}
        className="w-36"
      >
        <option value="">Any time</option>
        {Object.entries(spans).map(([name, [words]]) => (
          <option key={name} value={name}>
            {words}
          </option>
        ))}
        <option value="between">Chosen days</option>
      </Select>
      {isBetween && (
        <span className="flex items-center gap-1.5 text-sm text-ink-faint">
          <TextInput
            type="date"
            aria-label="From this day, UTC"
            value={dayOf(since)}
            onChange={(event) => change({ since: event.target.value || undefined })}
          />
          to
          <TextInput
            type="date"
            aria-label="To this day, UTC"
            value={dayOf(to)}
            onChange={(event) => change({ to: event.target.value || undefined })}
          />
        </span>
      )}
      {isFiltered(address) && (
        <Button
          look="quiet"
          onClick={() => {
            setTyped('')
            change({ status: undefined, asset: undefined, q: undefined, since: undefined, to: undefined })
          }}
        >
          Clear
        </Button>
      )}
    </search>
  )
}

/** An asset by its name; it counts when it is one there is, or is cleared. */
function AssetInput({ value, onChange }: { readonly value: string; readonly onChange: (asset: string) => void }) {
  const id = useId()
  const assets = useAnswer('assets', { limit: 5_000 })
  const names = assets.data?.items.map(({ asset }) => asset) ?? []
  const [typed, setTyped] = useDelayed(value, (text) => {
    if (text === '' || names.includes(text)) onChange(text)
  })
  return (
    <>
      <TextInput
        aria-label="Asset"
        placeholder="Any asset"
        list={id}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        aria-invalid={typed !== '' && assets.data !== undefined && !names.some((name) => name.startsWith(typed))}
        className="w-36 xl:w-48"
      />
      <datalist id={id}>
        {names.slice(0, 500).map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </>
  )
}

const sentence = (word: string): string => word[0]!.toUpperCase() + word.slice(1)
