import { durationMs } from '../define/duration.ts'
import type { PartitionKey } from '../define/partition.ts'
import { isBeyond } from '../define/retention.ts'
import { errorText } from './retry.ts'
import type { CorrectionContext } from './rollback.ts'

export interface RetainAsk {
  /** Only tells what would be given up; of events and ticks it does not. */
  readonly dryRun?: boolean
  readonly signal?: AbortSignal
}

/** What was given up of one asset. */
export interface RetainedAsset {
  readonly asset: string
  readonly versions: number
  /** Files that a check refused. */
  readonly rejected: number
  /** Files that the catalogue does not know. */
  readonly orphans: number
  /** Of the versions and the refused files. */
  readonly bytes: number
}

export interface Retained {
  /** Those of which something was given up. */
  readonly assets: readonly RetainedAsset[]
  readonly events: number
  readonly ticks: number
  /** Files that were given up and could not be removed; the next call tries again. */
  readonly failures: readonly { readonly path: string; readonly error: string }[]
}

/** Rows of the store that are looked at together. */
const page = 1_000
/** A file that the catalogue does not know may be one that a step is about to publish. */
const orphanMs = durationMs('1d')

/**
 * Gives up what is beyond the rules of retention: versions that are not published any more, refused files, files that
 * the catalogue does not know, then events and ticks. The catalogue forgets a file before it is removed, so that a crash
 * in between leaves only a file too many, which the next call removes.
 */
export async function retain(on: CorrectionContext, ask: RetainAsk = {}): Promise<Retained> {
  const given = new Map<string, { -readonly [K in keyof RetainedAsset]: RetainedAsset[K] }>()
  const of = (asset: string) => {
    const known = given.get(asset) ?? { asset, versions: 0, rejected: 0, orphans: 0, bytes: 0 }
    given.set(asset, known)
    return known
  }
  await giveUpVersions(on, ask, of)
  const failures = ask.dryRun ? [] : await removeFiles(on, ask)
  await sweepOrphans(on, ask, of)
  const { ticks: ticksFor = '30d', events: eventsFor } = on.definitions.retain
  const isPurged = !ask.dryRun && eventsFor !== undefined
  const events = isPurged ? await on.store.purgeEvents(on.clock() - durationMs(eventsFor)) : 0
  const ticks = ask.dryRun ? 0 : await on.store.purgeTicks(on.clock() - durationMs(ticksFor))
  return { assets: [...given.values()], events, ticks, failures }
}

type Tally = (asset: string) => { -readonly [K in keyof RetainedAsset]: RetainedAsset[K] }

async function giveUpVersions(on: CorrectionContext, ask: RetainAsk, of: Tally): Promise<void> {
  let after = 0
  for (let isMore = true; isMore; ) {
    ask.signal?.throwIfAborted()
    const old = await on.store.superseded(after, page)
    const now = on.clock()
    const beyond = old.filter((version) => {
      const asset = assetOf(on, version.asset)
      return asset !== undefined && isBeyond(asset.retain ?? on.definitions.retain, version, now)
    })
    const numbers = beyond.map(({ number }) => number)
    // A rollback may have published one of them again meanwhile.
    const dropped = new Set(ask.dryRun ? numbers : await on.store.dropVersions(numbers, now))
    for (const { number, asset, isRejected, bytes } of beyond) {
      if (!dropped.has(number)) continue
      const tally = of(asset)
      tally[isRejected ? 'rejected' : 'versions'] += 1
      tally.bytes += bytes
    }
    after = old.at(-1)?.number ?? after
    isMore = old.length === page
  }
}

/** Removes the files of what was given up, now or before a crash. */
async function removeFiles(on: CorrectionContext, ask: RetainAsk): Promise<Retained['failures']> {
  for (;;) {
    ask.signal?.throwIfAborted()
    const files = await on.store.droppedFiles(page)
    if (files.length === 0) return []
    const io = await on.io()
    const gone: number[] = []
    const failures: { path: string; error: string }[] = []
    for (const { number, path } of files) {
      try {
        await io.discard(path)
        gone.push(number)
      } catch (error) {
        failures.push({ path, error: errorText(error) })
      }
    }
    await on.store.forgetFiles(gone)
    // Those that can not be removed come back first.
    if (gone.length === 0 || files.length < page) return failures
  }
}

async function sweepOrphans(on: CorrectionContext, ask: RetainAsk, of: Tally): Promise<void> {
  const [first] = await on.store.runAccounts(0, 1)
  let after = 0
  for (let isMore = true; isMore; ) {
    const partitions = await on.store.partitionsAfter(after, page)
    for (const { asset, key } of partitions) {
      ask.signal?.throwIfAborted()
      const orphans = assetOf(on, asset) ? await sweep(on, ask, asset, key, first?.createdAt) : 0
      if (orphans > 0) of(asset).orphans += orphans
    }
    after = partitions.at(-1)?.number ?? after
    isMore = partitions.length === page
  }
}

async function sweep(
  on: CorrectionContext,
  ask: RetainAsk,
  asset: string,
  key: PartitionKey,
  begin = Number.POSITIVE_INFINITY,
): Promise<number> {
  const versions = await on.store.history(asset, key)
  if (versions.length === 0) return 0
  // What is older than this catalogue may be of one that was lost, and can be read back from the file. One that was read
  // back knows its old versions, but nothing of what was refused then.
  const since = Math.min(begin, ...versions.map(({ at }) => at))
  const before = on.clock() - orphanMs
  const io = await on.io()
  return io.sweep(asset, key, new Set(versions.map(({ path }) => path)), {
    ...{ since, before, refusedSince: begin, dryRun: ask.dryRun === true },
  })
}

/** Files of external assets belong to others, and of an asset that is not defined any more no rule is known. */
function assetOf({ definitions }: CorrectionContext, name: string) {
  const asset = definitions.assets.get(name)
  return asset?.external ? undefined : asset
}
