import type { z } from 'zod'
import type { Storage } from '../storage/port.ts'
import type { RawStore } from './port.ts'
import { BookSnapshot, RawStoreError, SnapshotOf } from './port.ts'

/** Snapshots at `raw_data/<exchange>/<market>/<yyyy>/<mm>/<dd>/<yyyymmddThhmmssZ>.json` of a place. */
export function rawStoreIn(storage: Storage): RawStore {
  return {
    async put(snapshot, signal) {
      const parsed = parsedAs(BookSnapshot, snapshot, 'a snapshot that was to be kept')
      const path = pathOf(parsed)
      // The order of its fields is the schema's, so that equal snapshots are equal bytes.
      const outcome = await storage.put(path, { bytes: Buffer.from(`${JSON.stringify(parsed)}\n`) }, signal)
      if (outcome !== 'taken') return outcome
      throw new RawStoreError(
        `"${path}" in ${storage.url} holds another snapshot of ${parsed.exchange} ${parsed.market}; expected the same or none: look for a second collector`,
      )
    },

    async get(of, signal) {
      const wanted = parsedAs(SnapshotOf, of, 'the name of a snapshot')
      const path = pathOf(wanted)
      const bytes = await storage.read(path, signal)
      if (!bytes) return
      const snapshot = parsedAs(BookSnapshot, jsonOf(bytes), `"${path}" in ${storage.url}`)
      if (pathOf(snapshot) !== path) {
        throw new RawStoreError(`"${path}" in ${storage.url} is the snapshot of "${pathOf(snapshot)}"; move it there`)
      }
      return snapshot
    },

    async day(of, signal) {
      const folder = folderOf(parsedAs(SnapshotOf, of, 'the name of a day'))
      const instants: number[] = []
      for await (const { path } of storage.list(folder, signal)) {
        const at = instantOf(path.slice(folder.length + 1))
        if (at !== undefined) instants.push(at)
      }
      return instants.sort((a, b) => a - b)
    },
  }
}

function folderOf({ exchange, market, at }: SnapshotOf): string {
  const [year, month, day] = new Date(at).toISOString().slice(0, 10).split('-')
  return `raw_data/${exchange}/${market}/${year}/${month}/${day}`
}

const pathOf = (of: SnapshotOf): string => `${folderOf(of)}/${stampOf(of.at)}.json`

const stampOf = (at: number): string => new Date(at).toISOString().replace(/[-:]|\.000/g, '')

/** Of a file name; undefined if it is none of ours. */
function instantOf(name: string): number | undefined {
  const [date, hour, minute] = /^(\d{8})T(\d\d)(\d\d)00Z\.json$/.exec(name)?.slice(1) ?? []
  if (date === undefined) return
  const at = Date.parse(`${date.replace(/(....)(..)(..)/, '$1-$2-$3')}T${hour}:${minute}:00Z`)
  return Number.isNaN(at) ? undefined : at
}

function jsonOf(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString())
  } catch {
    return undefined
  }
}

function parsedAs<S extends z.ZodType>(schema: S, value: unknown, what: string): z.output<S> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const where = issue!.path.length === 0 ? '' : `${issue!.path.join('.')}: `
  throw new RawStoreError(`${what} is not valid: ${where}${issue!.message}`)
}
