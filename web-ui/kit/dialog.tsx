import { X } from 'lucide-react'
import { Dialog as Radix } from 'radix-ui'
import type { ReactNode } from 'react'
import { useRef } from 'react'
import { Button, IconButton } from './button.tsx'
import { Failure } from './page.tsx'

/** A window over the page; Escape and a click beside it close it. */
export function Dialog({
  title,
  lead,
  open,
  onClose,
  actions,
  wide = false,
  first,
  children,
}: {
  readonly title: string
  readonly lead?: ReactNode
  readonly open: boolean
  readonly onClose: () => void
  readonly actions?: ReactNode
  readonly wide?: boolean
  /** Selects what the keyboard begins in; the window itself if absent or not found. */
  readonly first?: string
  readonly children: ReactNode
}) {
  const way = useWayBack()
  return (
    <Radix.Root open={open} onOpenChange={(isOpen) => !isOpen && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 bg-black/45" />
        <Radix.Content
          {...(!lead && { 'aria-describedby': undefined })}
          onOpenAutoFocus={(event) => {
            way.onOpenAutoFocus()
            // Not the button that closes it, which comes first.
            event.preventDefault()
            const content = event.currentTarget as HTMLElement
            const begin = first === undefined ? null : content.querySelector<HTMLElement>(first)
            ;(begin ?? content).focus()
          }}
          onCloseAutoFocus={way.onCloseAutoFocus}
          onEscapeKeyDown={(event) => {
            // The list of a field is closed first.
            if (document.activeElement?.matches('[role=combobox][aria-expanded=true]')) event.preventDefault()
          }}
          className={`fixed top-[6vh] left-1/2 z-40 flex max-h-[88vh] -translate-x-1/2 flex-col outline-none rounded-xl border border-line bg-surface shadow-2xl ${wide ? 'w-[min(64rem,94vw)]' : 'w-[min(34rem,94vw)]'}`}
        >
          <div className="flex items-start justify-between gap-4 border-b border-line px-5 py-3">
            <div>
              <Radix.Title className="text-lg font-semibold">{title}</Radix.Title>
              {lead && <Radix.Description className="text-sm text-ink-faint">{lead}</Radix.Description>}
            </div>
            <Radix.Close asChild>
              <IconButton label="Close" icon={X} />
            </Radix.Close>
          </div>
          <div className="min-h-0 flex-1 overflow-y-auto px-5 py-4">{children}</div>
          {actions && (
            <div className="flex items-center justify-end gap-2 border-t border-line px-5 py-3">{actions}</div>
          )}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}

/** For a window that has no button of its own: the keyboard goes back to where it was before. */
export function useWayBack() {
  const before = useRef<Element>(null)
  return {
    onOpenAutoFocus(): void {
      before.current = document.activeElement
    },
    onCloseAutoFocus(event: Event): void {
      event.preventDefault()
      if (before.current instanceof HTMLElement) before.current.focus()
    },
  }
}

/** Asks before something that can not be taken back. */
export function Confirm({
  title,
  open,
  onClose,
  onConfirm,
  verb,
  busy,
  error,
  children,
}: {
  readonly title: string
  readonly open: boolean
  readonly onClose: () => void
  readonly onConfirm: () => void
  readonly verb: string
  readonly busy: boolean
  readonly error?: unknown
  readonly children: ReactNode
}) {
  return (
    <Dialog
      title={title}
      open={open}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Keep it as it is</Button>
          <Button look="danger" busy={busy} onClick={onConfirm}>
            {verb}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3 text-sm">
        {children}
        {error !== undefined && error !== null && <Failure error={error} />}
      </div>
    </Dialog>
  )
}
