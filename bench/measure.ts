import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** One claim about speed: ours beside the bare library, measured in the same run. */
export interface Measure {
  readonly name: string
  readonly value: number
  readonly unit: string
  /** What the bare library did; null where the goal is absolute. */
  readonly reference: number | null
  readonly ratio: number | null
  readonly goal: string
  /** null where there is no goal: the figure is for information. */
  readonly ok: boolean | null
}

export const report = (measure: Measure): void => void process.stdout.write(`${JSON.stringify(measure)}\n`)

export const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!

/** ms that `work` takes. */
export async function timed(work: () => unknown): Promise<number> {
  const startedAt = performance.now()
  await work()
  return performance.now() - startedAt
}

/** Medians of cases that take turns, so that a busy moment of the machine hits all of them. */
export async function takeTurns<Name extends string>(
  cases: Readonly<Record<Name, (round: number) => Promise<number>>>,
  rounds: number,
): Promise<Record<Name, number>> {
  const values = new Map<string, number[]>()
  for (let round = 0; round < rounds; round++) {
    for (const [name, measure] of Object.entries<(round: number) => Promise<number>>(cases)) {
      values.set(name, [...(values.get(name) ?? []), await measure(round)])
    }
  }
  return Object.fromEntries([...values].map(([name, list]) => [name, median(list)])) as Record<Name, number>
}

/** A folder for the length of `work`. */
export async function inTemporaryFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'bullion-bench-'))
  try {
    return await work(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
