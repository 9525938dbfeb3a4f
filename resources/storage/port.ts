/** A file as a listing tells of it. */
export interface StoredFile {
  /** Relative to the place, with `/` between its parts. */
  readonly path: string
  readonly bytes: number
  /** When it was last written; ms, of a blob in whole seconds. */
  readonly writtenAt: number
}

/** What a file is made of: a file of this machine, or bytes at hand. */
export type Content = { readonly file: string } | { readonly bytes: Uint8Array }

export interface Digest {
  /** Lower case hex. */
  readonly sha256: string
  readonly bytes: number
}

/**
 * The bytes of a place, by path: a folder of this machine, or blobs under a prefix. A file is whole or not there, and
 * never changes. Throws `StorageError`, or the signal's reason when it was aborted.
 */
export interface Storage {
  /** The place as people write it, without secrets. */
  readonly url: string
  /** The folder of this machine that it is, if it is one: its files may be read and written there. */
  readonly folder: string | undefined
  /**
   * Writes a new file durably, and never over another: of several writers of one path, one has `written` it. `same`: it
   * was there already with these bytes. `taken`: it was there with others, and still is.
   */
  put(path: string, content: Content, signal?: AbortSignal): Promise<'written' | 'same' | 'taken'>
  /** Size and hash of what is there; undefined if there is none. */
  digest(path: string, signal?: AbortSignal): Promise<Digest | undefined>
  read(path: string, signal?: AbortSignal): Promise<Buffer | undefined>
  /** Writes what is there to a new file of this machine, durably. False if there is none. */
  fetch(path: string, to: string, signal?: AbortSignal): Promise<boolean>
  /** No error if it is gone. */
  remove(path: string, signal?: AbortSignal): Promise<void>
  /** Gives a file another name that is free. A crash on the way may leave it under both. */
  move(from: string, to: string, signal?: AbortSignal): Promise<void>
  /** The files of one folder, without those of folders in it. */
  list(folder: string, signal?: AbortSignal): AsyncIterable<StoredFile>
  /** Every file of the place. */
  walk(signal?: AbortSignal): AsyncIterable<StoredFile>
}

/** A place did not do what was asked: the message says what, where, why and what to do, and holds no secret. */
export class StorageError extends Error {
  override readonly name = 'StorageError'
  /** `ENOENT`: there is no such file. */
  readonly code: string | undefined

  constructor(message: string, code?: string, cause?: unknown) {
    super(message, { cause })
    this.code = code
  }
}

/** A path that stays inside its place. Throws `StorageError`. */
export function insidePath(path: string): string {
  const isInside = path.split('/').every((part) => part !== '' && part !== '.' && part !== '..')
  if (isInside && !path.includes('\\') && !path.includes('\0')) return path
  throw new StorageError(`path "${path}" may lead out of its place; expected names with "/" between them, none ".."`)
}
