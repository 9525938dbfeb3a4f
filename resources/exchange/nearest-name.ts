/** The name that a mistyped one was most likely meant to be. */

/** The nearest of `names` by edit distance, if it is near enough to be a slip. */
export function nearestName(name: string, names: Iterable<string>): string | undefined {
  let best: { readonly name: string; readonly distance: number } | undefined
  for (const candidate of names) {
    if (Math.abs(candidate.length - name.length) > 3) continue
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase())
    if (distance <= 3 && distance < Math.max(name.length, 2) / 2 && (!best || distance < best.distance)) {
      best = { name: candidate, distance }
    }
  }
  return best?.name
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1))
    }
    row = next
  }
  return row[b.length]!
}
