/** Files that are on the disk, not only in its cache, when the promise resolves. */

import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import type { ReleaseFile } from './port.ts'

export interface Digest {
  readonly sha256: string
  readonly bytes: number
}

/** Size and sha256 of a file; undefined if there is none. */
export async function digestOf(path: string, signal: AbortSignal): Promise<Digest | undefined> {
  const digest = digesting(() => createReadStream(path, { signal, highWaterMark: 1 << 20 }))
  try {
    for await (const _ of digest.bytes);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw error
  }
  return digest.result()
}

/** Writes a new read-only file and tells what was written: the bytes are hashed on their way. */
export async function writeDurably(file: ReleaseFile, to: string, signal: AbortSignal): Promise<Digest> {
  const { content } = file
  const digest = digesting(() =>
    'text' in content
      ? [Buffer.from(content.text)]
      : createReadStream(content.file, { signal, highWaterMark: 1 << 20 }),
  )
  const handle = await open(to, 'wx', 0o444)
  try {
    await handle.writeFile(digest.bytes, { signal })
    await handle.sync()
  } finally {
    await handle.close()
  }
  return digest.result()
}

/** A name in a folder is on the disk when the folder is. */
export async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

// A stream is opened by its reader only: one that fails before anyone listens would end the process.
function digesting(open: () => AsyncIterable<Buffer> | Iterable<Buffer>) {
  const hash = createHash('sha256')
  let bytes = 0
  return {
    bytes: (async function* () {
      for await (const chunk of open()) {
        hash.update(chunk)
        bytes += chunk.length
        yield chunk
      }
    })(),
    result: (): Digest => ({ sha256: hash.digest('hex'), bytes }),
  }
}
