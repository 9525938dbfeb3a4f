import { PipelineError } from './errors.ts'
import type { StagedFile } from './io.ts'
import type { RowSource, Rows, TableFile } from './table.ts'

const mostLength = 200

/** A version as an author gave it. Throws `version.malformed`. */
export function checkedVersion(asset: string, version: string): string {
  if (typeof version === 'string' && version !== '' && version.length <= mostLength) return version
  throw new PipelineError('version.malformed', { asset, got: String(version), most: mostLength })
}

/** A file under the version that its author gave, if any: the hash of its rows is kept beside it. */
export const versioned = (file: StagedFile, given: string | undefined): Omit<TableFile, 'key'> =>
  given === undefined ? file : { ...file, version: given, content: file.version }

/** Hears the version that an author gives to one partition, until its first row is there. */
export function versionOf(asset: string, key: string) {
  let given: string | undefined
  let isBegun = false
  return {
    /** Throws `version.malformed` and `version.late`. */
    say(version: string): void {
      if (isBegun) throw new PipelineError('version.late', { asset, key })
      given = checkedVersion(asset, version)
    },
    /** The same rows, the first of which is there: what was said before it can go into their file. */
    async begin<Row>(rows: Rows<Row>): Promise<Rows<Row>> {
      const ready = await begun(rows)
      isBegun = true
      return ready
    },
    given: () => given,
  }
}

/** Lets a generator, which does nothing until it is asked, go as far as its first row; that is kept. */
async function begun<Row>(rows: Rows<Row>): Promise<Rows<Row>> {
  if (!('next' in rows)) return rows
  const rest = rows as Iterator<Row> | AsyncIterator<Row>
  const first = rest.next()
  await first
  let isFirst = true
  const iterator = {
    next() {
      if (!isFirst) return rest.next()
      isFirst = false
      return first
    },
    return: (value?: unknown) => rest.return?.(value) ?? { done: true as const, value },
  }
  const kind = Symbol.asyncIterator in rows ? Symbol.asyncIterator : Symbol.iterator
  return { [kind]: () => iterator } as unknown as RowSource<Row>
}
