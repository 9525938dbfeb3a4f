import type { LucideIcon } from 'lucide-react'
import { DropdownMenu } from 'radix-ui'
import type { ReactNode } from 'react'

/** A button's further actions. */
export function Menu({ trigger, children }: { readonly trigger: ReactNode; readonly children: ReactNode }) {
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align="end"
          sideOffset={4}
          className="z-50 min-w-44 rounded-lg border border-line bg-raised p-1 text-sm shadow-xl"
        >
          {children}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  )
}

export function MenuItem({
  icon: Icon,
  onSelect,
  isDanger = false,
  disabled = false,
  children,
}: {
  readonly icon?: LucideIcon
  readonly onSelect: () => void
  readonly isDanger?: boolean
  readonly disabled?: boolean
  readonly children: ReactNode
}) {
  return (
    <DropdownMenu.Item
      onSelect={onSelect}
      disabled={disabled}
      className={`flex items-center gap-2 rounded px-2.5 py-1.5 outline-none data-[disabled]:opacity-45 data-[highlighted]:bg-sunken ${isDanger ? 'text-failed' : ''}`}
    >
      {Icon && <Icon size={15} aria-hidden />}
      {children}
    </DropdownMenu.Item>
  )
}
