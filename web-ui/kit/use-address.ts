import { useNavigate, useSearch } from '@tanstack/react-router'
import { useCallback } from 'react'
import type { Search } from '../routes.tsx'

/** What a page shows is in its address: the names after the `?`, and a way to change some of them. */
export function useAddress(): readonly [Search, (change: Search) => void] {
  const address: Search = useSearch({ strict: false })
  const navigate = useNavigate()
  const change = useCallback(
    (change: Search) => {
      void navigate({ to: '.', search: (before: Search) => ({ ...before, ...change }), replace: true })
    },
    [navigate],
  )
  return [address, change]
}
