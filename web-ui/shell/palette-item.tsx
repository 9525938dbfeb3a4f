import type { useNavigate } from '@tanstack/react-router'
import { Command } from 'cmdk'
import type { LucideIcon } from 'lucide-react'
import type { ReactNode } from 'react'

/** What each list of the palette is given. */
export interface InPalette {
  readonly typed: string
  /** Closes the palette first. */
  readonly then: (act: () => unknown) => () => void
  readonly navigate: ReturnType<typeof useNavigate>
}

export const fits = (name: string, typed: string): boolean =>
  typed
    .trim()
    .toLowerCase()
    .split(/\s+/)
    .every((part) => name.toLowerCase().includes(part))

export function Group({ heading, children }: { readonly heading: string; readonly children: ReactNode }) {
  return (
    <Command.Group
      heading={heading}
      className="[&_[cmdk-group-heading]]:px-3 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:text-ink-faint"
    >
      {children}
    </Command.Group>
  )
}

export function Item({
  value,
  icon: Icon,
  onSelect,
  note,
  children,
}: {
  /** Unlike that of any other item. */
  readonly value: string
  readonly icon: LucideIcon
  readonly onSelect: () => void
  readonly note?: ReactNode
  readonly children: ReactNode
}) {
  return (
    <Command.Item
      value={value}
      onSelect={onSelect}
      className="flex min-h-9 cursor-pointer items-center gap-2.5 rounded-md px-3 py-1.5 text-sm data-[selected=true]:bg-accent-soft"
    >
      <Icon size={16} aria-hidden className="shrink-0 text-ink-faint" />
      <span className="min-w-0 flex-1 truncate">{children}</span>
      {note}
    </Command.Item>
  )
}
