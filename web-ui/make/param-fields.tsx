import { Field, Select, TextInput } from '../kit/fields.tsx'
import type { Details, MakeForm } from './make-form.ts'

/** What the assets may be given; what is left empty has its default. */
export function ParamFields({
  assets,
  form,
  change,
  error,
}: {
  readonly assets: readonly Details[]
  readonly form: MakeForm
  readonly change: (change: Partial<MakeForm>) => void
  readonly error: string | undefined
}) {
  const taking = assets.filter(({ params }) => params.length > 0)
  if (taking.length === 0) return error ? <p className="text-xs text-failed">{error}</p> : null
  return (
    <section aria-label="Parameters" className="flex flex-col gap-3">
      <h3 className="text-xs font-semibold tracking-wide text-ink-soft">Parameters</h3>
      {taking.map(({ asset, params }) => (
        <div key={asset} className="flex flex-col gap-2">
          {taking.length > 1 && <p className="text-xs text-ink-faint">{asset}</p>}
          <div className="grid grid-cols-2 gap-3">
            {params.map((param) => (
              <Param
                key={param.name}
                param={param}
                value={form.params[asset]?.[param.name] ?? ''}
                onChange={(value) =>
                  change({ params: { ...form.params, [asset]: { ...form.params[asset], [param.name]: value } } })
                }
              />
            ))}
          </div>
        </div>
      ))}
      {error && <p className="text-xs text-failed">{error}</p>}
    </section>
  )
}

function Param({
  param,
  value,
  onChange,
}: {
  readonly param: Details['params'][number]
  readonly value: string
  readonly onChange: (value: string) => void
}) {
  const { name, type, isRequired, description } = param
  const usual = param.default === null ? '' : JSON.stringify(param.default)
  return (
    <Field label={`${name}${isRequired ? ' (needed)' : ''}`} hint={[type, description].filter(Boolean).join('; ')}>
      {(id) =>
        type === 'boolean' ? (
          <Select id={id} value={value} onChange={(event) => onChange(event.target.value)}>
            <option value="">{usual === '' ? 'not said' : `as usual: ${usual}`}</option>
            <option>true</option>
            <option>false</option>
          </Select>
        ) : (
          <TextInput id={id} value={value} placeholder={usual} onChange={(event) => onChange(event.target.value)} />
        )
      }
    </Field>
  )
}
