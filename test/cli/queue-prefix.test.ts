import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { sqliteStore } from '#pipeline'
import { queuePrefix } from '../../cli/queue-prefix.ts'
import { temporaryFolder } from './run-bullion.ts'

test('the processes of one store name their queues alike, and those of another store otherwise', async () => {
  const open = (file: string) => {
    const store = sqliteStore(file)
    onTestFinished(() => store.close())
    return store
  }
  const [file, other] = [join(temporaryFolder(), 'store.sqlite'), join(temporaryFolder(), 'store.sqlite')]

  const [first, second, third] = await Promise.all([open(file), open(file), open(other)].map(queuePrefix))

  expect(first).toMatch(/^bullion-[0-9a-f]{8}$/)
  expect(second).toBe(first)
  expect(third).not.toBe(first)
})
