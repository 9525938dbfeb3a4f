import { Search, X } from 'lucide-react'
import { Checkbox, Switch, ToggleGroup } from 'radix-ui'
import type { InputHTMLAttributes, ReactNode, Ref, SelectHTMLAttributes } from 'react'
import { useId } from 'react'

const box =
  'h-8 rounded-md border border-line-strong bg-surface px-2.5 text-sm text-ink disabled:opacity-50 aria-invalid:border-failed'

export function Field({
  label,
  hint,
  error,
  children,
}: {
  readonly label: string
  readonly hint?: ReactNode
  readonly error?: string | undefined
  readonly children: (id: string) => ReactNode
}) {
  const id = useId()
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className="text-xs font-medium text-ink-soft">
        {label}
      </label>
      {children(id)}
      {error ? (
        <p className="text-xs text-failed">{error}</p>
      ) : (
        hint && <p className="text-xs text-ink-faint">{hint}</p>
      )}
    </div>
  )
}

export function TextInput({
  className = '',
  ref,
  ...rest
}: InputHTMLAttributes<HTMLInputElement> & { readonly ref?: Ref<HTMLInputElement> }) {
  return (
    <input ref={ref} type="text" spellCheck={false} autoComplete="off" {...rest} className={`${box} ${className}`} />
  )
}

/** A field that filters what is below it. `/` goes to the one marked as the page's own. */
export function SearchInput({
  value,
  onChange,
  label,
  isMain = false,
  className = 'w-64',
  placeholder,
}: {
  readonly value: string
  readonly onChange: (value: string) => void
  readonly label: string
  readonly isMain?: boolean
  readonly className?: string
  readonly placeholder?: string
}) {
  return (
    <div className={`relative ${className}`}>
      <Search size={15} aria-hidden className="pointer-events-none absolute top-2 left-2.5 text-ink-faint" />
      <input
        type="text"
        aria-label={label}
        placeholder={placeholder ?? label}
        spellCheck={false}
        autoComplete="off"
        value={value}
        {...(isMain && { 'data-main-search': '' })}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape' && value !== '') {
            event.stopPropagation()
            onChange('')
          }
        }}
        className={`${box} w-full pr-7 pl-8`}
      />
      {value !== '' && (
        <button
          type="button"
          aria-label={`Clear ${label.toLowerCase()}`}
          onClick={() => onChange('')}
          className="absolute top-1 right-1 grid size-6 place-items-center rounded text-ink-faint hover:text-ink"
        >
          <X size={14} aria-hidden />
        </button>
      )}
    </div>
  )
}

export function Select({ className = '', ...rest }: SelectHTMLAttributes<HTMLSelectElement>) {
  return <select {...rest} className={`${box} pr-7 ${className}`} />
}

export function Tick({
  checked,
  onChange,
  label,
  children,
}: {
  readonly checked: boolean | 'indeterminate'
  readonly onChange: (checked: boolean) => void
  /** Read out where there is no text beside it. */
  readonly label?: string
  readonly children?: ReactNode
}) {
  const id = useId()
  return (
    <span className="inline-flex items-center gap-2">
      <Checkbox.Root
        id={id}
        checked={checked}
        onCheckedChange={(value) => onChange(value === true)}
        {...(label !== undefined && { 'aria-label': label })}
        className="grid size-4 shrink-0 place-items-center rounded border border-ink-faint bg-surface data-[state=checked]:border-accent-fill data-[state=checked]:bg-accent-fill data-[state=indeterminate]:border-accent-fill data-[state=indeterminate]:bg-accent-fill"
      >
        <Checkbox.Indicator className="text-[0.625rem] leading-none font-bold text-on-accent">
          {checked === 'indeterminate' ? '–' : '✓'}
        </Checkbox.Indicator>
      </Checkbox.Root>
      {children && (
        <label htmlFor={id} className="text-sm">
          {children}
        </label>
      )}
    </span>
  )
}

export function Toggle({
  checked,
  onChange,
  label,
  disabled = false,
}: {
  readonly checked: boolean
  readonly onChange: (checked: boolean) => void
  readonly label: string
  readonly disabled?: boolean
}) {
  return (
    <Switch.Root
      checked={checked}
      onCheckedChange={onChange}
      aria-label={label}
      disabled={disabled}
      className="relative h-5 w-9 shrink-0 rounded-full bg-ink-faint/70 transition-colors data-[state=checked]:bg-fresh-fill disabled:opacity-50"
    >
      <Switch.Thumb className="block size-4 translate-x-0.5 rounded-full bg-white shadow transition-transform data-[state=checked]:translate-x-[1.125rem]" />
    </Switch.Root>
  )
}

/** One of a few, side by side. */
export function Choice<T extends string>({
  value,
  options,
  onChange,
  label,
}: {
  readonly value: T
  readonly options: readonly (readonly [T, ReactNode])[]
  readonly onChange: (value: T) => void
  readonly label: string
}) {
  return (
    <ToggleGroup.Root
      type="single"
      aria-label={label}
      value={value}
      onValueChange={(chosen) => chosen !== '' && onChange(chosen as T)}
      className="inline-flex h-8 rounded-md border border-line-strong bg-surface p-0.5"
    >
      {options.map(([option, text]) => (
        <ToggleGroup.Item
          key={option}
          value={option}
          className="inline-flex items-center gap-1.5 rounded px-2.5 text-sm whitespace-nowrap text-ink-soft hover:text-ink data-[state=on]:bg-accent-soft data-[state=on]:font-medium data-[state=on]:text-accent"
        >
          {text}
        </ToggleGroup.Item>
      ))}
    </ToggleGroup.Root>
  )
}
