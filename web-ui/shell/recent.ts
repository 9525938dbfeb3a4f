/** Assets and runs that were looked at last, newest first; for this browser only. */

import { useRouterState } from '@tanstack/react-router'
import { useEffect } from 'react'

export interface Recent {
  readonly kind: 'asset' | 'run' | 'automation'
  readonly name: string
}

const place = 'bullion.recent'
const most = 12

export function recents(): readonly Recent[] {
  try {
    const held: unknown = JSON.parse(localStorage.getItem(place) ?? '[]')
    return Array.isArray(held) ? held.filter(isRecent) : []
  } catch {
    return []
  }
}

const isRecent = (one: unknown): one is Recent =>
  typeof (one as Recent | null)?.name === 'string' && typeof (one as Recent).kind === 'string'

const kinds = { assets: 'asset', runs: 'run', automation: 'automation' } as const

/** Remembers each asset, run and schedule that is gone to. */
export function useRememberVisits(): void {
  const path = useRouterState({ select: ({ location }) => location.pathname })
  useEffect(() => {
    const [, page, name] = /^\/(assets|runs|automation)\/([^/]+)$/.exec(path) ?? []
    if (page === undefined || name === undefined) return
    const visited = { kind: kinds[page as keyof typeof kinds], name: decodeURIComponent(name) }
    const others = recents().filter((one) => one.kind !== visited.kind || one.name !== visited.name)
    localStorage.setItem(place, JSON.stringify([visited, ...others].slice(0, most)))
  }, [path])
}
