/** Randomness by position instead of by order: the same place always gives the same value, so no state is kept. */

/** A 32-bit seed of a text. */
export function seedOf(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return scramble(hash, 0)
}

/** Uniform in [0, 1) at `place`. */
export const uniformAt = (seed: number, place: number): number => scramble(seed, place) / 0x1_0000_0000

/** Bell-shaped with mean 0 and deviation 1 at `place`, never beyond ±3.5. */
export function bellAt(seed: number, place: number): number {
  const a = scramble(seed, place)
  const b = scramble(a, place ^ 0x5bd1e995)
  const sum = (a & 0xffff) + (a >>> 16) + (b & 0xffff) + (b >>> 16)
  return (sum / 0x10000 - 2) * Math.sqrt(3)
}

/** A smooth line through one bell-shaped value every `period`. */
export function waveAt(seed: number, at: number, period: number): number {
  const place = Math.floor(at / period)
  const part = at / period - place
  const ease = part * part * (3 - 2 * part)
  const left = bellAt(seed, place)
  return left + (bellAt(seed, place + 1) - left) * ease
}

function scramble(seed: number, place: number): number {
  let hash = (seed ^ Math.imul(place | 0, 0x9e3779b1)) >>> 0
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
