import { isAbsolute, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { StorageError } from './port.ts'

/** What opens a container of blobs; the surroundings are asked (`DefaultAzureCredential`) where none is given. */
export type BlobCredentials = { readonly accountKey: string } | { readonly sas: string }

/** Where a place is. */
export type Place =
  | { readonly type: 'folder'; readonly folder: string }
  | {
      readonly type: 'blob'
      readonly account: string
      /** Of the container, without an end. */
      readonly containerUrl: string
      /** Empty, or with `/` at its end. */
      readonly prefix: string
    }

/**
 * The place that a URL or a plain path names: `file:///var/lib/lake`, `https://ACCOUNT.blob.core.windows.net/CONTAINER/PREFIX`,
 * and for servers that are named by their address `http://127.0.0.1:10000/ACCOUNT/CONTAINER/PREFIX`. Throws `StorageError`.
 */
export function placeOf(url: string): Place {
  if (isAbsolute(url) || !/^[a-z][a-z0-9+.-]+:\/\//i.test(url)) return { type: 'folder', folder: resolve(url) }
  const shown = url.replace(/[?#].*$/s, '').replace(/\/\/[^/@]*@/, '//')
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (parsed?.protocol === 'file:') return { type: 'folder', folder: fileURLToPath(parsed) }
  if (parsed?.protocol !== 'https:' && parsed?.protocol !== 'http:') {
    throw new StorageError(
      `place "${shown}" is unknown; expected a path, file:///FOLDER or https://ACCOUNT.blob.core.windows.net/CONTAINER/PREFIX`,
    )
  }
  if (parsed.search !== '' || parsed.hash !== '' || parsed.username !== '' || parsed.password !== '') {
    throw new StorageError(
      `the URL of "${shown}" holds more than a place; give a SAS or a key as credentials, not in the URL`,
    )
  }
  const parts = parsed.pathname
    .split('/')
    .filter((part) => part !== '')
    .map(decodeURIComponent)
  const host = /^([a-z0-9]+)\.blob\./.exec(parsed.hostname)
  const account = host ? host[1] : parts.shift()
  const [container, ...prefix] = parts
  if (account === undefined || container === undefined) {
    throw new StorageError(
      `place "${shown}" names no container; expected https://ACCOUNT.blob.core.windows.net/CONTAINER/PREFIX`,
    )
  }
  return {
    type: 'blob',
    account,
    containerUrl: `${parsed.origin}/${host ? '' : `${account}/`}${container}`,
    prefix: prefix.map((part) => `${part}/`).join(''),
  }
}
