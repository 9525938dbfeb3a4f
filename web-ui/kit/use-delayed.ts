import { useEffect, useRef, useState } from 'react'

/** What is typed shows at once, and is told once nothing more was typed for a moment; what comes from elsewhere replaces it. */
export function useDelayed(
  value: string,
  tell: (value: string) => void,
  delayMs = 250,
): readonly [string, (value: string) => void] {
  const [typed, setTyped] = useState(value)
  const [known, setKnown] = useState(value)
  // What was told comes back later, when more may have been typed: that is no news.
  const told = useRef<readonly string[]>([])
  if (value !== known) {
    const at = told.current.lastIndexOf(value)
    told.current = told.current.slice(at + 1)
    setKnown(value)
    if (at < 0) setTyped(value)
  }
  const newest = useRef(tell)
  newest.current = tell
  useEffect(() => {
    if (typed === known) return
    const timer = setTimeout(() => {
      told.current = [...told.current, typed]
      newest.current(typed)
    }, delayMs)
    return () => clearTimeout(timer)
  }, [typed, known, delayMs])
  return [typed, setTyped]
}
