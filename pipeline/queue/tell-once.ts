import { errorText } from '../run/retry.ts'

/** A server that is away is told of by every connection, every second. */
export function tellOnce(tell: (message: string) => void, clock: () => number): (error: Error) => void {
  const told = new Map<string, number>()
  return (error) => {
    const text = errorText(error)
    if (clock() - (told.get(text) ?? Number.NEGATIVE_INFINITY) < 60_000) return
    if (told.size > 100) told.clear()
    told.set(text, clock())
    tell(text)
  }
}
