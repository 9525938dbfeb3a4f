import { createHash } from 'node:crypto'
import { openAsBlob } from 'node:fs'
import { notAsDeclared } from '../targets/check-release.ts'
import type { Release, ReleaseFile } from '../targets/port.ts'
import { PublishError } from '../targets/port.ts'

/**
 * The bytes of a file, read once to prove that they are what the release declares. They are read again when they are
 * sent: Node then refuses a file that was touched since. Throws `PublishError`.
 */
export async function provenBlob(
  target: string,
  release: Release,
  file: ReleaseFile,
  signal: AbortSignal,
): Promise<Blob> {
  if ('text' in file.content) return new Blob([file.content.text])
  const refuse = (why: string, cause?: unknown) =>
    new PublishError(`release "${release.id}" is not published to "${target}": ${why}`, { cause })
  const blob = await openAsBlob(file.content.file).catch((error: Error) => {
    throw refuse(`file "${file.path}" can not be read: ${error.message}; make the release again`, error)
  })
  const hash = createHash('sha256')
  for await (const chunk of blob.stream()) {
    signal.throwIfAborted()
    hash.update(chunk)
  }
  const got = { bytes: blob.size, sha256: hash.digest('hex') }
  if (got.bytes !== file.bytes || got.sha256 !== file.sha256) throw refuse(notAsDeclared(file, got))
  return blob
}
