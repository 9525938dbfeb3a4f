import { Check, ChevronDown, X } from 'lucide-react'
import { DropdownMenu } from 'radix-ui'
import { StatusIcon } from '../../kit/status.tsx'
import type { AssetRow, Facet } from './facets.ts'
import { facets, wordOf } from './facets.ts'

/** One facet: a chip that says what is chosen, and a list of what could be. */
export function FacetMenu({
  facet,
  values,
  chosen,
  onChange,
}: {
  readonly facet: Facet
  readonly values: readonly (readonly [string, number])[]
  readonly chosen: readonly string[]
  readonly onChange: (chosen: readonly string[]) => void
}) {
  const { title } = facets[facet]
  const isSet = chosen.length > 0
  const said = chosen.length > 2 ? `${chosen.length} chosen` : chosen.map((value) => wordOf(facet, value)).join(', ')
  // One that is chosen stays on the list also where nothing has it any more.
  const listed = [...values, ...chosen.filter((one) => !values.some(([value]) => value === one)).map(gone)]
  return (
    <span
      className={`inline-flex h-7 items-center rounded-full border text-xs ${isSet ? 'border-accent-fill bg-accent-soft text-accent' : 'border-line-strong bg-surface text-ink-soft'}`}
    >
      <DropdownMenu.Root modal={false}>
        <DropdownMenu.Trigger className="inline-flex h-full items-center gap-1 rounded-full px-2.5 hover:text-ink">
          <span className={isSet ? '' : 'font-medium'}>{isSet ? `${title}:` : title}</span>
          {isSet && <span className="max-w-40 truncate font-semibold">{said}</span>}
          {!isSet && <ChevronDown size={13} aria-hidden />}
        </DropdownMenu.Trigger>
        <DropdownMenu.Portal>
          <DropdownMenu.Content
            align="start"
            sideOffset={4}
            className="z-50 max-h-80 min-w-48 overflow-y-auto rounded-lg border border-line bg-raised p-1 text-sm shadow-xl"
          >
            {listed.length === 0 && <p className="px-2.5 py-1.5 text-xs text-ink-faint">No asset has any</p>}
            {listed.map(([value, count]) => (
              <DropdownMenu.CheckboxItem
                key={value}
                checked={chosen.includes(value)}
                onCheckedChange={(isOn) =>
                  onChange(isOn ? [...chosen, value] : chosen.filter((other) => other !== value))
                }
                onSelect={(event) => event.preventDefault()}
                className="flex items-center gap-2 rounded px-2 py-1.5 outline-none data-[highlighted]:bg-sunken"
              >
                <span className="grid size-4 place-items-center">
                  <DropdownMenu.ItemIndicator>
                    <Check size={14} aria-hidden className="text-accent" />
                  </DropdownMenu.ItemIndicator>
                </span>
                {facet === 'health' && (
                  <span aria-hidden>
                    <StatusIcon status={value as AssetRow['health']} size={14} />
                  </span>
                )}
                <span className="flex-1 truncate">{wordOf(facet, value)}</span>
                <span className="tabular text-xs text-ink-faint">{count}</span>
              </DropdownMenu.CheckboxItem>
            ))}
          </DropdownMenu.Content>
        </DropdownMenu.Portal>
      </DropdownMenu.Root>
      {isSet && (
        <button
          type="button"
          aria-label={`Any ${title.toLowerCase()}`}
          onClick={() => onChange([])}
          className="mr-1 grid size-5 place-items-center rounded-full hover:bg-surface"
        >
          <X size={12} aria-hidden />
        </button>
      )}
    </span>
  )
}

const gone = (value: string): readonly [string, number] => [value, 0]
