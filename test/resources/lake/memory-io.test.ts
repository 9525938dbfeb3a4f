import { expect, test } from 'vitest'
import { memoryIo, sql } from '#pipeline'
import { staged, testIo } from './conformance.ts'

testIo('memory', memoryIo)

test('SQL needs an engine, and memory has none', async () => {
  await expect(staged(memoryIo(), sql`select 1 as n`)).rejects.toThrow('asset "things" uses SQL, which needs an engine')
})
