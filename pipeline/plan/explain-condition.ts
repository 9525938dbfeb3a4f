import { nameOfCondition } from '../define/condition.ts'
import type { Verdict } from './evaluate-clause.ts'
import type { PartitionSet } from './partition-set.ts'
import { allPartitions, intersection, isEmpty, printSet, size } from './partition-set.ts'

/** One clause of a condition, seen from the partitions asked about. */
export interface Explained {
  readonly clause: string
  /** The asset it was looked up for. */
  readonly asset: string
  /** Of how many of the partitions that matter to those asked about it is true. */
  readonly trueOf: number
  readonly of: number
  /** Which, as `printSet` writes them. */
  readonly partitions: string
  readonly parts: readonly Explained[]
}

/** Why partitions are asked for or not: every clause, and for what is read the partitions that these read. */
export function explained(verdict: Verdict, about: PartitionSet = allPartitions(verdict.set.space)): Explained {
  const isTrue = intersection(verdict.set, about)
  return {
    clause: nameOfCondition(verdict.condition),
    asset: verdict.asset,
    trueOf: size(isTrue),
    of: size(about),
    partitions: printSet(isTrue),
    parts: verdict.parts.map((part) => {
      const theirs = part.read && !isEmpty(about) ? part.read.allSourcesOf(about) : about
      return explained(part, theirs)
    }),
  }
}

/** An explanation as lines, each clause under the one it is part of. */
export function printExplained(one: Explained, depth = 0, reader = one.asset): string[] {
  const where = one.asset === reader ? '' : ` (${one.asset})`
  const which = one.trueOf > 0 && one.trueOf < one.of ? `: ${shortened(one.partitions)}` : ''
  const line = `${'  '.repeat(depth)}${answerOf(one)} ${one.clause}${where}${which}`
  return [line, ...one.parts.flatMap((part) => printExplained(part, depth + 1, one.asset))]
}

function answerOf({ trueOf, of }: Explained): string {
  if (of === 0) return 'no partition:'
  if (of === 1) return trueOf === 1 ? 'yes' : 'no '
  return `${trueOf} of ${of}`
}

const shortened = (text: string): string => (text.length > 60 ? `${text.slice(0, 60)}…` : text)
