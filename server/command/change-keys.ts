import type { Engine } from '#pipeline'
import type { Answer, Asked } from '../contract/contract.ts'
import { Refusal } from '../served.ts'

/** Adds keys to a dynamic dimension and removes others. What could not be added leaves all as it is. */
export async function changeKeys(engine: Engine, ask: Asked<'changeKeys'>): Promise<Answer<'changeKeys'>> {
  const { dimension, add, remove } = ask
  const both = add.find((key) => remove.includes(key))
  if (both !== undefined) {
    const message = `key "${both}" of "${dimension}" is to be added and removed; say one of them`
    throw new Refusal(400, 'partition.key-invalid', message)
  }
  const known = new Set(await engine.keysOf(dimension))
  const added = await engine.addKeys(dimension, add)
  const removed = await engine.removeKeys(
    dimension,
    remove.filter((key) => known.has(key)),
  )
  return { added: [...added], removed: [...removed] }
}
