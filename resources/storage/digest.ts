import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import type { Content, Digest } from './port.ts'

export const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** Hash and size of a file or of bytes. Throws `ENOENT` if the file is not there. */
export async function digestOf(content: Content, signal?: AbortSignal): Promise<Digest> {
  if ('bytes' in content) return { sha256: sha256Of(content.bytes), bytes: content.bytes.length }
  const hash = createHash('sha256')
  let bytes = 0
  for await (const chunk of createReadStream(content.file, { signal, highWaterMark: 1 << 20 })) {
    hash.update(chunk as Buffer)
    bytes += (chunk as Buffer).length
  }
  return { sha256: hash.digest('hex'), bytes }
}
