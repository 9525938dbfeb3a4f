import { Boxes, CirclePlay, Clock, DatabaseZap, History, Keyboard, Moon, Plus, Sun } from 'lucide-react'
import type { Answer } from '../../server/contract/contract.ts'
import { useAnswer } from '../api/use-answer.ts'
import { Keys, LayerChip } from '../kit/page.tsx'
import { StatusIcon } from '../kit/status.tsx'
import { useSettled } from '../kit/use-settled.ts'
import { useOpenMake } from '../make/open-make.tsx'
import type { InPalette } from './palette-item.tsx'
import { fits, Group, Item } from './palette-item.tsx'
import { places } from './places.ts'
import type { Recent } from './recent.ts'
import { recents } from './recent.ts'
import { setTheme, theme } from './theme.ts'

const recentIcons = { asset: Boxes, run: CirclePlay, automation: Clock } as const

export function Found(given: InPalette & { readonly onHelp: () => void }) {
  const { typed } = given
  const isSql = /^\s*(select|with|from|describe|summarize)\s/i.test(typed)
  if (isSql) return <RunSql {...given} />
  const [, isMake, made] = /^\s*(make|materiali[sz]e)\s+(.*)$/i.exec(typed) ?? []
  if (isMake !== undefined) return <Make {...given} typed={made ?? ''} />
  return (
    <>
      {typed.trim() === '' && <Newest {...given} />}
      <Pages {...given} />
      <Assets {...given} />
      <Runs {...given} />
      <Commands {...given} />
    </>
  )
}

function Newest({ then, navigate }: InPalette) {
  const visited = recents().slice(0, 5)
  if (visited.length === 0) return null
  const go = ({ kind, name }: Recent) => {
    if (kind === 'asset') return navigate({ to: '/assets/$asset', params: { asset: name } })
    if (kind === 'run') return navigate({ to: '/runs/$run', params: { run: name } })
    return navigate({ to: '/automation/$name', params: { name } })
  }
  return (
    <Group heading="Looked at last">
      {visited.map((one) => (
        <Item
          key={`${one.kind} ${one.name}`}
          value={`${one.kind} ${one.name}`}
          icon={recentIcons[one.kind] ?? History}
          onSelect={then(() => go(one))}
          note={<span className="text-xs text-ink-faint">{one.kind}</span>}
        >
          {one.name}
        </Item>
      ))}
    </Group>
  )
}

function Pages({ typed, then, navigate }: InPalette) {
  const found = places.filter(({ name }) => fits(name, typed))
  if (found.length === 0) return null
  return (
    <Group heading="Go to">
      {found.map(({ name, to, keys, icon }) => (
        <Item
          key={to}
          value={`page ${name}`}
          icon={icon}
          onSelect={then(() => navigate({ to }))}
          note={<Keys>{keys}</Keys>}
        >
          {name}
        </Item>
      ))}
    </Group>
  )
}

function Assets({ typed, then, navigate }: InPalette) {
  const q = useSettled(typed.trim(), 120)
  const assets = useAnswer('assets', { q, limit: 20 }, { keep: true })
  const shown = new Set(typed.trim() === '' ? recents().map(({ kind, name }) => `${kind} ${name}`) : [])
  const found = fitting(assets, q, typed).filter(({ asset }) => !shown.has(`asset ${asset}`))
  if (found.length === 0) return null
  return (
    <Group heading="Assets">
      {found.map(({ asset, layer, health }) => (
        <Item
          key={asset}
          value={`asset ${asset}`}
          icon={Boxes}
          onSelect={then(() => navigate({ to: '/assets/$asset', params: { asset } }))}
          note={
            <>
              <StatusIcon status={health} />
              <LayerChip layer={layer} />
            </>
          }
        >
          {asset}
        </Item>
      ))}
    </Group>
  )
}

