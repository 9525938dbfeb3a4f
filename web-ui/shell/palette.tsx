/** Finds pages, assets, runs and commands by what is typed. */

import { useNavigate } from '@tanstack/react-router'
import { Command } from 'cmdk'
import { Boxes, CirclePlay, Keyboard, Moon, Plus, Sun } from 'lucide-react'
import { Dialog } from 'radix-ui'
import { useState } from 'react'
import { useAnswer } from '../api/use-answer.ts'
import { Keys, LayerChip } from '../kit/page.tsx'
import { StatusIcon } from '../kit/status.tsx'
import { useOpenMake } from '../make/open-make.tsx'
import { places } from './places.ts'
import { setTheme, theme } from './theme.ts'

const item =
  'flex cursor-pointer items-center gap-2.5 rounded-md px-3 py-2 text-sm data-[selected=true]:bg-sunken data-[selected=true]:text-ink'
const heading =
  '[&_[cmdk-group-heading]]:px-3 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:text-ink-faint'

export function Palette({ onClose, onHelp }: { readonly onClose: () => void; readonly onHelp: () => void }) {
  const [typed, setTyped] = useState('')
  const navigate = useNavigate()
  const openMake = useOpenMake()
  const assets = useAnswer('assets', { q: typed, limit: 20 }, { keep: true })
  const runs = useAnswer('runs', { q: typed, limit: 6 }, { keep: true, when: typed.length > 1 })
  const then = (act: () => unknown) => () => {
    onClose()
    act()
  }
  return (
    <Dialog.Root open onOpenChange={(isOpen) => !isOpen && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-black/45" />
        <Dialog.Content
          aria-describedby={undefined}
          className="fixed top-[12vh] left-1/2 z-40 w-[min(40rem,92vw)] -translate-x-1/2 overflow-hidden rounded-xl border border-line bg-surface shadow-2xl"
        >
          <Dialog.Title className="sr-only">Commands</Dialog.Title>
          <Command shouldFilter={false} label="Commands">
            <Command.Input
              value={typed}
              onValueChange={setTyped}
              placeholder="Find an asset, a run, a page…"
              className="h-12 w-full border-b border-line bg-transparent px-4 text-base outline-none"
            />
            <Command.List className="max-h-[55vh] overflow-y-auto p-1.5">
              <Command.Empty className="px-4 py-8 text-center text-sm text-ink-faint">
                Nothing is called “{typed}”.
              </Command.Empty>
              <Command.Group heading="Go to" className={heading}>
                {places
                  .filter(({ name }) => fits(name, typed))
                  .map(({ name, to, keys, icon: Icon }) => (
                    <Command.Item
                      key={to}
                      value={`page ${name}`}
                      onSelect={then(() => navigate({ to }))}
                      className={item}
                    >
                      <Icon size={16} aria-hidden className="text-ink-faint" />
                      <span className="flex-1">{name}</span>
                      <Keys>{keys}</Keys>
                    </Command.Item>
                  ))}
              </Command.Group>
              {(assets.data?.items.length ?? 0) > 0 && (
                <Command.Group heading="Assets" className={heading}>
                  {assets.data!.items.map(({ asset, layer, health }) => (
                    <Command.Item
                      key={asset}
                      value={`asset ${asset}`}
                      onSelect={then(() => navigate({ to: '/assets/$asset', params: { asset } }))}
                      className={item}
                    >
                      <Boxes size={16} aria-hidden className="text-ink-faint" />
                      <span className="min-w-0 flex-1 truncate">{asset}</span>
                      <StatusIcon status={health} />
                      <LayerChip layer={layer} />
                    </Command.Item>
                  ))}
                </Command.Group>
              )}
              {typed.length > 1 && (runs.data?.items.length ?? 0) > 0 && (
                <Command.Group heading="Runs" className={heading}>
                  {runs.data!.items.map(({ run, reason, status }) => (
                    <Command.Item
                      key={run}
                      value={`run ${run}`}
                      onSelect={then(() => navigate({ to: '/runs/$run', params: { run } }))}
                      className={item}
                    >
                      <CirclePlay size={16} aria-hidden className="text-ink-faint" />
                      <span className="min-w-0 flex-1 truncate">{reason}</span>
                      <StatusIcon status={status} />
                      <span className="font-mono text-xs text-ink-faint">{run}</span>
                    </Command.Item>
                  ))}
                </Command.Group>
              )}
              <Command.Group heading="Do" className={heading}>
                {[
                  { name: 'Materialize…', icon: Plus, act: () => openMake({}) },
                  {
                    name: theme() === 'dark' ? 'Light colours' : 'Dark colours',
                    icon: theme() === 'dark' ? Sun : Moon,
                    act: () => setTheme(theme() === 'dark' ? 'light' : 'dark'),
                  },
                  { name: 'Keyboard', icon: Keyboard, act: onHelp },
                ]
                  .filter(({ name }) => fits(name, typed))
                  .map(({ name, icon: Icon, act }) => (
                    <Command.Item key={name} value={`do ${name}`} onSelect={then(act)} className={item}>
                      <Icon size={16} aria-hidden className="text-ink-faint" />
                      {name}
                    </Command.Item>
                  ))}
              </Command.Group>
            </Command.List>
          </Command>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}

const fits = (name: string, typed: string): boolean => name.toLowerCase().includes(typed.trim().toLowerCase())
