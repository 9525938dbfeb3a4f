import { cronOf } from './cron.ts'
import type { Duration } from './duration.ts'
import { durationMs } from './duration.ts'

/**
 * When an asset is to be made, partition by partition; plain data. A condition is true of some partitions at an
 * evaluation. Statuses stay true while they hold (`missing`), events are true at one evaluation only (`newlyUpdated`).
 */
export type Condition = { readonly label?: string } & (
  | { readonly type: Fact }
  | { readonly type: 'and' | 'or'; readonly of: readonly Condition[] }
  | { readonly type: 'not' | 'newlyTrue'; readonly of: Condition }
  | { readonly type: 'since'; readonly of: Condition; readonly reset: Condition }
  | {
      readonly type: 'anyDepsMatch' | 'allDepsMatch'
      readonly of: Condition
      /** Names of the only assets looked at; absent means all that are read. */
      readonly only?: readonly string[]
      readonly except?: readonly string[]
    }
  | { readonly type: 'cronTickPassed'; readonly cron: string; readonly timezone: string }
  | { readonly type: 'inLatestTimeWindow'; readonly lookback?: Duration }
)

type Fact = keyof typeof facts

const facts = {
  missing: 'has never been made, or was removed',
  inProgress: 'is part of a run under way',
  failed: 'failed when it was last tried',
  newlyUpdated: 'made since the previous evaluation',
  updatedApart: 'made since the previous evaluation, by a run that does not make its reader too',
  dataVersionChanged: 'made since the previous evaluation with other content than before',
  codeVersionChanged: 'its code version is another than at the previous evaluation',
  newlyRequested: 'requested at the previous evaluation',
  willBeRequested: 'requested at this evaluation',
  initialEvaluation: 'first evaluation of this condition',
} as const

const fact = (type: Fact) => (): Condition => ({ type })

/** True while a partition has never been made, or was removed. */
export const missing = fact('missing')
/** True while a run that is to make it is under way. */
export const inProgress = fact('inProgress')
/** True while the last attempt at it failed. */
export const failed = fact('failed')
/** True once after it was made. */
export const newlyUpdated = fact('newlyUpdated')
/** True once after it was made with other content than before. */
export const dataVersionChanged = fact('dataVersionChanged')
/** True once after the code version of the asset changed. */
export const codeVersionChanged = fact('codeVersionChanged')
/** True at the evaluation after the one that requested it. */
export const newlyRequested = fact('newlyRequested')
/** True of what this evaluation requests; upstream assets are evaluated first. */
export const willBeRequested = fact('willBeRequested')
/** True at the first evaluation of a condition, and again once it or the way the asset is cut has changed. */
export const initialEvaluation = fact('initialEvaluation')

/** True once after a tick of `cron` passed. Throws `cron.malformed` and `timezone.unknown`. */
export function cronTickPassed(cron: string, timezone = 'UTC'): Condition {
  cronOf(cron, timezone)
  return { type: 'cronTickPassed', cron, timezone }
}

/**
 * True of the newest window of time, and of those that start within `lookback` of its end. Where an asset is not cut by
 * time, all of it. Throws `duration.malformed`.
 */
export function inLatestTimeWindow(lookback?: Duration): Condition {
  if (lookback === undefined) return { type: 'inLatestTimeWindow' }
  durationMs(lookback)
  return { type: 'inLatestTimeWindow', lookback }
}

/** True where all are. */
export const and = (...of: readonly Condition[]): Condition => ({ type: 'and', of })
/** True where any is. */
export const or = (...of: readonly Condition[]): Condition => ({ type: 'or', of })
/** True where it is not. */
export const not = (of: Condition): Condition => ({ type: 'not', of })
/** Makes a status an event: true at the evaluation at which it has become true. */
export const newlyTrue = (of: Condition): Condition => ({ type: 'newlyTrue', of })
/** Makes an event a status: true from when `of` was true until `reset` is. Where both are at once it is false. */
export const since = (of: Condition, reset: Condition): Condition => ({ type: 'since', of, reset })
/** True from when `of` was true until the partition is requested or made, or the condition is evaluated for the first time. */
export const sinceLastHandled = (of: Condition): Condition =>
  since(of, labeled('handled', or(newlyRequested(), newlyUpdated(), initialEvaluation())))

/** True where `of` is true of at least one partition that is read. */
export const anyDepsMatch = (of: Condition): Condition => ({ type: 'anyDepsMatch', of })
/** True where `of` is true of at least one partition of each asset that is read. */
export const allDepsMatch = (of: Condition): Condition => ({ type: 'allDepsMatch', of })

/** True where something read was made since the previous evaluation or will be requested; what a run makes together with its reader does not count. */
export const anyDepsUpdated = (): Condition =>
  labeled('anyDepsUpdated', anyDepsMatch(or({ type: 'updatedApart' }, willBeRequested())))
/** True where something read is missing and will not be requested. */
export const anyDepsMissing = (): Condition =>
  labeled('anyDepsMissing', anyDepsMatch(and(missing(), not(willBeRequested()))))
/** True where something read is being made. */
export const anyDepsInProgress = (): Condition => labeled('anyDepsInProgress', anyDepsMatch(inProgress()))
/** True where every asset that is read was made since the last tick of `cron`, or will be requested. Throws `cron.malformed` and `timezone.unknown`. */
export const allDepsUpdatedSinceCron = (cron: string, timezone = 'UTC'): Condition =>
  labeled(
    `allDepsUpdatedSinceCron(${cron}, ${timezone})`,
    allDepsMatch(or(since(newlyUpdated(), cronTickPassed(cron, timezone)), willBeRequested())),
  )

