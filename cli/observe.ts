import { assetNamed, parsePartitions, partitionsIn } from '#pipeline'
import { BadInput } from '../config.ts'
import type { GlobalOptions } from './context.ts'
import { openWriter } from './context.ts'
import { print, printJson } from './terminal.ts'

/** Takes down the version that was seen of an external asset, or of some of its partitions. */
export async function observe(
  name: string,
  partition: string | undefined,
  options: GlobalOptions & { readonly version: string },
): Promise<void> {
  const context = await openWriter(options)
  try {
    const asset = assetNamed(context.definitions, name)
    const isCut = Object.keys(asset.partitions).length > 0
    if (isCut && partition === undefined) {
      throw new BadInput(
        `asset "${name}" is partitioned; say which was seen, e.g. bullion observe ${name} KEY --version …`,
      )
    }
    const now = new Date()
    const known = await context.engine.keys(now.getTime())
    const filter = partition === undefined ? { keys: {} } : parsePartitions([asset], partition, now, known)
    const seen: { partition: string; isNew: boolean }[] = []
    for (const key of partitionsIn(asset, filter, now, known)) {
      // In turn: they are few, and each is a transaction of its own.
      seen.push({ partition: key, isNew: await context.engine.observe(name, { version: options.version, key }) })
    }
    if (options.json) return printJson(seen)
    for (const { partition: key, isNew } of seen) {
      const what = key === '' ? `"${name}"` : `"${name}" ${key}`
      print(
        isNew
          ? `${what} is at "${options.version}" now; what reads it is stale`
          : `${what} was at "${options.version}" before`,
      )
    }
  } finally {
    await context.close()
  }
}
