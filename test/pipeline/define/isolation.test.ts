import { expect, test } from 'vitest'
import { z } from 'zod'
import { defineAsset, definitions, externalAsset, memoryIo, provide } from '#pipeline'

const isolated = (isolate: unknown) =>
  defineAsset({ name: 'books', output: z.strictObject({ n: z.int() }), isolate: isolate as boolean, run: () => [] })

test('an asset is isolated if it says so, and has a limit of memory then', () => {
  const of = (isolate: unknown) => isolated(isolate).isolate

  expect([undefined, false, true, {}, { memoryMb: 4_096 }].map(of)).toEqual([
    undefined,
    undefined,
    { memoryMb: 1_024 },
    { memoryMb: 1_024 },
    { memoryMb: 4_096 },
  ])
  expect(externalAsset({ name: 'rates' }).isolate).toBeUndefined()
})

test.each<readonly [unknown, string]>([
  ['yes', 'expected true or { memoryMb }, got yes'],
  [null, 'expected true or { memoryMb }, got null'],
  [{ memoryMB: 512 }, 'unknown option "memoryMB"; did you mean "memoryMb"?'],
  [{ cores: 2 }, 'unknown option "cores"; it takes "memoryMb"'],
  [{ memoryMb: 64 }, 'expected "memoryMb" of 256 or more, got 64'],
  [{ memoryMb: 1.5 }, 'expected "memoryMb" of 256 or more, got 1.5'],
])('limits that can not be held are refused: %j', (isolate, issue) => {
  expect(() => definitions({ assets: [isolated(isolate)], resources: {}, io: provide(memoryIo) })).toThrow(
    `asset "books" can not be isolated like this: ${issue}`,
  )
})
