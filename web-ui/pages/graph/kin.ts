import type { Edge, Shape } from './shape.ts'

/** Neighbours by box, made once a shape. */
export interface Kin {
  readonly before: readonly (readonly number[])[]
  readonly after: readonly (readonly number[])[]
}

export function kinOf({ boxes, edges }: Shape): Kin {
  const before: number[][] = boxes.map(() => [])
  const after: number[][] = boxes.map(() => [])
  for (const { from, to } of edges) {
    before[to]!.push(from)
    after[from]!.push(to)
  }
  return { before, after }
}

/** A box with all it is made from, and all that is made from it. */
export function familyOf({ before, after }: Kin, box: number): ReadonlySet<number> {
  const up = reach(box, before)
  const down = reach(box, after)
  return new Set([...up, ...down])
}

export const isWithin = (family: ReadonlySet<number>, { from, to }: Edge): boolean => family.has(from) && family.has(to)

function reach(from: number, next: readonly (readonly number[])[]): ReadonlySet<number> {
  const seen = new Set([from])
  for (const box of seen) for (const other of next[box]!) seen.add(other)
  return seen
}