/** Until what is typed is answered, only those of the last answer whose names fit it: Enter must not go to another. */
function fitting(
  { data, isPlaceholderData }: { readonly data: Answer<'assets'> | undefined; readonly isPlaceholderData: boolean },
  q: string,
  typed: string,
): Answer<'assets'>['items'] {
  if (data === undefined) return []
  return q === typed.trim() && !isPlaceholderData ? data.items : data.items.filter(({ asset }) => fits(asset, typed))
}

function Runs({ typed, then, navigate }: InPalette) {
  const q = useSettled(typed.trim(), 120)
  const runs = useAnswer('runs', { q, limit: 6 }, { keep: true, when: q.length > 1 })
  const isAnswered = q === typed.trim() && !runs.isPlaceholderData
  const known = typed.trim().length > 1 ? (runs.data?.items ?? []) : []
  const found = isAnswered ? known : known.filter(({ run, reason }) => fits(`${run} ${reason}`, typed))
  if (found.length === 0) return null
  return (
    <Group heading="Runs">
      {found.map(({ run, reason, status }) => (
        <Item
          key={run}
          value={`run ${run}`}
          icon={CirclePlay}
          onSelect={then(() => navigate({ to: '/runs/$run', params: { run } }))}
          note={
            <>
              <StatusIcon status={status} />
              <span className="font-mono text-xs text-ink-faint">{run.slice(0, 13)}</span>
            </>
          }
        >
          {reason}
        </Item>
      ))}
    </Group>
  )
}

function Commands({ typed, then, navigate, onHelp }: InPalette & { readonly onHelp: () => void }) {
  const openMake = useOpenMake()
  const isDark = theme() === 'dark'
  const commands = [
    { name: 'Materialize…', icon: Plus, act: () => openMake({}) },
    {
      name: 'Make what is missing, failed or stale',
      icon: Plus,
      act: () => openMake({ selection: '*', mode: 'needed' }),
    },
    {
      name: 'Runs that failed',
      icon: CirclePlay,
      act: () => navigate({ to: '/runs', search: { status: 'failed' } }),
    },
    {
      name: isDark ? 'Light colours' : 'Dark colours',
      icon: isDark ? Sun : Moon,
      act: () => setTheme(isDark ? 'light' : 'dark'),
    },
    { name: 'Keyboard', icon: Keyboard, act: onHelp },
  ].filter(({ name }) => fits(name, typed))
  if (commands.length === 0) return null
  return (
    <Group heading="Do">
      {commands.map(({ name, icon, act }) => (
        <Item key={name} value={`do ${name}`} icon={icon} onSelect={then(act)}>
          {name}
        </Item>
      ))}
    </Group>
  )
}

function RunSql({ typed, then, navigate }: InPalette) {
  return (
    <Group heading="SQL">
      <Item
        value="sql run"
        icon={DatabaseZap}
        onSelect={then(() => navigate({ to: '/sql', search: { q: typed.trim() } }))}
      >
        Answer <code className="font-mono text-xs">{typed.trim()}</code>
      </Item>
    </Group>
  )
}

/** "make" and a part of a name. */
function Make({ typed, then }: InPalette) {
  const q = useSettled(typed.trim(), 120)
  const openMake = useOpenMake()
  const assets = useAnswer('assets', { q, limit: 20 }, { keep: true })
  const found = fitting(assets, q, typed).filter(({ isExternal }) => !isExternal)
  return (
    <Group heading="Materialize">
      {found.map(({ asset, layer, health }) => (
        <Item
          key={asset}
          value={`make ${asset}`}
          icon={Plus}
          onSelect={then(() => openMake({ selection: asset }))}
          note={
            <>
              <StatusIcon status={health} />
              <LayerChip layer={layer} />
            </>
          }
        >
          {asset}
        </Item>
      ))}
      {typed.trim() !== '' && (
        <Item value="make selection" icon={Plus} onSelect={then(() => openMake({ selection: typed.trim() }))}>
          The selection <code className="font-mono text-xs">{typed.trim()}</code>
        </Item>
      )}
    </Group>
  )
}
