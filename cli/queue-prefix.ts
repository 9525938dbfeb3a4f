import { randomUUID } from 'node:crypto'
import type { RunStore } from '#pipeline'

/**
 * What the queues of a deployment are named by. Others may share their server: the workers of one can not make the steps
 * of another, and its daemons are not to be woken instead of those.
 */
export async function queuePrefix(store: RunStore): Promise<string> {
  const known = await store.setting('deployment')
  if (known !== undefined) return `bullion-${known}`
  const made = randomUUID().slice(0, 8)
  // Another process may be faster.
  return (await store.keepSetting('deployment', made, null)) ? `bullion-${made}` : queuePrefix(store)
}
