import { useEffect, useRef, useState } from 'react'

/** What is typed shows at once, and is told once nothing more was typed for a moment; what comes from elsewhere replaces it. */
export function useDelayed(
  value: string,
  tell: (value: string) => void,
  delayMs = 250,
): readonly [string, (value: string) => void] {
  const [typed, setTyped] = useState(value)
  const [known, setKnown] = useState(value)
  if (value !== known) {
    setKnown(value)
    setTyped(value)
  }
  const newest = useRef(tell)
  newest.current = tell
  useEffect(() => {
    if (typed === known) return
    const timer = setTimeout(() => newest.current(typed), delayMs)
    return () => clearTimeout(timer)
  }, [typed, known, delayMs])
  return [typed, setTyped]
}
