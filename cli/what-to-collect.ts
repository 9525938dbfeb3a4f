import { basename, dirname, join } from 'node:path'
import type { Definitions, PartitionFilter } from '#pipeline'
import { nearest, PipelineError, parsePartitions } from '#pipeline'
import type { Config } from '../config.ts'
import { BadInput } from '../config.ts'
import type { HomeSettings } from '../home.ts'
import { clashOf, readHome } from '../home.ts'
import { intervals, isInterval } from '../market/interval.ts'
import { parseMarket } from '../market/market.ts'
import type { Exchange } from '../resources/exchange/port.ts'
import { defaultHome, newHome } from './context.ts'
import { replayFrom, seedFrom } from './sandbox-options.ts'

/** What `bullion up` and `bullion demo` were asked for. */
export interface CollectOptions {
  readonly home?: string
  readonly live?: string
  readonly replay?: string
  readonly seed: string
  readonly market: readonly string[]
  readonly interval: string
  readonly days: string
  readonly from?: string
  readonly to?: string
  readonly faults?: string
}

const dayMs = 86_400_000

/** The settings of a home that would serve these options. Throws `BadInput`. */
export function wantedSettings(options: CollectOptions): HomeSettings {
  const { settings } = newHome('')
  if (!isInterval(options.interval)) {
    throw new BadInput(`no interval is called "${options.interval}"; use one of ${intervals.join(', ')}`)
  }
  if (options.live !== undefined && options.replay !== undefined) {
    throw new BadInput('--live asks the real exchange and --replay a recording; use one of them')
  }
  if (options.live !== undefined && options.live !== 'binance') {
    const near = nearest(options.live, ['binance'])
    throw new BadInput(
      `no exchange is called "${options.live}"${near ? `; did you mean "${near}"?` : '; there is binance'}`,
    )
  }
  return {
    ...settings,
    kind: options.live === undefined ? 'sandbox' : 'live',
    exchange: options.live ?? settings.exchange,
    source: sourceOf(options),
    interval: options.interval,
    markets: options.market.length > 0 ? options.market.map(checkedMarket) : settings.markets,
  }
}

function sourceOf(options: CollectOptions): HomeSettings['source'] {
  if (options.live !== undefined) return { type: 'exchange' }
  if (options.replay !== undefined) return { type: 'replay', folder: replayFrom(options.replay) }
  return { type: 'generated', seed: seedFrom(options.seed) }
}

function checkedMarket(text: string): string {
  try {
    parseMarket(text)
    return text
  } catch (cause) {
    throw new BadInput((cause as Error).message, { cause })
  }
}

/** The markets to collect: those asked for, or all that the source has by default. Throws `BadInput` for an unknown one. */
export async function knownMarkets(
  options: CollectOptions,
  wanted: HomeSettings,
  exchange: Exchange,
): Promise<readonly string[]> {
  const known = (await exchange.markets(new AbortController().signal)).map(({ market }) => market)
  if (options.market.length === 0 && wanted.source.type === 'replay') return known
  for (const market of wanted.markets) {
    if (known.includes(market)) continue
    const near = nearest(market, known)
    const some = known.length > 12 ? `${known.slice(0, 12).join(', ')}, …` : known.join(', ')
    throw new BadInput(
      `"${exchange.name}" has no market "${market}"${near ? `; did you mean "${near}"?` : ''} (it has ${some})`,
    )
  }
  return wanted.markets
}

/**
 * Where these settings live. A home that was named must fit; the usual one gives way to a sibling when it holds
 * something else, so that a recording and a generated market never share a lake.
 */
export async function homeFor(options: CollectOptions, config: Config, wanted: HomeSettings): Promise<string> {
  const named = options.home ?? config.home
  if (named !== undefined) return named
  const usual = defaultHome[wanted.kind]
  const there = config.store === undefined ? await readHome(usual) : undefined
  if (!there || !clashOf(there.settings, wanted)) return usual
  const source = wanted.source.type === 'replay' ? basename(wanted.source.folder) : wanted.source.type
  const seed = wanted.source.type === 'generated' && wanted.source.seed !== 1 ? `-${wanted.source.seed}` : ''
  return join(dirname(usual), `${basename(usual)}-${source}${seed}-${wanted.interval}`)
}

/** The span of days: as asked for, else what a recording holds, else the last days. First and last day as `2024-01-31`. */
export async function daysOf(
  options: CollectOptions,
  wanted: HomeSettings,
  exchange: Exchange,
  now: number,
): Promise<{ readonly from: string; readonly to: string }> {
  const days = Number(options.days)
  if (!Number.isSafeInteger(days) || days < 1)
    throw new BadInput(`--days must be a whole number above 0, got "${options.days}"`)
  const yesterday = dayOf(now - dayMs)
  if (options.from === undefined && options.to === undefined && wanted.source.type === 'replay') {
    const spans = await Promise.all(wanted.markets.map((market) => recordedSpan(exchange, market, wanted.interval)))
    const recorded = spans.filter((span) => span !== undefined)
    if (recorded.length > 0) {
      const last = Math.min(Math.max(...recorded.map(({ last }) => last)), now - dayMs)
      return { from: dayOf(Math.min(...recorded.map(({ first }) => first))), to: dayOf(last) }
    }
  }
  const to = checkedDay('--to', options.to) ?? yesterday
  const from = checkedDay('--from', options.from) ?? dayOf(Date.parse(to) - (days - 1) * dayMs)
  if (from > to) throw new PipelineError('partition.reversed', { from, to })
  return { from, to }
}

async function recordedSpan(exchange: Exchange, market: string, interval: HomeSettings['interval']) {
  const { first, last } = await exchange.availability({ market, interval, signal: new AbortController().signal })
  return first === undefined || last === undefined ? undefined : { first, last }
}

function checkedDay(option: string, text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  const at = Date.parse(`${text}T00:00:00Z`)
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || Number.isNaN(at) || dayOf(at) !== text) {
    throw new BadInput(`${option} must be a day such as 2024-01-31, got "${text}"`)
  }
  return text
}

const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10)

/** The partitions of the span, of the markets that were named or of all. Throws `partition.…` errors. */
export function filterOf(
  definitions: Definitions,
  days: { from: string; to: string },
  markets: readonly string[],
  now: number,
): PartitionFilter {
  const named = markets.map((market) => `,market=${market}`).join('')
  return parsePartitions([...definitions.assets.values()], `date=${days.from}..${days.to}${named}`, new Date(now))
}

/** `home` with what the options add to it: it begins with the first day that is asked for, and an earlier one widens it. */
export const withSpan = (wanted: HomeSettings, markets: readonly string[], from: string): HomeSettings => ({
  ...wanted,
  markets: [...markets],
  since: from,
})
