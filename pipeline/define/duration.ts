import { PipelineError } from './errors.ts'

/** A length of time as an author writes it: `'30s'`, `'5m'`, `'2h'`, `'1d'`. */
export type Duration = `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`

const units = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** `'90s'` to 90,000. */
export function durationMs(duration: Duration): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(duration) ?? []
  if (amount === undefined) throw new PipelineError('duration.malformed', { duration })
  return Number(amount) * units[unit as keyof typeof units]
}
