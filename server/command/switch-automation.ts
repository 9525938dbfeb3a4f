import type { Engine } from '#pipeline'
import { setAutomation } from '#pipeline'

/** Switches a schedule or sensor for every process of the store. Throws `definition.unknown`. */
export async function switchAutomation(
  { definitions, store }: Pick<Engine, 'definitions' | 'store'>,
  name: string,
  isOn: boolean,
): Promise<{ readonly isOn: boolean }> {
  await setAutomation({ definitions, store, now: await store.now() }, name, isOn)
  return { isOn }
}
