import type { GlobalOptions } from './context.ts'
import { openWriter } from './context.ts'
import { counted, print, printJson, styled } from './terminal.ts'

/** Shows the keys that a dynamic dimension has now, in the order in which they were first added. */
export async function listKeys(name: string, options: GlobalOptions): Promise<void> {
  const context = await openWriter(options)
  try {
    const keys = await context.engine.keysOf(name)
    if (options.json) return printJson(keys)
    if (keys.length === 0) return print(`"${name}" has no keys yet; add one with: bullion keys add ${name} KEY`)
    for (const key of keys) print(key)
    print(styled('dim', `${counted(keys.length, 'key')}`))
  } finally {
    await context.close()
  }
}

/** Adds keys to a dynamic dimension, or removes them; what was made of a removed key stays. */
export async function changeKeys(
  verb: 'add' | 'remove',
  name: string,
  keys: readonly string[],
  options: GlobalOptions,
): Promise<void> {
  const context = await openWriter(options)
  try {
    const { engine } = context
    const changed = verb === 'add' ? await engine.addKeys(name, keys) : await engine.removeKeys(name, keys)
    if (options.json) return printJson(changed)
    const done = verb === 'add' ? 'added' : 'removed'
    for (const key of keys) {
      const isChanged = changed.includes(key)
      print(isChanged ? `${done} "${key}"` : `"${key}" was ${verb === 'add' ? 'there already' : 'not there'}`)
    }
  } finally {
    await context.close()
  }
}
