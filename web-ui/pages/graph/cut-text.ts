const cuts = new Map<string, string>()

/** As much of a text as there is room for, of both its ends; measured once. */
export function cut(on: CanvasRenderingContext2D, text: string, room: number): string {
  const key = `${on.font}\t${Math.round(room)}\t${text}`
  const known = cuts.get(key)
  if (known !== undefined) return known
  if (cuts.size > 20_000) cuts.clear()
  let kept = text
  if (on.measureText(text).width > room) {
    let [low, high] = [0, text.length]
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (on.measureText(shortened(text, middle)).width <= room) low = middle
      else high = middle - 1
    }
    kept = shortened(text, low)
  }
  cuts.set(key, kept)
  return kept
}

/** Names that begin alike differ at their ends. */
function shortened(text: string, letters: number): string {
  const end = Math.floor(letters * 0.4)
  return `${text.slice(0, letters - end)}…${end === 0 ? '' : text.slice(-end)}`
}
