import { assetNamed, downstreamOf, everyPartition, parsePartitions } from '#pipeline'
import { BadInput } from '../config.ts'
import type { GlobalOptions } from './context.ts'
import { openWriter } from './context.ts'
import { count, counted, print, printJson, styled } from './terminal.ts'

const mostShown = 100

/** `bullion wipe`: makes partitions missing again; without `--yes` it only tells which. */
export async function wipe(
  name: string,
  options: GlobalOptions & { readonly partition?: string; readonly all?: boolean; readonly yes?: boolean },
): Promise<void> {
  const context = await openWriter(options)
  try {
    const asset = assetNamed(context.definitions, name)
    const isCut = Object.keys(asset.partitions).length > 0
    if (options.partition === undefined && isCut && !options.all) {
      throw new BadInput(`asset "${name}" is partitioned; say which partitions with --partition, or --all`)
    }
    const now = new Date()
    const keys = await context.engine.keys(now.getTime())
    const filter =
      options.partition === undefined ? everyPartition : parsePartitions([asset], options.partition, now, keys)
    const isDry = !options.yes
    await context.engine.freeDead()
    const { wiped, held } = await context.engine.wipe({ asset: asset.name, filter, dryRun: isDry })
    if (held.length > 0) process.exitCode = 1
    if (isDry && wiped.length > 0) process.exitCode = 2
    if (options.json) return printJson({ isWiped: !isDry, wiped, held })

    for (const key of wiped.slice(0, mostShown)) print(key || '(whole)')
    if (wiped.length > mostShown) print(styled('dim', `and ${count(wiped.length - mostShown)} more`))
    for (const key of held) print(styled('red', `${key || '(whole)'} left alone: it is being made`))
    if (wiped.length === 0) {
      if (held.length === 0) print(`nothing that is published of ${name} was chosen; see: bullion partitions ${name}`)
      return
    }
    const isOne = wiped.length === 1
    const verb = isDry ? 'would be' : isOne ? 'is' : 'are'
    print(`\n${counted(wiped.length, 'partition')} of ${name} ${verb} missing`)
    const readers = [...downstreamOf(context.definitions, [asset.name], 1)]
    if (readers.length > 0)
      print(styled('dim', `what was made from ${isOne ? 'it' : 'them'} stays published: ${readers.join(', ')}`))
    if (isDry) process.stderr.write('nothing was wiped; to do it, say --yes\n')
  } finally {
    await context.close()
  }
}
