import type { Readable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'

/** A line that is longer comes in pieces. */
const mostCharacters = 8_000

/** Calls `hear` with each line of a stream of text as soon as it is whole. */
export function linesOf(stream: Readable, hear: (line: string) => void): void {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  const take = (text: string): void => {
    const lines = (rest + text).split('\n')
    rest = lines.pop()!
    for (const line of lines) hear(line)
    for (; rest.length > mostCharacters; rest = rest.slice(mostCharacters)) hear(rest.slice(0, mostCharacters))
  }
  stream.on('data', (chunk: Buffer) => take(decoder.write(chunk)))
  stream.once('close', () => {
    if (rest !== '') hear(rest)
  })
}
