import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { BadInput } from '../config.ts'
import { parseFaults } from '../sandbox/faults.ts'

/** What the sandbox is to do wrong. Throws `BadInput`. */
export function faultsFrom(text: string): ReturnType<typeof parseFaults> {
  try {
    return parseFaults(text)
  } catch (error) {
    throw new BadInput(`--faults: ${(error as Error).message}`)
  }
}

/** The seed of a generated market. Throws `BadInput`. */
export function seedFrom(text: string): number {
  const seed = Number(text)
  if (!Number.isSafeInteger(seed)) throw new BadInput(`--seed must be a whole number, got "${text}"`)
  return seed
}

/** A folder of recordings, as an absolute path. Throws `BadInput`. */
export function replayFrom(text: string): string {
  if (!existsSync(text)) throw new BadInput(`there is no folder "${text}"; check --replay`)
  return resolve(text)
}
