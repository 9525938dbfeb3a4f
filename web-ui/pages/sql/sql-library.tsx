import { BookMarked, Trash2 } from 'lucide-react'
import { Popover } from 'radix-ui'
import type { ReactNode } from 'react'
import { useState } from 'react'
import { Button, IconButton } from '../../kit/button.tsx'
import { TextInput } from '../../kit/fields.tsx'
import { Time } from '../../kit/time.tsx'
import { forget, save, useHistory, useSaved } from './sql-history.ts'

/** What was kept, and what was asked before. */
export function SqlLibrary({ text, onChoose }: { readonly text: string; readonly onChoose: (text: string) => void }) {
  const [isOpen, setOpen] = useState(false)
  const choose = (chosen: string): void => {
    setOpen(false)
    onChoose(chosen)
  }
  return (
    <Popover.Root open={isOpen} onOpenChange={setOpen}>
      <Popover.Trigger asChild>
        <Button look="quiet" icon={BookMarked}>
          Saved and before
        </Button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          align="end"
          sideOffset={6}
          aria-label="Saved and before"
          className="z-50 flex max-h-[65vh] w-[30rem] max-w-[92vw] flex-col overflow-hidden rounded-lg border border-line bg-raised shadow-xl"
        >
          <Keep text={text} />
          <div className="min-h-0 overflow-y-auto p-2">
            <SavedOnes onChoose={choose} />
            <Before onChoose={choose} />
          </div>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  )
}

function Keep({ text }: { readonly text: string }) {
  const [name, setName] = useState('')
  const isPossible = name.trim() !== '' && text.trim() !== ''
  return (
    <form
      className="flex gap-2 border-b border-line p-3"
      onSubmit={(event) => {
        event.preventDefault()
        if (!isPossible) return
        save({ name: name.trim(), text })
        setName('')
      }}
    >
      <TextInput
        aria-label="Name of this query"
        placeholder="Name this query to save it"
        value={name}
        onChange={(event) => setName(event.target.value)}
        className="min-w-0 flex-1"
      />
      <Button type="submit" disabled={!isPossible}>
        Save
      </Button>
    </form>
  )
}

function SavedOnes({ onChoose }: { readonly onChoose: (text: string) => void }) {
  const saved = useSaved()
  if (saved.length === 0) return null
  return (
    <Part title="Saved">
      {saved.map(({ name, text }) => (
        <li key={name} className="flex items-center gap-1">
          <Entry text={text} onChoose={onChoose}>
            <span className="font-medium">{name}</span>
          </Entry>
          <IconButton label={`Forget ${name}`} icon={Trash2} onClick={() => forget(name)} className="size-7" />
        </li>
      ))}
    </Part>
  )
}

function Before({ onChoose }: { readonly onChoose: (text: string) => void }) {
  const history = useHistory()
  if (history.length === 0) {
    return <p className="px-2 py-4 text-center text-sm text-ink-faint">What you ask is listed here, newest first.</p>
  }
  return (
    <Part title="Asked before">
      {history.slice(0, 50).map(({ text, at }) => (
        <li key={text}>
          <Entry text={text} onChoose={onChoose}>
            <span className="text-xs text-ink-faint">
              <Time at={at} />
            </span>
          </Entry>
        </li>
      ))}
    </Part>
  )
}

function Part({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section className="mb-2">
      <h3 className="px-2 py-1 text-xs font-semibold text-ink-faint">{title}</h3>
      <ul>{children}</ul>
    </section>
  )
}

function Entry({
  text,
  onChoose,
  children,
}: {
  readonly text: string
  readonly onChoose: (text: string) => void
  readonly children: ReactNode
}) {
  return (
    <button
      type="button"
      onClick={() => onChoose(text)}
      title={text}
      className="min-w-0 flex-1 rounded px-2 py-1.5 text-left text-sm hover:bg-sunken w-full"
    >
      {children}
      <span className="line-clamp-2 font-mono text-xs break-all text-ink-soft">{text}</span>
    </button>
  )
}
