/** Where the lines of a time axis are, and what is written at them. */

const second = 1_000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour
const steps = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((count) => count * second),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * minute),
  ...[1, 2, 3, 6, 12].map((count) => count * hour),
  ...[1, 2, 7, 14, 30, 90, 365].map((count) => count * day),
]

/** At most `most` instants between `from` and `to`, round in UTC, with a text for each. */
export function timeTicks(
  from: number,
  to: number,
  most: number,
): readonly { readonly at: number; readonly text: string }[] {
  const length = Math.max(1, to - from)
  const step = steps.find((size) => length / size <= Math.max(1, most)) ?? 365 * day
  const first = Math.ceil(from / step) * step
  const all = Array.from(
    { length: Math.max(0, Math.floor((to - first) / step) + 1) },
    (_, index) => first + index * step,
  )
  return all.map((at) => ({ at, text: textOf(at, step) }))
}

function textOf(at: number, step: number): string {
  const iso = new Date(at).toISOString()
  if (step >= day) return iso.slice(5, 10)
  // The first of a day says which.
  if (at % day === 0) return iso.slice(5, 10)
  if (step >= minute) return iso.slice(11, 16)
  if (step >= second) return iso.slice(11, 19)
  return iso.slice(14, 23)
}
