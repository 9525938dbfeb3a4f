import { useState } from 'react'
import { SearchInput, Tick } from '../kit/fields.tsx'
import { count } from '../kit/format.ts'
import type { Dimension } from './make-form.ts'

/** More than these are found by typing. */
const most = 60

/** Which keys of a dimension: all of them until some are chosen. */
export function KeyChoice({
  dimension,
  chosen,
  onChange,
}: {
  readonly dimension: Dimension
  readonly chosen: readonly string[]
  readonly onChange: (chosen: readonly string[]) => void
}) {
  const [typed, setTyped] = useState('')
  const keys = dimension.keys ?? []
  const found = keys.filter((key) => key.toLowerCase().includes(typed.trim().toLowerCase()))
  const isChosen = new Set(chosen)
  const isAll = chosen.length === 0
  const toggle = (key: string): void => {
    const next = isAll ? [key] : isChosen.has(key) ? chosen.filter((one) => one !== key) : [...chosen, key]
    onChange(next.length === keys.length ? [] : next)
  }
  return (
    <fieldset className="min-w-0">
      <legend className="mb-1 text-xs font-medium text-ink-soft">
        {dimension.name}{' '}
        <span className="font-normal text-ink-faint">
          {isAll ? `all ${count(dimension.count)}` : `${count(chosen.length)} of ${count(dimension.count)}`}
        </span>
      </legend>
      <div className="rounded-md border border-line">
        <div className="flex items-center gap-2 border-b border-line p-1.5">
          <SearchInput
            label={`Find a ${dimension.name}`}
            value={typed}
            onChange={setTyped}
            className="min-w-0 flex-1"
          />
          {typed !== '' && found.length > 0 && (
            <button
              type="button"
              className="px-1 text-xs font-medium whitespace-nowrap text-accent hover:underline"
              onClick={() => onChange([...new Set([...chosen, ...found])])}
            >
              Choose these {count(found.length)}
            </button>
          )}
          <button
            type="button"
            className="px-1 text-xs font-medium whitespace-nowrap text-accent hover:underline disabled:text-ink-faint disabled:no-underline"
            disabled={isAll}
            onClick={() => onChange([])}
          >
            All
          </button>
        </div>
        <ul className="grid max-h-36 grid-cols-2 gap-x-3 gap-y-1 overflow-y-auto p-2">
          {found.slice(0, most).map((key) => (
            <li key={key} className="min-w-0 truncate">
              <Tick checked={isChosen.has(key)} onChange={() => toggle(key)}>
                {key}
              </Tick>
            </li>
          ))}
          {found.length === 0 && <li className="col-span-2 text-xs text-ink-faint">None is called “{typed}”.</li>}
          {found.length > most && (
            <li className="col-span-2 text-xs text-ink-faint">
              {count(found.length - most)} more; type a part of a name to find them.
            </li>
          )}
        </ul>
      </div>
      {isAll && <p className="mt-1 text-xs text-ink-faint">None is ticked, so all are meant.</p>}
    </fieldset>
  )
}
