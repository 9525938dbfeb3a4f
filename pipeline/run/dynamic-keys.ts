import type { Definitions } from '../define/definitions.ts'
import type { DynamicKeys } from '../define/dynamic.ts'
import { dynamicNames } from '../define/dynamic.ts'
import { PipelineError } from '../define/errors.ts'
import { nearest } from '../define/nearest.ts'
import { refuseKey } from '../define/partition.ts'
import type { RunStore } from '../store/port.ts'

/** Those who plan ask for the keys that there were at the instant of the plan, so that a restart plans the same again. */
export function keysAt({ definitions, store }: KeysOn, now: number): DynamicKeys | Promise<DynamicKeys> {
  const names = dynamicNames(definitions.assets.values())
  return names.length === 0 ? none : store.dynamicKeys(names, now)
}

interface KeysOn {
  readonly definitions: Definitions
  readonly store: RunStore
}

const none: DynamicKeys = {}

/** Refuses a dimension that no asset has, and keys that none may have: `definition.unknown`, `partition.key-invalid`. */
export function refuseKeys(definitions: Definitions, name: string, keys: readonly string[]): void {
  const known = dynamicNames(definitions.assets.values())
  if (!known.includes(name)) {
    throw new PipelineError('definition.unknown', { kind: 'dynamic dimension', name, near: nearest(name, known) })
  }
  for (const key of keys) refuseKey(key)
}
