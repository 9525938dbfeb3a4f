import { useNavigate } from '@tanstack/react-router'
import { useEffect } from 'react'
import { places } from './places.ts'

/** A second key follows the first within this. */
const chordMs = 1_200

/** The keys that work everywhere: g and a letter go to a page, / to its search, ⌘K and ? open what they are told to. */
export function useKeys(on: { readonly palette: () => void; readonly help: () => void }): void {
  const navigate = useNavigate()
  const { palette, help } = on
  useEffect(() => {
    let first = { key: '', at: 0 }
    const onKey = (event: KeyboardEvent): void => {
      if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault()
        palette()
        return
      }
      if (event.metaKey || event.ctrlKey || event.altKey || isTyping(event.target)) return
      const before = Date.now() - first.at < chordMs ? first.key : ''
      first = { key: event.key, at: Date.now() }
      const place = places.find(({ keys }) => keys === `${before} ${event.key}`)
      if (place) {
        event.preventDefault()
        void navigate({ to: place.to })
      } else if (event.key === '/') {
        event.preventDefault()
        const search = document.querySelector<HTMLInputElement>('[data-main-search]')
        if (search) search.focus()
        else palette()
      } else if (event.key === '?') help()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [navigate, palette, help])
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
