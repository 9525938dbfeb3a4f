import { useId, useState } from 'react'
import { Choice, Field, Select, TextInput } from '../kit/fields.tsx'
import { counted } from '../kit/format.ts'
import { Calendar } from './calendar.tsx'
import { monthOf } from './days.ts'
import { KeyChoice } from './key-choice.tsx'
import type { Details, Dimension, MakeForm } from './make-form.ts'
import { isTime, partitionsOf } from './make-form.ts'
import { useDayStatuses } from './use-day-statuses.ts'

interface Given {
  readonly form: MakeForm
  readonly change: (change: Partial<MakeForm>) => void
  readonly assets: readonly Details[]
  readonly dimensions: readonly Dimension[]
  readonly error: string | undefined
}

/** All there are, a span of time with keys of other dimensions, or keys as they are written. */
export function WhichPartitions({ form, change, assets, dimensions, error }: Given) {
  const choose = (which: MakeForm['which']): void => {
    // What was chosen by hand is where writing begins.
    const text = which === 'keys' && form.text === '' ? partitionsOf(form, dimensions) : form.text
    change({ which, text: text === 'all' ? '' : text })
  }
  if (assets.length > 0 && dimensions.length === 0) {
    return <p className="text-sm text-ink-faint">It has no partitions: it is made as a whole.</p>
  }
  return (
    <div className="flex flex-col gap-3">
      <div>
        <Choice
          label="Which partitions"
          value={form.which}
          onChange={choose}
          options={[
            ['all', 'All there are'],
            ['range', 'Range'],
            ['keys', 'Keys'],
          ]}
        />
      </div>
      {form.which === 'range' && <Range form={form} change={change} assets={assets} dimensions={dimensions} />}
      {form.which === 'keys' && <Keys form={form} change={change} dimensions={dimensions} error={error} />}
      {form.which !== 'keys' && error && <p className="text-xs text-failed">{error}</p>}
    </div>
  )
}

function Keys({ form, change, dimensions, error }: Pick<Given, 'form' | 'change' | 'dimensions' | 'error'>) {
  const id = useId()
  const [time, other] = [dimensions.find(isTime), dimensions.find((dimension) => !isTime(dimension))]
  const examples = [
    time && `${time.first}..${time.last}`,
    other && `${other.name}=${other.keys?.[0] ?? 'a'}`,
    time && other && `${time.last},${other.name}=${other.keys?.[0] ?? 'a'}`,
  ]
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className="sr-only">
        Keys and ranges
      </label>
      <textarea
        id={id}
        rows={3}
        spellCheck={false}
        value={form.text}
        onChange={(event) => change({ text: event.target.value })}
        aria-invalid={error ? true : undefined}
        aria-describedby={`${id}-hint`}
        placeholder={examples.findLast((example) => example !== undefined)}
        className="rounded-md border border-line-strong bg-surface px-2.5 py-1.5 font-mono text-xs aria-invalid:border-failed"
      />
      {error && <p className="text-xs text-failed">{error}</p>}
      <p id={`${id}-hint`} className="text-xs text-ink-faint">
        Separate by commas. Both ends of a range are meant. For example{' '}
        {examples
          .filter((example) => example !== undefined)
          .map((example, index) => (
            <span key={example}>
              {index > 0 && ' or '}
              <code className="font-mono">{example}</code>
            </span>
          ))}
        .
      </p>
    </div>
  )
}

function Range({ form, change, assets, dimensions }: Omit<Given, 'error'>) {
  const time = dimensions.find(isTime)
  const others = dimensions.filter((dimension) => !isTime(dimension))
  return (
    <div className="flex flex-col gap-4">
      {time && <Span form={form} change={change} time={time} assets={assets} />}
      {others.map((dimension) => (
        <KeyChoice
          key={dimension.name}
          dimension={dimension}
          chosen={form.chosen[dimension.name] ?? []}
          onChange={(keys) => change({ chosen: { ...form.chosen, [dimension.name]: keys } })}
        />
      ))}
    </div>
  )
}

