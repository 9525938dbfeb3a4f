import type { RunStore } from './port.ts'
import type { WriteName } from './transaction.ts'

/** Which calls of one transaction can be carried out together, whatever their order. */

/** The calls of every step, which have statements for many at once. */
type HotName = 'claim' | 'publish' | 'settle' | 'log'
type CallOf<Name extends WriteName> = { readonly operation: Name; readonly args: Parameters<RunStore[Name]> }
export type PostgresCall = { readonly [Name in WriteName]: CallOf<Name> }[WriteName]
export type HotCall = { readonly [Name in HotName]: CallOf<Name> }[HotName]
type ClaimCall = Extract<HotCall, { readonly operation: 'claim' }>

/** Neighbours in order. Those of a group of several touch different partitions, and none reads what another writes. */
export type CallGroup =
  | { readonly type: 'together'; readonly calls: readonly HotCall[] }
  | { readonly type: 'alone'; readonly call: PostgresCall }

export function groupsOf(calls: readonly PostgresCall[]): readonly CallGroup[] {
  const groups: CallGroup[] = []
  let open: OpenGroup | undefined
  for (const call of calls) {
    if (!isHot(call)) {
      open = undefined
      groups.push({ type: 'alone', call })
      continue
    }
    if (!open || !fits(call, open)) {
      open = { calls: [], leaseMs: undefined, claimed: new Set(), ended: new Set(), read: new Set(), logged: new Set() }
      groups.push({ type: 'together', calls: open.calls })
    }
    enter(call, open)
  }
  return groups
}

interface OpenGroup {
  readonly calls: HotCall[]
  /** The same for all claims. */
  leaseMs: number | undefined
  readonly claimed: Set<string>
  readonly ended: Set<string>
  /** Inputs of claims. */
  readonly read: Set<string>
  readonly logged: Set<string>
}

function isHot(call: PostgresCall): call is HotCall {
  switch (call.operation) {
    case 'publish':
    case 'settle':
    case 'log':
      return true
    case 'claim':
      // The second claim of a key is refused because of the first.
      return call.args[0].keys.length === 1 || new Set(call.args[0].keys).size === call.args[0].keys.length
    default:
      return false
  }
}

function fits(call: HotCall, { claimed, ended, read, logged, leaseMs }: OpenGroup): boolean {
  switch (call.operation) {
    case 'claim': {
      const isBusy = (one: string) => claimed.has(one) || ended.has(one) || logged.has(one)
      return (
        (leaseMs === undefined || leaseMs === call.args[0].leaseMs) &&
        !claims(call).some(isBusy) &&
        !inputs(call).some((one) => ended.has(one))
      )
    }
    case 'publish':
    case 'settle': {
      const one = partition(call.args[0].asset, call.args[0].key)
      return !claimed.has(one) && !ended.has(one) && !read.has(one)
    }
    case 'log': {
      // Lines of a log are written first.
      const one = partition(call.args[1], call.args[2])
      return !claimed.has(one) && !ended.has(one)
    }
    default:
      return call satisfies never
  }
}

function enter(call: HotCall, group: OpenGroup): void {
  group.calls.push(call)
  switch (call.operation) {
    case 'claim':
      group.leaseMs = call.args[0].leaseMs
      for (const one of claims(call)) group.claimed.add(one)
      for (const one of inputs(call)) group.read.add(one)
      break
    case 'publish':
    case 'settle':
      group.ended.add(partition(call.args[0].asset, call.args[0].key))
      break
    case 'log':
      group.logged.add(partition(call.args[1], call.args[2]))
      break
    default:
      call satisfies never
  }
}

const partition = (asset: string, key: string) => `${asset}\n${key}`
const claims = ({ args: [ask] }: ClaimCall) => ask.keys.map((key) => partition(ask.asset, key))
const inputs = ({ args: [ask] }: ClaimCall) =>
  ask.inputs.flatMap(({ asset, keys }) => keys.map((key) => partition(asset, key)))