/** Makes the newest partition whenever something it reads is updated, or when it becomes missing, once all it reads is there. */
export const eager = (): Condition =>
  labeled(
    'eager',
    and(
      inLatestTimeWindow(),
      sinceLastHandled(
        labeled('newlyMissing or updated', or(labeled('newlyMissing', newlyTrue(missing())), anyDepsUpdated())),
      ),
      not(anyDepsMissing()),
      not(anyDepsInProgress()),
      not(inProgress()),
    ),
  )

/** Makes the newest partition once a tick of `cron`, when all that it reads was made since. Throws `cron.malformed` and `timezone.unknown`. */
export const onCron = (cron: string, timezone = 'UTC'): Condition =>
  labeled(
    `onCron(${cron}, ${timezone})`,
    and(
      inLatestTimeWindow(),
      sinceLastHandled(cronTickPassed(cron, timezone)),
      allDepsUpdatedSinceCron(cron, timezone),
    ),
  )

/** Makes the newest partition if it is new or was removed, once all it reads is there. */
export const onMissing = (): Condition =>
  labeled(
    'onMissing',
    and(
      inLatestTimeWindow(),
      labeled('missingSinceLastHandled', sinceLastHandled(newlyTrue(missing()))),
      not(anyDepsMissing()),
    ),
  )

/** Gives a condition a name for explanations, by which `replace` and `without` find it too. */
export const labeled = (label: string, condition: Condition): Condition => ({ ...condition, label })

/** A condition with every occurrence of `old`, a condition or a label, replaced. */
export function replace(condition: Condition, old: Condition | string, by: Condition): Condition {
  if (isThat(condition, old)) return by
  return withParts(condition, (one) => replace(one, old, by))
}

/** A conjunction or disjunction without one of its clauses, a condition or a label: `without(eager(), inLatestTimeWindow())`. */
export function without(condition: Condition, clause: Condition | string): Condition {
  if (condition.type !== 'and' && condition.type !== 'or') return condition
  const of = condition.of.filter((one) => !isThat(one, clause))
  return of.length === 1 ? of[0]! : { ...condition, of }
}

/** A condition that looks at no other of the assets that are read, wherever it looks at them. */
export const allow = (condition: Condition, assets: readonly { readonly name: string }[]): Condition =>
  restricted(condition, (one) => ({ ...one, only: [...new Set([...(one.only ?? []), ...assets.map(nameOf)])] }))

/** A condition that does not look at these of the assets that are read. */
export const ignore = (condition: Condition, assets: readonly { readonly name: string }[]): Condition =>
  restricted(condition, (one) => ({ ...one, except: [...new Set([...(one.except ?? []), ...assets.map(nameOf)])] }))

/** The parts of a condition, in order. */
export function partsOf(condition: Condition): readonly Condition[] {
  switch (condition.type) {
    case 'and':
    case 'or':
      return condition.of
    case 'since':
      return [condition.of, condition.reset]
    default:
      return 'of' in condition ? [condition.of] : []
  }
}

/** What a condition is called: its label, or its own words. */
export function nameOfCondition(condition: Condition): string {
  if (condition.label !== undefined) return condition.label
  if (condition.type === 'cronTickPassed') return `tick of ${condition.cron} (${condition.timezone}) passed`
  if (condition.type === 'inLatestTimeWindow') {
    return condition.lookback === undefined ? 'in the latest window' : `within ${condition.lookback} of the latest end`
  }
  if (condition.type === 'not') return `not: ${nameOfCondition(condition.of)}`
  if (condition.type === 'since')
    return `${nameOfCondition(condition.of)}, and not ${nameOfCondition(condition.reset)} since`
  return condition.type in facts ? facts[condition.type as Fact] : operators[condition.type as keyof typeof operators]
}

const operators = {
  and: 'all of',
  or: 'any of',
  newlyTrue: 'has become true',
  anyDepsMatch: 'of anything it reads',
  allDepsMatch: 'of each asset it reads',
} as const satisfies Record<Exclude<Extract<Condition, { of: unknown }>['type'], 'not' | 'since'>, string>

const nameOf = ({ name }: { readonly name: string }): string => name

const isThat = (condition: Condition, that: Condition | string): boolean =>
  typeof that === 'string' ? condition.label === that : JSON.stringify(condition) === JSON.stringify(that)

function withParts(condition: Condition, change: (one: Condition) => Condition): Condition {
  switch (condition.type) {
    case 'and':
    case 'or':
      return { ...condition, of: condition.of.map(change) }
    case 'since':
      return { ...condition, of: change(condition.of), reset: change(condition.reset) }
    default:
      return 'of' in condition ? { ...condition, of: change(condition.of) } : condition
  }
}

type OverDeps = Extract<Condition, { type: 'anyDepsMatch' | 'allDepsMatch' }>

function restricted(condition: Condition, restrict: (one: OverDeps) => Condition): Condition {
  if (condition.type === 'anyDepsMatch' || condition.type === 'allDepsMatch') return restrict(condition)
  return withParts(condition, (one) => restricted(one, restrict))
}
