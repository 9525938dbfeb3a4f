import { createHash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { addAbortSignal } from 'node:stream'
import type { BlobGetPropertiesResponse, BlobItem, ContainerClient, newPipeline } from '@azure/storage-blob'
import type { Patience } from './azure-request.ts'
import { asking, BrokenOff } from './azure-request.ts'
import { pieceBytes, upload } from './azure-upload.ts'
import type { BlobCredentials, Place } from './place.ts'
import type { Storage, StoredFile } from './port.ts'
import { insidePath, StorageError } from './port.ts'

export interface BlobStorageOptions {
  readonly credentials?: BlobCredentials | undefined
  readonly patience?: Patience
}

/**
 * Blobs of a container, under a prefix. Each carries the hash of its bytes and the id of the call that wrote it as
 * metadata: an upload whose answer was lost finds itself there when it is tried again.
 */
export async function blobStorage(
  place: Extract<Place, { readonly type: 'blob' }>,
  { credentials, patience = { tryMs: 20_000, totalMs: 180_000 } }: BlobStorageOptions = {},
): Promise<Storage> {
  const { containerUrl, prefix } = place
  const container = await openContainer(place, credentials)
  const ask = asking(patience, redacting(credentials))
  const url = `${containerUrl}/${prefix}`.replace(/\/$/, '')
  const urlOf = (path: string) => `${url}/${path}`
  const blobOf = (path: string) => container.getBlockBlobClient(prefix + insidePath(path))

  const properties = (path: string, signal?: AbortSignal) =>
    ask<BlobGetPropertiesResponse | undefined>({
      what: `look at ${urlOf(path)}`,
      signal,
      send: (abortSignal) => blobOf(path).getProperties({ abortSignal }),
      unless: { BlobNotFound: undefined },
    })

  /** Hands out a blob piece by piece, and checks it as a whole. False if there is none. */
  const download = async (path: string, signal: AbortSignal | undefined, take: (piece: Buffer) => unknown) => {
    let piece = await range(path, 0, undefined, signal)
    if (!piece) return false
    const { etag, total, sha256, md5 } = piece
    const hash = createHash(sha256 === undefined ? 'md5' : 'sha256')
    for (let at = 0; ; ) {
      hash.update(piece.bytes)
      await take(piece.bytes)
      at += piece.bytes.length
      if (at >= total) break
      piece = await range(path, at, etag, signal)
      if (!piece) throw new StorageError(`${urlOf(path)} was removed while it was read`, 'ENOENT')
    }
    const expected = sha256 ?? md5
    const got = hash.digest('hex')
    if (expected !== undefined && expected !== got) {
      throw new StorageError(`${urlOf(path)} is damaged: expected hash ${expected}, got ${got}; make it again`)
    }
    return true
  }

  const range = (path: string, at: number, etag: string | undefined, signal: AbortSignal | undefined) =>
    ask<Piece | undefined>({
      what: `read ${urlOf(path)}`,
      bytes: pieceBytes,
      signal,
      async send(abortSignal) {
        const conditions = etag === undefined ? {} : { ifMatch: etag }
        const answer = await blobOf(path).download(at, pieceBytes, { abortSignal, conditions, maxRetryRequests: 0 })
        const bytes = await bytesOf(answer.readableStreamBody as Readable, abortSignal)
        const total = Number(/\/(\d+)$/.exec(answer.contentRange ?? '')?.[1])
        const md5 = answer.blobContentMD5 && Buffer.from(answer.blobContentMD5).toString('hex')
        return { bytes, total, etag: answer.etag!, sha256: answer.metadata?.sha256, md5 }
      },
      // A range of a blob of no bytes can not be had.
      unless: {
        BlobNotFound: undefined,
        InvalidRange: { bytes: Buffer.alloc(0), total: 0, etag: '', sha256: undefined, md5: undefined },
      },
    })

  const pages = async function* (
    what: string,
    page: (token: string | undefined, signal: AbortSignal) => Promise<Page>,
    signal?: AbortSignal,
  ): AsyncGenerator<StoredFile> {
    let token: string | undefined
    do {
      const { items, next }: Page = await ask({ what, signal, send: (abortSignal) => page(token, abortSignal) })
      for (const { name, properties } of items) {
        const writtenAt = properties.lastModified.getTime()
        yield { path: name.slice(prefix.length), bytes: properties.contentLength ?? 0, writtenAt }
      }
      token = next
    } while (token !== undefined && token !== '')
  }

  const storage: Storage = {
    url,
    folder: undefined,

    async put(path, content, signal) {
      const what = `write ${urlOf(path)}`
      for (let round = 1; ; round++) {
        const sent = await upload(blobOf(path), content, { ask, what, signal })
        const found = await properties(path, signal)
        if (found) {
          const isEqual = found.metadata?.sha256 === sent.sha256 && found.contentLength === sent.bytes
          if (found.metadata?.writer !== sent.writer) return isEqual ? 'same' : 'taken'
          if (isEqual) return 'written'
          const bytes = `expected ${sent.bytes} bytes, got ${found.contentLength}`
          throw new StorageError(`${urlOf(path)} is not what was sent: ${bytes}; remove it, and try again`)
        }
        // Somebody may have removed what was in the way.
        if (!sent.isAccepted && round < 3) continue
        const why = sent.isAccepted
          ? 'it was written and is gone; find who removes files there'
          : 'the server refuses it as one that is there, and shows none; look for blocks of another upload that was given up'
        throw new StorageError(`could not ${what}: ${why}, and try again`)
      }
    },

    async digest(path, signal) {
      const found = await properties(path, signal)
      if (!found) return
      const sha256 = found.metadata?.sha256
      if (sha256 !== undefined) return { sha256, bytes: found.contentLength! }
      // Of what others wrote the bytes alone can tell.
      const hash = createHash('sha256')
      let bytes = 0
      const isThere = await download(path, signal, (piece) => {
        hash.update(piece)
        bytes += piece.length
      })
      return isThere ? { sha256: hash.digest('hex'), bytes } : undefined
    },

    async read(path, signal) {
      const pieces: Buffer[] = []
      const isThere = await download(path, signal, (piece) => pieces.push(piece))
      return isThere ? Buffer.concat(pieces) : undefined
    },

    async fetch(path, to, signal) {
      let file: FileHandle | undefined
      try {
        const isThere = await download(path, signal, async (piece) => {
          file ??= await open(to, 'wx')
          await file.writeFile(piece)
        })
        await file?.datasync()
        await file?.close()
        return isThere
      } catch (error) {
        if (file) {
          await file.close()
          await rm(to, { force: true })
        }
        throw error
      }
    },

    async remove(path, signal) {
      await ask<unknown>({
        what: `remove ${urlOf(path)}`,
        signal,
        send: (abortSignal) => blobOf(path).deleteIfExists({ abortSignal }),
      })
    },

    // By way of this machine: a copy inside the server needs rights that not every kind of credentials has.
    async move(from, to, signal) {
      const folder = await mkdtemp(join(tmpdir(), 'bullion-move-'))
      try {
        const file = join(folder, 'file')
        const isThere = await storage.fetch(from, file, signal)
        if (!isThere) throw new StorageError(`${urlOf(from)} can not be moved to "${to}": it is gone`, 'ENOENT')
        const outcome = await storage.put(to, { file }, signal)
        if (outcome === 'taken')
          throw new StorageError(`${urlOf(from)} can not be moved: "${to}" is taken by another file`)
        await storage.remove(from, signal)
      } finally {
        await rm(folder, { recursive: true, force: true })
      }
    },

    list: (folder, signal) =>
      pages(
        `list ${urlOf(folder)}`,
        async (token, abortSignal) => {
          const found = container.listBlobsByHierarchy('/', { prefix: `${prefix}${insidePath(folder)}/`, abortSignal })
          const { value } = await found.byPage(pageFrom(token)).next()
          return { items: value.segment.blobItems, next: value.continuationToken }
        },
        signal,
      ),

    walk: (signal) =>
      pages(
        `list ${url}`,
        async (token, abortSignal) => {
          const { value } = await container.listBlobsFlat({ prefix, abortSignal }).byPage(pageFrom(token)).next()
          return { items: value.segment.blobItems, next: value.continuationToken }
        },
        signal,
      ),
  }
  return storage
}

interface Piece {
  readonly bytes: Buffer
  /** Of the whole blob. */
  readonly total: number
  readonly etag: string
  readonly sha256: string | undefined
  readonly md5: string | undefined
}

interface Page {
  readonly items: readonly BlobItem[]
  readonly next: string | undefined
}

const pageFrom = (token: string | undefined) => ({
  maxPageSize: 5_000,
  ...(token !== undefined && { continuationToken: token }),
})

async function bytesOf(stream: Readable, signal: AbortSignal): Promise<Buffer> {
  const chunks: Buffer[] = []
  try {
    for await (const chunk of addAbortSignal(signal, stream)) chunks.push(chunk as Buffer)
  } catch (cause) {
    throw new BrokenOff((cause as Error).message)
  }
  return Buffer.concat(chunks)
}

async function openContainer(
  { account, containerUrl }: Extract<Place, { readonly type: 'blob' }>,
  credentials: BlobCredentials | undefined,
): Promise<ContainerClient> {
  const azure = await import('@azure/storage-blob')
  // Tries are ours to count: the library's own have no limit of time.
  const openBy = (url: string, credential: Parameters<typeof newPipeline>[0]) =>
    new azure.ContainerClient(url, azure.newPipeline(credential, { retryOptions: { maxTries: 1 } }))
  if (credentials === undefined) {
    if (!containerUrl.startsWith('https:')) {
      throw new StorageError(
        `${containerUrl} needs credentials: expected an account key or a SAS, since it is not https`,
      )
    }
    const { DefaultAzureCredential } = await import('@azure/identity')
    return openBy(containerUrl, new DefaultAzureCredential())
  }
  if ('accountKey' in credentials) {
    return openBy(containerUrl, new azure.StorageSharedKeyCredential(account, credentials.accountKey))
  }
  return openBy(`${containerUrl}?${credentials.sas.replace(/^\?/, '')}`, new azure.AnonymousCredential())
}

function redacting(credentials: BlobCredentials | undefined): (text: string) => string {
  const secrets = secretsOf(credentials).flatMap((secret) => [secret, encodeURIComponent(secret)])
  return (text) => secrets.reduce((clean, secret) => clean.replaceAll(secret, '[secret]'), text)
}

function secretsOf(credentials: BlobCredentials | undefined): readonly string[] {
  if (credentials === undefined) return []
  if ('accountKey' in credentials) return [credentials.accountKey]
  const sas = credentials.sas.replace(/^\?/, '')
  const signature = new URLSearchParams(sas).get('sig')
  return signature ? [sas, signature] : [sas]
}
