import { ChevronRight } from 'lucide-react'
import { useState } from 'react'
import { Field, TextInput, Tick } from '../kit/fields.tsx'
import { count } from '../kit/format.ts'
import type { MakeForm, Mode } from './make-form.ts'

const modes: readonly (readonly [Mode, string, string])[] = [
  ['needed', 'Only what is needed', 'missing, failed, refused and stale ones'],
  ['missing', 'Only missing', 'never made, or wiped'],
  ['failed', 'Only failed', 'the last try failed, or a check refused it'],
  ['stale', 'Only stale', 'made of older data or by older code'],
  ['all', 'All again', 'fresh ones too'],
]

/** Which of the partitions that are meant: by how they are now. */
export function ModeChoice({
  mode,
  onChange,
  counts,
}: {
  readonly mode: Mode
  readonly onChange: (mode: Mode) => void
  /** Of the assets, whichever partitions are meant; unknown where there are too many to count. */
  readonly counts: Partial<Record<Mode, number | null>>
}) {
  return (
    <div role="radiogroup" aria-label="Which of them" className="flex flex-col">
      {modes.map(([value, name, about]) => (
        <label
          key={value}
          className="-mx-2 flex cursor-pointer items-baseline gap-2 rounded px-2 py-1 text-sm hover:bg-sunken"
        >
          <input
            type="radio"
            name="mode"
            value={value}
            checked={mode === value}
            onChange={() => onChange(value)}
            className="size-3.5 translate-y-0.5 accent-accent-fill"
          />
          <span className={mode === value ? 'font-medium' : ''}>{name}</span>
          <span className="min-w-0 flex-1 truncate text-xs text-ink-faint">{about}</span>
          {typeof counts[value] === 'number' && (
            <span className="tabular text-xs text-ink-faint">{count(counts[value])} in all</span>
          )}
        </label>
      ))}
    </div>
  )
}

/** What is seldom changed. */
export function MoreOptions({
  form,
  change,
}: {
  readonly form: MakeForm
  readonly change: (change: Partial<MakeForm>) => void
}) {
  const [isOpen, setOpen] = useState(form.priority !== '' || form.tags !== '')
  const isNumber = Number.isFinite(Number(form.priority))
  return (
    <div className="flex flex-col gap-3">
      <Tick checked={form.isFollowed} onChange={(isFollowed) => change({ isFollowed })}>
        Also make what reads it <span className="text-xs text-ink-faint">downstream, the partitions that follow</span>
      </Tick>
      <div>
        <button
          type="button"
          aria-expanded={isOpen}
          onClick={() => setOpen(!isOpen)}
          className="inline-flex items-center gap-1 text-xs font-medium text-ink-soft hover:text-ink"
        >
          <ChevronRight size={14} aria-hidden className={isOpen ? 'rotate-90' : ''} />
          Priority and tags
        </button>
        {isOpen && (
          <div className="mt-2 grid grid-cols-[8rem_1fr] gap-3">
            <Field
              label="Priority"
              hint="higher goes first"
              error={isNumber ? undefined : 'expected a number, such as 10'}
            >
              {(id) => (
                <TextInput
                  id={id}
                  inputMode="numeric"
                  placeholder="0"
                  value={form.priority}
                  aria-invalid={isNumber ? undefined : true}
                  onChange={(event) => change({ priority: event.target.value })}
                />
              )}
            </Field>
            <Field label="Tags of the run" hint="name=value, separated by commas">
              {(id) => (
                <TextInput
                  id={id}
                  placeholder="team=research, ticket=412"
                  value={form.tags}
                  onChange={(event) => change({ tags: event.target.value })}
                />
              )}
            </Field>
          </div>
        )}
      </div>
    </div>
  )
}
