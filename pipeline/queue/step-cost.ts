/** How many steps one message should carry: cheap ones by the hundred, those that take their time alone. */

const mostSteps = 100
/** A message is under way for about this long: far longer than its way through the broker, and never long to wait for. */
const aimMs = 75
/** Weight of what was seen last. */
const weight = 0.3

export interface StepCosts {
  /** ms that a step of this asset took of late, if any was seen. */
  of(asset: string): number | undefined
  /** Steps of one message. */
  size(asset: string): number
  took(asset: string, ms: number, steps: number): void
  /** A step is under way for this long already. */
  isSlow(asset: string, ms: number): void
}

export function stepCosts(): StepCosts {
  const known = new Map<string, number>()
  return {
    of: (asset) => known.get(asset),
    size(asset) {
      const ms = known.get(asset)
      return ms === undefined ? 1 : Math.min(mostSteps, Math.max(1, Math.floor(aimMs / Math.max(ms, 0.01))))
    },
    took(asset, ms, steps) {
      const before = known.get(asset)
      const now = ms / steps
      known.set(asset, before === undefined ? now : before + weight * (now - before))
    },
    isSlow(asset, ms) {
      known.set(asset, Math.max(ms, known.get(asset) ?? 0))
    },
  }
}
