import type { AnyAsset } from '#pipeline'
import {
  assetNamed,
  explainAutomation,
  explained,
  parsePartitions,
  parseSet,
  partitionsIn,
  printExplained,
} from '#pipeline'
import type { GlobalOptions } from './context.ts'
import { openWriter } from './context.ts'
import { print, printJson } from './terminal.ts'

/** Says why partitions of an asset would be made by its condition now, or why not. */
export async function why(name: string, partitions: string | undefined, options: GlobalOptions): Promise<void> {
  const context = await openWriter(options)
  try {
    const asset: AnyAsset = assetNamed(context.definitions, name)
    const now = new Date()
    const verdict = (await explainAutomation(context.engine, now.getTime())).explain(asset.name)
    if (!verdict) return print(`asset "${asset.name}" has no condition; it is made by schedules and by hand`)
    const keys = await context.engine.keys(now.getTime())
    const chosen =
      partitions === undefined
        ? undefined
        : partitionsIn(asset, parsePartitions([asset], partitions, now, keys), now, keys)
    const found = explained(verdict, chosen && parseSet(verdict.set.space, chosen.join(',')))
    if (options.json) return printJson(found)
    print(printExplained(found).join('\n'))
  } finally {
    await context.close()
  }
}
