/** The candidate that `name` was probably meant to be, for "did you mean" in error messages. */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  const typed = name.toLowerCase()
  let best: { readonly candidate: string; readonly distance: number } | undefined
  for (const candidate of candidates) {
    const meant = candidate.toLowerCase()
    // Who breaks off in the middle of a word has not mistyped it.
    const distance = editDistance(typed, meant) - (typed !== '' && meant.startsWith(typed) ? 0.5 : 0)
    if (!best || distance < best.distance) best = { candidate, distance }
  }
  return best && best.distance <= Math.max(2, Math.floor(name.length / 3)) ? best.candidate : undefined
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const current = [i]
    for (let j = 1; j <= b.length; j++) {
      const substituted = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      current.push(Math.min(substituted, previous[j]! + 1, current[j - 1]! + 1))
    }
    previous = current
  }
  return previous[b.length]!
}
