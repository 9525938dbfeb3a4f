import { assetNamed } from '#pipeline'
import type { GlobalOptions } from './context.ts'
import { openReader } from './context.ts'
import { shownMetadata } from './metadata.ts'
import { onePartition } from './one-partition.ts'
import { count, counted, instant, print, printJson, size, styled } from './terminal.ts'

/** Shows the versions of one partition, newest first: what made each, what was checked, what was said of it. */
export async function history(
  name: string,
  partition: string | undefined,
  options: GlobalOptions & { readonly limit: string },
): Promise<void> {
  const context = await openReader(options)
  try {
    const asset = assetNamed(context.definitions, name)
    const key = await onePartition(context, asset, partition)
    const all = await context.store.history(name, key)
    const versions = all.slice(0, Number(options.limit))
    if (options.json) return printJson(versions)
    if (versions.length === 0)
      return void print(`"${name}"${key === '' ? '' : ` ${key}`} was never ${asset.external ? 'observed' : 'made'}`)
    const current = all.find(({ status, supersededAt }) => status === 'published' && supersededAt === null)
    for (const version of versions) {
      const state = version === current ? 'published' : version.status === 'rejected' ? 'rejected' : 'superseded'
      print(
        `${styled('bold', version.id)}  ${styled(styles[state], state)}  ${instant(version.at)}  ${counted(version.rows, 'row')}, ${size(version.bytes)}`,
      )
      const by = asset.external ? 'observed' : `run ${version.run}  code ${version.codeVersion}`
      print(styled('dim', `  ${by}  data ${version.version.slice(0, 16)}`))
      if (version.removedAt !== null) print(styled('dim', `  its file was given up ${instant(version.removedAt)}`))
      for (const { name: check, passed, severity, why, metadata = {} } of version.checks) {
        const isError = severity === 'error'
        const mark = passed ? styled('green', '✓') : styled(isError ? 'red' : 'yellow', isError ? '✗' : '!')
        print(`  ${mark} ${check}${why === null ? '' : `: ${why}`}`)
        for (const line of passed ? [] : shownMetadata(metadata)) print(`      ${line}`)
      }
      for (const line of shownMetadata(version.metadata)) print(`  ${line}`)
    }
    if (versions.length < all.length) print(styled('dim', `and ${count(all.length - versions.length)} older`))
  } finally {
    await context.close()
  }
}

const styles = { published: 'green', rejected: 'red', superseded: 'dim' } as const
