/** How the sandbox misbehaves on command: each switch works for the next N matching requests, or always. */

/**
 * `429` and `418` limit and ban · `503` is an HTML page · `truncated` breaks the connection in the body, `garbled` ends it
 * properly · `slow` holds half the body back · `reversed`, `duplicate` and `conflict` (a second row with other values) spoil
 * the order of rows · `open` adds the open candle, asked for or not · `revised` changes the newest row of an answer that
 * was given before.
 */
export const faultNames = [
  '429',
  '418',
  '503',
  'truncated',
  'garbled',
  'slow',
  'reversed',
  'duplicate',
  'conflict',
  'open',
  'revised',
] as const
export type FaultName = (typeof faultNames)[number]

export interface FaultSwitch {
  /** How many requests it spoils; Infinity for all. */
  readonly times: number
  /** The last word of the path, `klines` if not said. */
  readonly endpoint?: string
  readonly retryAfterSeconds?: number
  readonly delayMs?: number
}

export type Faults = { readonly [name in FaultName]?: FaultSwitch } & {
  /** How far (ms) the exchange's clock is ahead of ours. */
  readonly clock?: number
  /** Request weight allowed a minute instead of the exchange's own budget. */
  readonly budget?: number
}

const numbers = { clock: true, budget: true } as const
const settings = { endpoint: 'endpoint', after: 'retryAfterSeconds', delay: 'delayMs' } as const

/**
 * Reads fault switches from text: `429:2,slow:1:delay=5000,503:always:endpoint=exchangeInfo,clock:-1500`.
 * Throws an Error that names the word it does not know.
 */
export function parseFaults(text: string): Faults {
  const faults: Record<string, FaultSwitch | number> = {}
  for (const part of text.split(',').filter((word) => word.trim() !== '')) {
    const [name = '', amount = '', ...rest] = part.trim().split(':')
    if (Object.hasOwn(numbers, name)) faults[name] = wholeNumber(amount, part)
    else if (isFaultName(name))
      faults[name] = { times: timesOf(amount, part), ...Object.fromEntries(rest.map(setting)) }
    else throw new Error(`unknown fault "${name}"; known are ${[...faultNames, ...Object.keys(numbers)].join(', ')}`)
  }
  return faults
}

const isFaultName = (name: string): name is FaultName => (faultNames as readonly string[]).includes(name)

function timesOf(text: string, part: string): number {
  if (text === '') return 1
  if (text === 'always') return Number.POSITIVE_INFINITY
  return wholeNumber(text, part)
}

function wholeNumber(text: string, part: string): number {
  if (!/^-?\d+$/.test(text)) throw new Error(`expected a whole number in fault "${part}", got "${text}"`)
  return Number(text)
}

function setting(text: string): readonly [string, string | number] {
  const [name = '', value = ''] = text.split('=')
  if (!Object.hasOwn(settings, name)) {
    throw new Error(`unknown fault setting "${name}"; known are ${Object.keys(settings).join(', ')}`)
  }
  const field = settings[name as keyof typeof settings]
  return [field, field === 'endpoint' ? value : wholeNumber(value, text)]
}

/** The switches as they stand: each matching request uses one up. */
export interface FaultBoard {
  set(faults: Faults): void
  /** The fault's switch when `name` spoils this request, and one time less is left. */
  take(name: FaultName, endpoint: string): FaultSwitch | undefined
  readonly clockMs: number
  readonly budget: number | undefined
}

export function faultBoard(initial: Faults): FaultBoard {
  let faults = initial
  let left = timesLeft(initial)
  return {
    set: (next) => {
      faults = next
      left = timesLeft(next)
    },
    take: (name, endpoint) => {
      const fault = faults[name]
      const times = left.get(name) ?? 0
      if (!fault || times <= 0 || (fault.endpoint ?? 'klines') !== endpoint) return undefined
      left.set(name, times - 1)
      return fault
    },
    get clockMs() {
      return faults.clock ?? 0
    },
    get budget() {
      return faults.budget
    },
  }
}

const timesLeft = (faults: Faults): Map<FaultName, number> =>
  new Map(faultNames.map((name) => [name, faults[name]?.times ?? 0]))
