import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { linesOf } from '../../../pipeline/run/lines-of.ts'

test('output is heard line by line, however it comes, and a line without an end in pieces', async () => {
  const heard: string[] = []
  const stream = new PassThrough()
  linesOf(stream, (line) => heard.push(line))
  const euro = Buffer.from('€')

  for (const chunk of ['one\ntw', 'o\n\n', euro.subarray(0, 1), euro.subarray(1), '\n', 'x'.repeat(16_500)]) {
    stream.write(chunk)
  }
  stream.destroy()
  await once(stream, 'close')

  expect(heard.slice(0, 4)).toEqual(['one', 'two', '', '€'])
  expect(heard.slice(4).map(({ length }) => length)).toEqual([8_000, 8_000, 500])
})
