import type { AnyAsset } from './asset.ts'
import type { Dimension } from './partition.ts'
import { decodeText, keyed, refuseKey } from './partition.ts'

/** By the name of a dynamic dimension: its keys as of one instant. */
export type DynamicKeys = Readonly<Record<string, readonly string[]>>

/**
 * Keys that come and go while the product runs, kept in the store under this name: `dynamic('markets')`. A key that is
 * removed keeps its history, and has its old place if it is added again. Dimensions of one name share their keys. Throws
 * `partition.key-invalid` for a name that could not be a key itself.
 */
export function dynamic(name: string): Dimension<string> {
  refuseKey(name)
  return {
    kind: 'keys',
    dynamic: name,
    // What keys there are is not known here.
    count: () => 0,
    at: () => '',
    indexOf: () => -1,
    encode: encodeURIComponent,
    decode(text) {
      const key = decodeText(text)
      refuseKey(key)
      return key
    },
    resolve: ({ [name]: keys = none }) => keyedOnce(keys),
  }
}

const none: readonly string[] = []
const known = new WeakMap<readonly string[], Dimension<string>>()

/** One dimension for one list, so that assets that share it are known to be numbered alike. */
function keyedOnce(keys: readonly string[]): Dimension<string> {
  const dimension = known.get(keys) ?? keyed(keys)
  known.set(keys, dimension)
  return dimension
}

/** The names of the dynamic dimensions of some assets. */
export const dynamicNames = (assets: Iterable<AnyAsset>): readonly string[] => [
  ...new Set(
    [...assets].flatMap(({ partitions }) =>
      Object.values(partitions as Record<string, Dimension<unknown>>).flatMap(({ dynamic: name }) => name ?? []),
    ),
  ),
]