function Span({
  form,
  change,
  time,
  assets,
}: Pick<Given, 'form' | 'change' | 'assets'> & { readonly time: Dimension }) {
  const hasDays = (time.unit === 'day' || time.unit === 'hour') && time.first !== null && time.last !== null
  return (
    <div className="flex flex-col gap-2">
      <div className="grid grid-cols-2 gap-2">
        <Field label={`First ${time.unit === 'other' ? 'window' : (time.unit ?? 'window')}`}>
          {(id) => (
            <TextInput
              id={id}
              className="font-mono"
              placeholder={time.first ?? ''}
              value={form.from}
              onChange={(event) => change({ from: event.target.value.trim() })}
            />
          )}
        </Field>
        <Field label="Last, included">
          {(id) => (
            <TextInput
              id={id}
              className="font-mono"
              placeholder={time.last ?? ''}
              value={form.to}
              onChange={(event) => change({ to: event.target.value.trim() })}
            />
          )}
        </Field>
      </div>
      <div className="flex flex-wrap gap-1.5">
        {quickSpans(time).map(([name, from, to]) => (
          <button
            key={name}
            type="button"
            onClick={() => change({ from, to })}
            className="rounded border border-line px-2 py-0.5 text-xs text-ink-soft hover:bg-sunken hover:text-ink"
          >
            {name}
          </button>
        ))}
      </div>
      {hasDays && <Days form={form} change={change} time={time} assets={assets} />}
      {time.timezone !== null && time.timezone !== 'UTC' && (
        <p className="text-xs text-ink-faint">Of the time zone {time.timezone}.</p>
      )}
    </div>
  )
}

function quickSpans({ unit, first, last }: Dimension): readonly (readonly [string, string, string])[] {
  if (first === null || last === null) return []
  const newest = ['The newest', last, last] as const
  if (unit !== 'day') return [newest, ['All', '', '']]
  const back = (days: number) => {
    const day = new Date(Date.parse(`${last}T00:00:00Z`) - (days - 1) * 86_400_000).toISOString().slice(0, 10)
    return day < first ? first : day
  }
  return [
    newest,
    ...[7, 30, 90].map((days) => [`Last ${days} days`, back(days), last] as const),
    ['All', '', ''] as const,
  ]
}

function Days({
  form,
  change,
  time,
  assets,
}: Pick<Given, 'form' | 'change' | 'assets'> & { readonly time: Dimension }) {
  const cut = assets.filter(({ dimensions }) => dimensions.includes(time.name))
  const [asset, setAsset] = useState(cut[0]!.asset)
  const [first, last] = [time.first!.slice(0, 10), time.last!.slice(0, 10)]
  const [turned, setTurned] = useState<string>()
  const began = /^\d{4}-\d\d-\d\d/.test(form.to) ? form.to : last
  const month = turned ?? monthOf(began)
  const shown = cut.find((one) => one.asset === asset) ?? cut[0]!
  const own = shown.dimensionList.find(({ name }) => name === time.name) ?? time
  const statuses = useDayStatuses(shown.asset, own, month)
  const isHours = time.unit === 'hour'
  return (
    <div className="rounded-md border border-line p-2">
      <Calendar
        month={month}
        onMonth={setTurned}
        first={first}
        last={last}
        from={form.from.slice(0, 10)}
        to={form.to.slice(0, 10)}
        statuses={statuses}
        onChange={(from, to) =>
          change(
            isHours
              ? {
                  from: from === first ? time.first! : `${from}T00`,
                  to: to === last ? time.last! : `${to}T23`,
                }
              : { from, to },
          )
        }
      />
      <p className="mt-2 text-xs text-ink-faint">
        Drag over days. The bars are how{' '}
        {cut.length > 1 ? (
          <Select
            aria-label="Whose days are shown"
            value={shown.asset}
            onChange={(event) => setAsset(event.target.value)}
            className="h-6! px-1! py-0 text-xs!"
          >
            {cut.map((one) => (
              <option key={one.asset}>{one.asset}</option>
            ))}
          </Select>
        ) : (
          <b className="font-medium text-ink-soft">{shown.asset}</b>
        )}{' '}
        is on each day, of {counted(own.count, time.unit ?? 'window')}.
      </p>
    </div>
  )
}
