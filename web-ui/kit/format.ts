/** How values read everywhere: one way each. */

const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })
const short = new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 1 })

export const count = (value: number): string => whole.format(value)

/** 12,345 as it is, a million as 1M. */
export const shortCount = (value: number): string =>
  Math.abs(value) < 100_000 ? whole.format(value) : short.format(value)

export const counted = (value: number, noun: string, plural = `${noun}s`): string =>
  `${count(value)} ${value === 1 ? noun : plural}`

export function bytes(value: number): string {
  if (value < 1_000) return `${value} B`
  const units = ['kB', 'MB', 'GB', 'TB', 'PB']
  let scaled = value
  let unit = -1
  while (scaled >= 999.5 && unit < units.length - 1) {
    scaled /= 1_000
    unit++
  }
  return `${scaled < 10 ? scaled.toFixed(1) : Math.round(scaled)} ${units[unit]}`
}

/** A span of time: 340 ms, 2.4 s, 3 m 12 s, 5 h 4 m, 3 d 2 h. */
export function span(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))} ms`
  const seconds = ms / 1_000
  if (seconds < 10) return `${seconds.toFixed(1)} s`
  const rounded = Math.round(seconds)
  if (rounded < 60) return `${rounded} s`
  if (rounded < 3_600) return pair(rounded, 60, 'm', 1, 's')
  if (rounded < 86_400) return pair(rounded, 3_600, 'h', 60, 'm')
  return pair(rounded, 86_400, 'd', 3_600, 'h')
}

function pair(value: number, big: number, bigName: string, small: number, smallName: string): string {
  const rest = Math.floor((value % big) / small)
  return `${Math.floor(value / big)} ${bigName}${rest > 0 ? ` ${rest} ${smallName}` : ''}`
}

/** 2024-01-31 09:05:00, in UTC. */
export const utc = (at: number): string => new Date(at).toISOString().slice(0, 19).replace('T', ' ')

/** The same without seconds. */
export const utcMinute = (at: number): string => utc(at).slice(0, 16)

export function local(at: number): string {
  return new Date(at).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'long' })
}

/** 5 s ago, in 3 h. */
export function relative(at: number, now: number): string {
  const ms = Math.abs(at - now)
  const words = ms < 1_000 ? 'now' : roughly(ms)
  if (words === 'now') return words
  return at > now ? `in ${words}` : `${words} ago`
}

function roughly(ms: number): string {
  const units = [
    [86_400_000, 'd'],
    [3_600_000, 'h'],
    [60_000, 'm'],
    [1_000, 's'],
  ] as const
  const [size, name] = units.find(([size]) => ms >= size)!
  return `${Math.floor(ms / size)} ${name}`
}

/** The values of a partition key, for where there is little room: date=2024-01-31/market=BTC-USDT is 2024-01-31 BTC-USDT. */
export const shortKey = (key: string): string => key.replaceAll(/(^|\/)[^=/]+=/g, '$1').replaceAll('/', ' ')

export const percent = (part: number, all: number): string => {
  if (all === 0) return '0 %'
  const value = (part / all) * 100
  // 99.97 % is not all of them.
  return `${value > 99 && value < 100 ? (Math.floor(value * 10) / 10).toFixed(1) : Math.round(value)} %`
}
