import { Link, Outlet } from '@tanstack/react-router'
import { BookOpen, Command, Moon, PanelLeftClose, PanelLeftOpen, Sun } from 'lucide-react'
import { lazy, Suspense, useCallback, useState } from 'react'
import { useConnection } from '../api/live.tsx'
import { useAnswer } from '../api/use-answer.ts'
import { IconButton } from '../kit/button.tsx'
import { utc } from '../kit/format.ts'
import { Keys } from '../kit/page.tsx'
import { useNow } from '../kit/time.tsx'
import { Tip } from '../kit/tip.tsx'
import { HelpDialog } from './help-dialog.tsx'
import { places } from './places.ts'
import { useRememberVisits } from './recent.ts'
import { setTheme, useTheme } from './theme.ts'
import { useKeys } from './use-keys.ts'

const Palette = lazy(() => import('./palette.tsx').then((module) => ({ default: module.Palette })))

/** What is around every page. */
export function Shell() {
  const [isPalette, setPalette] = useState(false)
  const [isHelp, setHelp] = useState(false)
  const [isNarrow, setNarrow] = useState(() => localStorage.getItem('bullion.menu') === 'narrow' || innerWidth < 1100)
  const openPalette = useCallback(() => setPalette(true), [])
  const openHelp = useCallback(() => setHelp(true), [])
  useKeys({ palette: openPalette, help: openHelp })
  useRememberVisits()
  const narrow = (isNow: boolean): void => {
    localStorage.setItem('bullion.menu', isNow ? 'narrow' : 'wide')
    setNarrow(isNow)
  }
  return (
    <div className="flex h-full">
      <a
        href="#main"
        className="absolute -top-px z-50 -translate-y-full rounded-br bg-surface px-3 py-2 text-sm focus:top-0 focus:translate-y-0"
      >
        Skip to the page
      </a>
      <div className={`flex shrink-0 flex-col border-r border-line bg-sunken ${isNarrow ? 'w-14' : 'w-52'}`}>
        <Link to="/" aria-label="Bullion" className="flex h-13 items-center gap-2.5 px-3.5">
          <img src="/favicon.svg" alt="" width={26} height={26} />
          {!isNarrow && <span className="text-base font-semibold tracking-tight">Bullion</span>}
        </Link>
        <nav aria-label="Pages" className="flex flex-1 flex-col gap-0.5 overflow-y-auto px-2">
          {places.map((place) => (
            <MenuLink key={place.to} {...place} isNarrow={isNarrow} />
          ))}
        </nav>
        <Deployment isNarrow={isNarrow} />
        <div className={`flex gap-0.5 border-t border-line p-2 ${isNarrow ? 'flex-col items-center' : ''}`}>
          <IconButton
            label={isNarrow ? 'Widen the menu' : 'Narrow the menu'}
            icon={isNarrow ? PanelLeftOpen : PanelLeftClose}
            onClick={() => narrow(!isNarrow)}
          />
          <ThemeButton />
          <Tip text="The HTTP API">
            <a
              href="/docs"
              aria-label="The HTTP API"
              className="inline-flex size-8 items-center justify-center rounded-md text-ink-soft hover:bg-line hover:text-ink"
            >
              <BookOpen size={16} aria-hidden />
            </a>
          </Tip>
          <IconButton label="Commands" icon={Command} onClick={openPalette} />
        </div>
      </div>
      <div className="flex min-w-0 flex-1 flex-col">
        <LostBanner />
        <main id="main" tabIndex={-1} className="min-h-0 flex-1 overflow-y-auto outline-none">
          <Outlet />
        </main>
      </div>
      {isPalette && (
        <Suspense>
          <Palette onClose={() => setPalette(false)} onHelp={openHelp} />
        </Suspense>
      )}
      <HelpDialog open={isHelp} onClose={() => setHelp(false)} />
    </div>
  )
}

function MenuLink({ name, to, keys, icon: Icon, isNarrow }: (typeof places)[number] & { readonly isNarrow: boolean }) {
  const link = (
    <Link
      to={to}
      activeOptions={{ exact: to === '/' }}
      {...(isNarrow && { 'aria-label': name })}
      className={`group flex h-9 items-center gap-2.5 rounded-md px-2.5 text-sm font-medium text-ink-soft hover:bg-line/70 hover:text-ink aria-[current=page]:bg-surface aria-[current=page]:text-ink aria-[current=page]:shadow-sm ${isNarrow ? 'justify-center' : ''}`}
    >
      <Icon size={17} aria-hidden className="shrink-0 group-aria-[current=page]:text-accent" />
      {!isNarrow && (
        <>
          <span className="flex-1">{name}</span>
          <span aria-hidden className="opacity-0 group-hover:opacity-100 group-focus-visible:opacity-100">
            <Keys>{keys}</Keys>
          </span>
        </>
      )}
    </Link>
  )
  return isNarrow ? (
    <Tip text={`${name}  (${keys})`} side="right">
      {link}
    </Tip>
  ) : (
    link
  )
}

/** Which data this is, and the time that everything is in. */
function Deployment({ isNarrow }: { readonly isNarrow: boolean }) {
  const { data } = useAnswer('system', {})
  const now = useNow()
  const connection = useConnection()
  const dot = { live: 'bg-fresh-fill', connecting: 'bg-stale-fill', lost: 'bg-failed-fill', locked: 'bg-failed-fill' }[
    connection
  ]
  const said = {
    live: 'Changes are shown as they happen',
    connecting: 'Connecting…',
    lost: 'Not connected',
    locked: 'Not let in',
  }[connection]
  if (isNarrow) {
    return (
      <Tip text={`${data?.name ?? ''}\n${utc(now)} UTC\n${said}`} side="right">
        <button type="button" aria-label={said} className="mx-auto mb-3 grid size-8 place-items-center rounded-md">
          <span className={`size-2 rounded-full ${dot}`} />
        </button>
      </Tip>
    )
  }
  return (
    <div className="px-4 pb-3 text-xs text-ink-faint">
      {data && (
        <div className="mb-1.5 flex flex-wrap items-center gap-1.5">
          <span className="line-clamp-2 font-medium break-words text-ink-soft" title={data.name}>
            {data.name}
          </span>
          {data.isSandbox && <span className="rounded bg-stale-soft px-1.5 font-medium text-stale">sandbox data</span>}
        </div>
      )}
      <div className="flex items-center gap-1.5" title={said}>
        <span className={`size-2 shrink-0 rounded-full ${dot}`} aria-hidden />
        <span className="tabular">{utc(now).slice(11)} UTC</span>
        <span className="sr-only">{said}</span>
      </div>
    </div>
  )
}

function ThemeButton() {
  const isDark = useTheme() === 'dark'
  return (
    <IconButton
      label={isDark ? 'Light colours' : 'Dark colours'}
      icon={isDark ? Sun : Moon}
      onClick={() => setTheme(isDark ? 'light' : 'dark')}
    />
  )
}

function LostBanner() {
  const connection = useConnection()
  if (connection !== 'lost' && connection !== 'locked') return null
  return (
    <p role="alert" className="bg-failed-soft px-6 py-2 text-sm text-failed">
      {connection === 'lost' ? (
        <>
          The server is out of reach, so what you see may be old. It is tried again all the time; if it has ended, start
          it with <code className="font-mono">bullion serve</code>.
        </>
      ) : (
        <>
          Your session has ended, so what you see may be old. Run <code className="font-mono">bullion link</code> and
          open what it prints: that lets this browser in again.
        </>
      )}
    </p>
  )
}
