import { Tooltip } from 'radix-ui'
import type { ReactNode } from 'react'

/** A word more, on hover and on focus. */
export function Tip({
  text,
  children,
  side = 'top',
}: {
  readonly text: ReactNode
  readonly children: ReactNode
  readonly side?: 'top' | 'right' | 'bottom' | 'left'
}) {
  if (text === undefined || text === '') return children
  return (
    <Tooltip.Root>
      <Tooltip.Trigger asChild>{children}</Tooltip.Trigger>
      <Tooltip.Portal>
        <Tooltip.Content
          side={side}
          sideOffset={6}
          collisionPadding={8}
          className="z-50 max-w-sm rounded-md border border-line bg-raised px-2.5 py-1.5 text-xs whitespace-pre-line text-ink shadow-lg"
        >
          {text}
        </Tooltip.Content>
      </Tooltip.Portal>
    </Tooltip.Root>
  )
}
