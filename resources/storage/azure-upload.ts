import { createHash, randomUUID } from 'node:crypto'
import { open } from 'node:fs/promises'
import type { BlockBlobClient } from '@azure/storage-blob'
import type { Ask } from './azure-request.ts'
import type { Content } from './port.ts'
import { StorageError } from './port.ts'

/** What one request carries at most. A file that is larger goes in blocks, and comes in ranges, of this size. */
export const pieceBytes = 8 * 1024 * 1024
/** Blocks of one file on their way at once. */
const lanes = 4

/** Answers that say that a blob of this name may be there: who looks will know. */
const perhapsThere = {
  BlobAlreadyExists: false,
  ConditionNotMet: false,
  UnauthorizedBlobOverwrite: false,
  BlobImmutableDueToPolicy: false,
  // Another writer of this name has committed its own blocks, which throws ours away.
  InvalidBlockList: false,
} as const

/** What a call sent, by which a blob is known as its own. */
export interface Sent {
  /** Metadata of the blob. */
  readonly sha256: string
  /** Id of this call, in the metadata too. */
  readonly writer: string
  readonly bytes: number
  /** Whether the server took it now: or else it refused it because of a blob that is there, which may be ours. */
  readonly isAccepted: boolean
}

/** Sends a new blob, whole or by blocks that one request makes a blob of: half a blob is never there. */
export async function upload(
  blob: BlockBlobClient,
  content: Content,
  by: { readonly ask: Ask; readonly what: string; readonly signal: AbortSignal | undefined },
): Promise<Sent> {
  const { ask, ...request } = by
  const writer = randomUUID()
  const source = await openSource(content)
  const about = () => ({
    conditions: { ifNoneMatch: '*' },
    metadata: { sha256: source.sha256(), writer },
    blobHTTPHeaders: { blobContentMD5: source.md5() },
  })
  try {
    by.signal?.throwIfAborted()
    const first = await source.next()
    const isWhole = first.length === source.bytes
    const ids = isWhole ? [] : await sendBlocks(first)
    const isAccepted = await ask({
      ...{ ...request, bytes: isWhole ? first.length : 0, unless: perhapsThere },
      async send(abortSignal) {
        if (isWhole) {
          const transactionalContentMD5 = source.md5()
          await blob.upload(first, first.length, { ...about(), abortSignal, transactionalContentMD5 })
        } else await blob.commitBlockList(ids, { ...about(), abortSignal })
        return true
      },
    })
    return { sha256: source.sha256(), writer, bytes: source.bytes, isAccepted }
  } finally {
    await source.close()
  }

  async function sendBlocks(first: Buffer): Promise<string[]> {
    const ids: string[] = []
    const send = async (bytes: Buffer): Promise<void> => {
      // Writers of one name share the list of its blocks: each names its own.
      const id = Buffer.from(`${writer}-${String(ids.length).padStart(6, '0')}`).toString('base64')
      ids.push(id)
      const transactionalContentMD5 = createHash('md5').update(bytes).digest()
      await ask({
        ...{ ...request, bytes: bytes.length },
        send: (abortSignal) => blob.stageBlock(id, bytes, bytes.length, { abortSignal, transactionalContentMD5 }),
      })
    }
    for (let piece = first; piece.length > 0; ) {
      const sent: Promise<void>[] = []
      // Read in turn, because they are hashed in turn.
      while (piece.length > 0 && sent.length < lanes) {
        sent.push(send(piece))
        piece = await source.next()
      }
      await allOf(sent)
    }
    return ids
  }
}

/** All have ended when it ends; the first that failed is its error. */
async function allOf(work: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(work)).find(({ status }) => status === 'rejected')
  if (failed) throw (failed as PromiseRejectedResult).reason
}

/** A content piece by piece, empty at its end, hashed on its way. */
async function openSource(content: Content) {
  const file = 'file' in content ? await open(content.file, 'r') : undefined
  const bytes = 'bytes' in content ? content.bytes.length : (await file!.stat()).size
  const [sha256, md5] = [createHash('sha256'), createHash('md5')]
  let at = 0
  return {
    bytes,
    async next(): Promise<Buffer> {
      const piece = Buffer.alloc(Math.min(pieceBytes, bytes - at))
      if ('bytes' in content) piece.set(content.bytes.subarray(at, at + piece.length))
      else {
        const { bytesRead } = await file!.read(piece, 0, piece.length, at)
        if (bytesRead < piece.length) throw new StorageError(`file "${content.file}" became shorter while it was read`)
      }
      at += piece.length
      sha256.update(piece)
      md5.update(piece)
      return piece
    },
    sha256: () => sha256.copy().digest('hex'),
    md5: () => md5.copy().digest(),
    close: async () => file?.close(),
  }
}
