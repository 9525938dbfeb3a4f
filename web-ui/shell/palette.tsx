/**
 * Finds pages, assets, runs and commands by what is typed. Tab on an asset shows what can be done with it; "make" before
 * a name makes it; a SELECT is answered on the page for SQL.
 */

import { useNavigate } from '@tanstack/react-router'
import { Command } from 'cmdk'
import { CornerDownLeft } from 'lucide-react'
import { Dialog } from 'radix-ui'
import type { KeyboardEvent, RefObject } from 'react'
import { useEffect, useRef, useState } from 'react'
import { useWayBack } from '../kit/dialog.tsx'
import { Keys } from '../kit/page.tsx'
import { AssetActions } from './palette-asset.tsx'
import { Found } from './palette-found.tsx'

export function Palette({ onClose, onHelp }: { readonly onClose: () => void; readonly onHelp: () => void }) {
  const [typed, setTyped] = useState('')
  const [chosen, setChosen] = useState('')
  const [asset, setAsset] = useState<string>()
  const list = useRef<HTMLDivElement>(null)
  const navigate = useNavigate()
  const way = useWayBack()
  const then = (act: () => unknown) => () => {
    onClose()
    act()
  }
  const lead = (to: string | undefined): void => {
    setAsset(to)
    setTyped('')
    setChosen('')
  }
  const onAsset = chosen.startsWith('asset ') ? chosen.slice('asset '.length) : undefined
  const onKeyDown = (event: KeyboardEvent): void => {
    const isEmpty = typed === ''
    if (event.key === 'Tab' && !event.shiftKey && asset === undefined && onAsset !== undefined) lead(onAsset)
    else if (asset !== undefined && ((event.key === 'Backspace' && isEmpty) || (event.key === 'Tab' && event.shiftKey)))
      lead(undefined)
    else if (event.key !== 'Tab') return
    event.preventDefault()
  }
  return (
    <Dialog.Root open onOpenChange={(isOpen) => !isOpen && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-black/45" />
        <Dialog.Content
          aria-describedby={undefined}
          {...way}
          onEscapeKeyDown={(event) => {
            if (asset === undefined) return
            event.preventDefault()
            lead(undefined)
          }}
          className="fixed top-[12vh] left-1/2 z-40 w-[min(42rem,92vw)] -translate-x-1/2 overflow-hidden rounded-xl border border-line bg-surface shadow-2xl"
        >
          <Dialog.Title className="sr-only">Commands</Dialog.Title>
          <Command
            shouldFilter={false}
            loop
            label="Commands"
            value={chosen}
            onValueChange={setChosen}
            onKeyDown={onKeyDown}
          >
            <div className="flex items-center border-b border-line">
              {asset !== undefined && (
                <span className="ml-3 max-w-64 shrink-0 truncate rounded bg-accent-soft px-2 py-0.5 text-sm font-medium text-accent">
                  {asset}
                </span>
              )}
              <Command.Input
                value={typed}
                onValueChange={setTyped}
                placeholder={
                  asset === undefined ? 'Find an asset, a run, a page… or type a SELECT' : 'What to do with it'
                }
                className="h-12 min-w-0 flex-1 bg-transparent px-4 text-base outline-none"
              />
            </div>
            <SomeChosen list={list} choose={setChosen} />
            <Command.List ref={list} className="max-h-[55vh] scroll-py-2 overflow-y-auto p-1.5">
              <Command.Empty className="px-4 py-8 text-center text-sm text-ink-faint">
                {asset === undefined
                  ? `Nothing is called “${typed}”.`
                  : `“${typed}” is nothing that can be done with it.`}
              </Command.Empty>
              {asset === undefined ? (
                <Found typed={typed} then={then} navigate={navigate} onHelp={onHelp} />
              ) : (
                <AssetActions asset={asset} typed={typed} then={then} navigate={navigate} />
              )}
            </Command.List>
            <div className="flex items-center gap-4 border-t border-line px-4 py-2 text-xs text-ink-faint" aria-hidden>
              <span className="inline-flex items-center gap-1.5">
                <Keys>↑ ↓</Keys> move
              </span>
              <span className="inline-flex items-center gap-1.5">
                <CornerDownLeft size={12} /> go
              </span>
              {onAsset !== undefined && asset === undefined && (
                <span className="inline-flex items-center gap-1.5">
                  <Keys>Tab</Keys> what to do with {onAsset}
                </span>
              )}
              <span className="ml-auto inline-flex items-center gap-1.5">
                <Keys>Esc</Keys> {asset === undefined ? 'close' : 'back'}
              </span>
            </div>
          </Command>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}

/** What was found comes later than what was typed: where nothing is chosen any more, the first is. */
function SomeChosen({
  list,
  choose,
}: {
  readonly list: RefObject<HTMLDivElement | null>
  readonly choose: (value: string) => void
}) {
  useEffect(() => {
    const look = (): void => {
      if (list.current?.querySelector('[cmdk-item][aria-selected=true]')) return
      const first = list.current?.querySelector('[cmdk-item]')?.getAttribute('data-value')
      if (first) choose(first)
    }
    const watch = new MutationObserver(look)
    if (list.current) watch.observe(list.current, { childList: true, subtree: true })
    return () => watch.disconnect()
  }, [list, choose])
  return null
}
