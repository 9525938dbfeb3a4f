/** A field for the language of selections: offers what may follow, and says in words what can not be read. */

import { Filter, X } from 'lucide-react'
import type { KeyboardEvent } from 'react'
import { useEffect, useId, useRef, useState } from 'react'
import type { Answer } from '../../server/contract/contract.ts'
import { useAnswer } from '../api/use-answer.ts'

type Completion = Answer<'completeSelection'>
type Option = Completion['options'][number]

/** Readers wait for a pause in the typing. */
const pauseMs = 200

export function SelectionInput({
  value,
  onChange,
  label = 'Selection of assets',
  placeholder = 'gold_*, +silver_candles, layer:gold and tag:cost=high',
  error,
  id,
  isMain = false,
  className = 'w-96',
}: {
  readonly value: string
  /** Told what can be read, once it was chosen, entered or left standing for a moment. */
  readonly onChange: (selection: string) => void
  readonly label?: string
  readonly placeholder?: string
  /** What the server says of `value`, such as that no asset fits. */
  readonly error?: string | undefined
  readonly id?: string
  readonly isMain?: boolean
  readonly className?: string
}) {
  const box = useRef<HTMLInputElement>(null)
  const list = useId()
  const [text, setText] = useState(value)
  const [at, setAt] = useState(value.length)
  const [isOpen, setOpen] = useState(false)
  const [active, setActive] = useState(-1)
  const paused = usePaused(text, at)
  const completion = useAnswer('completeSelection', paused, { keep: true, when: isOpen || text !== value })
  const isAnswered = completion.data !== undefined && !completion.isPlaceholderData && paused.text === text
  const wrong = isAnswered ? completion.data.error : null
  const answered = useRef<{ readonly to: string; readonly completion: Completion }>(undefined)
  if (completion.data && !completion.isPlaceholderData) {
    answered.current = { to: paused.text, completion: completion.data }
  }
  const { from, to, options: fitting } = narrowed(answered.current, text, at)
  const options = isOpen ? fitting.slice(0, 12) : []

  // What is chosen elsewhere, such as by the address, is shown; what is being typed here is left alone.
  useEffect(() => {
    if (document.activeElement !== box.current) setText(value)
  }, [value])
  const tell = useRef(onChange)
  tell.current = onChange
  useEffect(() => {
    // Only while it is typed here: what was chosen elsewhere would be taken back.
    const isHere = document.activeElement === box.current
    if (isHere && isAnswered && wrong === null && text.trim() !== value) tell.current(text.trim())
  }, [isAnswered, wrong, text, value])

  const put = (next: string, cursor: number): void => {
    setText(next)
    setAt(cursor)
    setActive(-1)
    requestAnimationFrame(() => box.current?.setSelectionRange(cursor, cursor))
  }
  const choose = ({ text: option }: Option): void => {
    // A value or a name is whole then; an attribute or a function goes on.
    const next = `${text.slice(0, from)}${option}${text.slice(to)}`
    put(next, from + option.length)
    setOpen(/[:(]$/.test(option))
    box.current?.focus()
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'ArrowDown' && options.length > 0) setActive((active + 1) % options.length)
    else if (event.key === 'ArrowDown') setOpen(true)
    else if (event.key === 'ArrowUp' && options.length > 0) setActive(active <= 0 ? options.length - 1 : active - 1)
    else if ((event.key === 'Enter' || event.key === 'Tab') && active >= 0 && options[active]) choose(options[active])
    else if (event.key === 'Enter') {
      setOpen(false)
      if (wrong === null) onChange(text.trim())
    } else if (event.key === 'Escape' && isOpen && options.length > 0) {
      event.stopPropagation()
      setOpen(false)
      setActive(-1)
    } else return
    event.preventDefault()
  }

  const said = wrong ?? (text.trim() === value ? error : undefined)
  return (
    <div className={`relative ${className}`}>
      <Filter size={15} aria-hidden className="pointer-events-none absolute top-2 left-2.5 text-ink-faint" />
      <input
        ref={box}
        {...(id !== undefined && { id })}
        type="text"
        role="combobox"
        aria-label={label}
        aria-autocomplete="list"
        aria-expanded={options.length > 0}
        aria-controls={list}
        aria-invalid={said ? true : undefined}
        aria-describedby={said ? `${list}-said` : undefined}
        {...(active >= 0 && options[active] && { 'aria-activedescendant': `${list}-${active}` })}
        {...(isMain && { 'data-main-search': '' })}
        placeholder={placeholder}
        spellCheck={false}
        autoComplete="off"
        autoCapitalize="off"
        value={text}
        onChange={(event) => {
          setText(event.target.value)
          setAt(event.target.selectionStart ?? event.target.value.length)
          setActive(-1)
          setOpen(true)
        }}
        onSelect={(event) => setAt(event.currentTarget.selectionStart ?? text.length)}
        onClick={() => setOpen(true)}
        onBlur={() => {
          setOpen(false)
          if (wrong === null && text.trim() !== value) onChange(text.trim())
        }}
        onKeyDown={onKeyDown}
        className="h-8 w-full rounded-md border border-line-strong bg-surface pr-7 pl-8 font-mono text-xs text-ink aria-invalid:border-failed"
      />
      {text !== '' && (
        <button
          type="button"
          aria-label="Clear the selection"
          onClick={() => {
            put('', 0)
            onChange('')
            box.current?.focus()
          }}
          className="absolute top-1 right-1 grid size-6 place-items-center rounded text-ink-faint hover:text-ink"
        >
          <X size={14} aria-hidden />
        </button>
      )}
      <div
        id={list}
        role="listbox"
        aria-label="What may follow"
        hidden={options.length === 0}
        className="absolute z-30 mt-1 max-h-72 w-full min-w-64 overflow-y-auto rounded-lg border border-line bg-raised p-1 shadow-xl"
      >
        {options.map((option, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the field has the keys
          <div
            key={option.text}
            id={`${list}-${index}`}
            role="option"
            aria-selected={index === active}
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => choose(option)}
            ref={index === active ? (element) => element?.scrollIntoView({ block: 'nearest' }) : undefined}
            className="flex cursor-pointer items-baseline justify-between gap-4 rounded px-2.5 py-1 text-xs hover:bg-sunken aria-selected:bg-accent-soft"
          >
            <span className="font-mono">{option.text}</span>
            {option.about && <span className="truncate text-ink-faint">{option.about}</span>}
          </div>
        ))}
      </div>
      {said && (
        <p
          id={`${list}-said`}
          role="status"
          className="mt-1 overflow-x-auto font-mono text-xs whitespace-pre-wrap text-failed"
        >
          {said}
        </p>
      )}
    </div>
  )
}

/** The last answer, as what was typed since leaves it: nobody waits for the next one to choose of what is there. */
function narrowed(
  answered: { readonly to: string; readonly completion: Completion } | undefined,
  text: string,
  at: number,
): Pick<Completion, 'from' | 'to' | 'options'> {
  if (answered?.to === text) return answered.completion
  const nothing = { from: at, to: at, options: [] }
  if (!answered) return nothing
  const { from, to, options } = answered.completion
  const isSameAround = text.slice(0, from) === answered.to.slice(0, from) && text.slice(at) === answered.to.slice(to)
  if (at < from || !isSameAround) return nothing
  const typed = text.slice(from, at)
  return { from, to: at, options: options.filter((option) => option.text.startsWith(typed)) }
}

function usePaused(text: string, at: number): { readonly text: string; readonly at: number } {
  const [paused, setPaused] = useState({ text, at })
  useEffect(() => {
    const timer = setTimeout(
      () => setPaused((before) => (before.text === text && before.at === at ? before : { text, at })),
      pauseMs,
    )
    return () => clearTimeout(timer)
  }, [text, at])
  return paused
}
