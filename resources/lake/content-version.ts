import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'

/**
 * A hash of what a parquet file holds: its data pages, and the names and types of its columns. The footer is left
 * out, since it says when and by whom the file was made.
 */
export async function contentVersion(
  path: string,
  columns: string,
): Promise<{ readonly version: string; readonly bytes: number }> {
  const hash = createHash('sha256').update(columns)
  const file = await open(path, 'r')
  try {
    const bytes = (await file.stat()).size
    // The last 8 bytes are the length of the footer and the magic number.
    const tail = Buffer.alloc(8)
    await file.read(tail, 0, 8, bytes - 8)
    if (tail.toString('latin1', 4) !== 'PAR1') throw new Error(`file "${path}" is no parquet file, or it is cut short`)
    const end = bytes - 8 - tail.readUInt32LE(0)
    const buffer = Buffer.allocUnsafe(Math.min(end, 1 << 20))
    for (let at = 0; at < end; ) {
      const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, end - at), at)
      if (bytesRead === 0) throw new Error(`file "${path}" ends at byte ${at}, expected ${bytes} bytes`)
      hash.update(buffer.subarray(0, bytesRead))
      at += bytesRead
    }
    // What was written is on the disk before the catalogue may point at it.
    await file.datasync()
    return { version: hash.digest('hex').slice(0, 32), bytes }
  } finally {
    await file.close()
  }
}
