import type { SensorAnswer } from '../define/automation.ts'
import type { Definitions } from '../define/definitions.ts'
import type { DynamicKeys } from '../define/dynamic.ts'
import { dynamicNames } from '../define/dynamic.ts'
import { PipelineError } from '../define/errors.ts'
import { nearest } from '../define/nearest.ts'
import { refuseKey } from '../define/partition.ts'
import type { KeyChanges, RunStore } from '../store/port.ts'

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

/** What a sensor would change of the keys `known`. Throws what `refuseKeys` throws. */
export function keyChanges(
  definitions: Definitions,
  { addKeys = {}, removeKeys = {} }: Pick<SensorAnswer<unknown>, 'addKeys' | 'removeKeys'>,
  known: DynamicKeys,
): KeyChanges {
  const changed = (said: DynamicKeys, isChange: (name: string, key: string) => boolean): DynamicKeys => {
    for (const [name, keys] of Object.entries(said)) refuseKeys(definitions, name, keys)
    const changes = Object.entries(said).map(([name, keys]) => [
      name,
      [...new Set(keys)].filter((key) => isChange(name, key)),
    ])
    return Object.fromEntries(changes.filter(([, keys]) => keys!.length > 0))
  }
  return {
    add: changed(addKeys, (name, key) => !known[name]!.includes(key)),
    remove: changed(removeKeys, (name, key) => known[name]!.includes(key) && !addKeys[name]?.includes(key)),
  }
}

/** The keys that there are after changes. */
export function withChanges(known: DynamicKeys, { add, remove }: KeyChanges): DynamicKeys {
  const names = new Set([...Object.keys(known), ...Object.keys(add)])
  const after = [...names].map((name) => {
    const kept = (known[name] ?? []).filter((key) => !remove[name]?.includes(key))
    return [name, [...kept, ...(add[name] ?? [])]]
  })
  return Object.fromEntries(after)
}

/** `added 2 keys of "markets"`; nothing where nothing changes. */
export function changesInWords({ add, remove }: KeyChanges): string | undefined {
  const words = (
    [
      ['added', add],
      ['removed', remove],
    ] as const
  ).flatMap(([verb, changes]) =>
    Object.entries(changes).map(
      ([name, { length }]) => `${verb} ${length} ${length === 1 ? 'key' : 'keys'} of "${name}"`,
    ),
  )
  return words.length === 0 ? undefined : words.join(', ')
}
