import type { PartitionSet } from '../plan/partition-set.ts'
import { add, difference, has, intersection, noPartitions, ordinals, remove, union } from '../plan/partition-set.ts'
import type { Plan, PlannedAsset } from '../plan/plan-run.ts'
import type { Relation } from '../plan/relation.ts'

/** A step by the place of its asset in the plan and the number of its partition. */
export interface StepAt {
  readonly place: number
  readonly ordinal: number
}

/**
 * The moving edge of a plan: which steps wait, which can be taken, which have ended. Nothing is kept a step but two bits
 * and the number of inputs that one still waits for, which is counted when the first of them ends.
 */
export interface Frontier {
  /** Steps that have not ended. */
  readonly left: number
  /** Takes at most `most` steps that can run, those nearest the end of the plan first. */
  take(most: number): readonly StepAt[]
  /** Whether the step can be taken now. */
  isReady(step: StepAt): boolean
  /** Takes one step that `isReady`. */
  claim(step: StepAt): void
  /**
   * Ends a step. `made`: those that read it may come nearer; otherwise those that need it end too, and are returned with
   * it. `undefined` if it had ended before.
   */
  end(step: StepAt, made: boolean): readonly StepAt[] | undefined
  /** Ends every step that was not taken; returns how many, by place. */
  dropRest(): readonly number[]
}

interface Reader {
  readonly place: number
  readonly relation: Relation
}

/** Starts at the edge of `plan` where nothing has been made. */
export function openFrontier(plan: Plan): Frontier {
  const { assets } = plan
  const readers = readersOf(plan)
  const ended = assets.map(({ space }) => noPartitions(space))
  /** Neither taken nor ended. */
  const open = assets.map(({ todo }) => ({ space: todo.space, bits: todo.bits.slice() }))
  const ready = assets.map((planned) => difference(planned.todo, waitingOf(plan, planned)))
  const waits = assets.map(() => new Map<number, number>())
  const cursors = assets.map(() => 0)
  let left = plan.size
  // What is of higher priority first, and of the same what is nearest the end: whole chains end early.
  const order = assets
    .map((_, place) => place)
    .sort((a, b) => assets[b]!.asset.priority - assets[a]!.asset.priority || b - a)

  const count = ({ place, ordinal }: StepAt): number =>
    assets[place]!.inputs.reduce(
      (sum, { planned, relation }) =>
        planned < 0
          ? sum
          : sum + relation.sourcesOf(ordinal).filter((source) => has(assets[planned]!.todo, source)).length,
      0,
    )

  const makeReady = ({ place, ordinal }: StepAt): void => {
    add(ready[place]!, ordinal)
    cursors[place] = Math.min(cursors[place]!, ordinal >>> 5)
  }

  const claim = ({ place, ordinal }: StepAt): void => {
    remove(ready[place]!, ordinal)
    remove(open[place]!, ordinal)
  }

  const next = (place: number): number | undefined => {
    const { bits } = ready[place]!
    for (let at = cursors[place]!; at < bits.length; at++) {
      const word = bits[at]!
      cursors[place] = at
      if (word !== 0) return at * 32 + 31 - Math.clz32(word & -word)
    }
    cursors[place] = bits.length
    return undefined
  }

  return {
    get left() {
      return left
    },
    take(most) {
      const taken: StepAt[] = []
      for (const place of order) {
        while (taken.length < most) {
          const ordinal = next(place)
          if (ordinal === undefined) break
          claim({ place, ordinal })
          taken.push({ place, ordinal })
        }
      }
      return taken
    },
    isReady: ({ place, ordinal }) => has(ready[place]!, ordinal),
    claim,
    end(first, made) {
      if (has(ended[first.place]!, first.ordinal)) return undefined
      const all: StepAt[] = []
      const ending = [{ step: first, made }]
      for (let one = ending.pop(); one; one = ending.pop()) {
        const { step } = one
        if (has(ended[step.place]!, step.ordinal)) continue
        add(ended[step.place]!, step.ordinal)
        claim(step)
        waits[step.place]!.delete(step.ordinal)
        left -= 1
        all.push(step)
        for (const { place, relation } of readers[step.place]!) {
          for (const ordinal of relation.readersOf(step.ordinal)) {
            const reader = { place, ordinal }
            if (!has(open[place]!, ordinal) || has(ready[place]!, ordinal)) continue
            if (!one.made && !relation.dependency.optional) {
              ending.push({ step: reader, made: false })
              continue
            }
            const rest = (waits[place]!.get(ordinal) ?? count(reader)) - 1
            if (rest > 0) waits[place]!.set(ordinal, rest)
            else {
              waits[place]!.delete(ordinal)
              makeReady(reader)
            }
          }
        }
      }
      return all
    },
    dropRest() {
      return open.map((set, place) => {
        let dropped = 0
        for (const ordinal of ordinals(set)) {
          add(ended[place]!, ordinal)
          dropped += 1
        }
        set.bits.fill(0)
        ready[place]!.bits.fill(0)
        waits[place]!.clear()
        left -= dropped
        return dropped
      })
    },
  }
}

/** By place: which planned assets read it. */
function readersOf({ assets }: Plan): readonly (readonly Reader[])[] {
  const readers: Reader[][] = assets.map(() => [])
  for (const [place, { inputs }] of assets.entries()) {
    for (const { planned, relation } of inputs) if (planned >= 0) readers[planned]!.push({ place, relation })
  }
  return readers
}

/** The steps of an asset that read another step of the plan. */
function waitingOf({ assets }: Plan, { space, todo, inputs }: PlannedAsset): PartitionSet {
  return inputs.reduce(
    (waiting, { planned, relation }) =>
      planned < 0 ? waiting : union(waiting, intersection(todo, relation.allReadersOf(assets[planned]!.todo))),
    noPartitions(space),
  )
}
