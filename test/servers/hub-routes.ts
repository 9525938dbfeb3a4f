/** What the Hub and its storage answer to each request. */

import { createHash } from 'node:crypto'
import type { Blob, Commit, Repository } from './hub-repository.ts'
import { addCommit, blobId, commitAt, historyOf, newRepository, pointerOf, sizeOf } from './hub-repository.ts'

export class Refusal extends Error {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  constructor(status: number, error: string, headers: Readonly<Record<string, string>> = {}) {
    super(error)
    this.status = status
    this.headers = headers
  }
}

export interface Ask {
  readonly method: string
  readonly url: URL
  readonly path: string
  readonly body: Buffer
  readonly authorization: string | undefined
  readonly range: string | undefined
}

export interface Reply {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly json?: unknown
  readonly body?: Buffer
}

export type Route = readonly [method: string, path: RegExp, answer: (ask: Ask, ...parts: string[]) => Reply]

export interface HubState {
  readonly token: string
  readonly pageSize: number
  readonly partSize: number
  readonly urls: { hub: string; storage: string }
  readonly repositories: Map<string, Repository>
  /** Content of large files by sha256. */
  readonly large: Map<string, Buffer>
  beforeCommit: (() => void) | undefined
}

export function hubRoutes(state: HubState): { readonly hub: readonly Route[]; readonly storage: readonly Route[] } {
  const { token, pageSize, partSize, urls, repositories, large } = state
  const parts = new Map<string, Buffer>()

  const repositoryOf = (name: string, ask: Ask): Repository => {
    const repository = repositories.get(name)
    if (!repository || (repository.isPrivate && !isAllowed(ask))) {
      throw new Refusal(404, 'Repository not found', { 'x-error-code': 'RepoNotFound' })
    }
    return repository
  }
  const isAllowed = (ask: Ask): boolean => ask.authorization === `Bearer ${token}`
  const mustBeAllowed = (ask: Ask): void => {
    if (!isAllowed(ask)) throw new Refusal(401, 'Invalid credentials in Authorization header')
  }
  const revisionOf = (repository: Repository, revision: string): Commit => {
    const commit = commitAt(repository, decodeURIComponent(revision))
    if (!commit) throw new Refusal(404, `Invalid rev id: ${revision}`, { 'x-error-code': 'RevisionNotFound' })
    return commit
  }
  const isLarge = (path: string, size: number) => size > 0 && (path.endsWith('.parquet') || size >= 10 * 1024 * 1024)

  const whoami = (ask: Ask): Reply => {
    mustBeAllowed(ask)
    return { json: { type: 'user', name: 'someone' } }
  }

  const info = (ask: Ask, name: string, revision = 'main'): Reply => {
    const repository = repositoryOf(name, ask)
    const { oid, tree } = revisionOf(repository, revision)
    const siblings = [...tree.keys()].map((rfilename) => ({ rfilename }))
    return { json: { _id: name, id: name, sha: oid, private: repository.isPrivate, siblings } }
  }

  const create = (ask: Ask): Reply => {
    mustBeAllowed(ask)
    const { name, organization, visibility } = JSON.parse(String(ask.body))
    const full = `${organization}/${name}`
    if (repositories.has(full)) throw new Refusal(409, 'You already created this dataset repo')
    repositories.set(full, newRepository(full, visibility === 'private'))
    return { json: { url: `${urls.hub}/datasets/${full}`, id: full } }
  }

  const preupload = (ask: Ask, name: string): Reply => {
    mustBeAllowed(ask)
    repositoryOf(name, ask)
    const { files } = JSON.parse(String(ask.body)) as { files: { path: string; size: number }[] }
    if (files.length > 100) throw new Refusal(400, 'too many files in one preupload')
    const modes = files.map(({ path, size }) => ({
      ...{ path, shouldIgnore: false },
      uploadMode: isLarge(path, size) ? 'lfs' : 'regular',
    }))
    return { json: { files: modes } }
  }

  const batch = (ask: Ask): Reply => {
    mustBeAllowed(ask)
    const { objects } = JSON.parse(String(ask.body)) as { objects: { oid: string; size: number }[] }
    const unique = [...new Map(objects.map((object) => [object.oid, object])).values()]
    const answers = unique.map(({ oid, size }) =>
      large.has(oid) ? { oid, size } : { oid, size, actions: { upload: uploadOf(oid, size) } },
    )
    return { json: { transfer: 'basic', objects: answers } }
  }

  const uploadOf = (oid: string, size: number) => {
    const href = `${urls.storage}/upload/${oid}?signature=secret`
    if (size <= partSize) return { href }
    const count = Math.ceil(size / partSize)
    const numbered = Array.from({ length: count }, (_, index) => {
      const part = String(index + 1).padStart(5, '0')
      return [part, `${urls.storage}/part/${oid}/${part}?signature=secret`]
    })
    return { href, header: { chunk_size: String(partSize), ...Object.fromEntries(numbered) } }
  }

  const keepLarge = (oid: string, content: Buffer): Reply => {
    const got = createHash('sha256').update(content).digest('hex')
    if (got !== oid) throw new Refusal(400, `expected content with sha256 ${oid}, got ${got}`)
    large.set(oid, content)
    return {}
  }

  const commit = (ask: Ask, name: string, branch: string): Reply => {
    mustBeAllowed(ask)
    state.beforeCommit?.()
    const repository = repositoryOf(name, ask)
    const head = revisionOf(repository, branch)
    const lines = String(ask.body).split('\n')
    const operations = lines.map((line) => JSON.parse(line) as { key: string; value: Record<string, unknown> })
    const header = operations.find(({ key }) => key === 'header')!.value as { summary: string; parentCommit?: string }
    if (header.parentCommit !== undefined && header.parentCommit !== head.oid) {
      throw new Refusal(412, 'A commit has happened since. Please refresh and try again.')
    }
    const set = new Map<string, Blob>()
    const removed: string[] = []
    for (const { key, value } of operations) {
      const path = String(value.path)
      if (key === 'file') set.set(path, { type: 'regular', content: Buffer.from(String(value.content), 'base64') })
      if (key === 'lfsFile') set.set(path, largeBlob(String(value.oid), Number(value.size)))
      if (key === 'deletedFile' || key === 'deletedFolder') removed.push(path)
    }
    const made = addCommitOrRefuse(repository, decodeURIComponent(branch), { title: header.summary, set, removed })
    return { json: { success: true, commitOid: made.oid, commitUrl: `${urls.hub}/${made.oid}`, hookOutput: '' } }
  }

  const largeBlob = (sha256: string, size: number): Blob => {
    if (large.get(sha256)?.length !== size) throw new Refusal(400, `LFS object ${sha256} was never uploaded`)
    return { type: 'lfs', sha256, size }
  }

  const tree = (ask: Ask, name: string, revision: string, folder = ''): Reply => {
    const { tree } = revisionOf(repositoryOf(name, ask), revision)
    const entries = entriesOf(tree, folder.replace(/^\//, ''), ask.url.searchParams.get('recursive') === 'true')
    const from = Number(ask.url.searchParams.get('cursor') ?? 0)
    const next = new URL(ask.url)
    next.searchParams.set('cursor', String(from + pageSize))
    const hasMore = from + pageSize < entries.length
    const headers = hasMore ? { link: `<${next}>; rel="next"` } : {}
    return { headers, json: entries.slice(from, from + pageSize) }
  }

  const resolve = (ask: Ask, name: string, kind: string, revision: string, path: string): Reply => {
    const { oid, tree } = revisionOf(repositoryOf(name, ask), revision)
    const blob = tree.get(decodeURIComponent(path))
    if (!blob) throw new Refusal(404, 'Entry not found', { 'x-error-code': 'EntryNotFound' })
    const headers = { etag: `"${blobId(blob)}"`, 'x-repo-commit': oid }
    if (blob.type === 'regular') return ranged(ask, blob.content, headers)
    if (kind === 'raw') return { headers, body: pointerOf(blob.sha256, blob.size) }
    const location = `${urls.storage}/object/${blob.sha256}?signature=secret`
    const linked = { 'x-linked-etag': `"${blob.sha256}"`, 'x-linked-size': String(blob.size), location }
    return { status: 302, headers: { ...headers, ...linked } }
  }

  const branchRoute = (ask: Ask, name: string, branch: string): Reply => {
    mustBeAllowed(ask)
    const repository = repositoryOf(name, ask)
    const at = decodeURIComponent(branch)
    if (ask.method === 'DELETE') {
      repository.branches.delete(at)
      return {}
    }
    if (repository.branches.has(at)) throw new Refusal(409, 'Reference already exists')
    const { startingPoint } = JSON.parse(String(ask.body)) as { startingPoint?: string }
    repository.branches.set(at, revisionOf(repository, startingPoint ?? 'main').oid)
    return {}
  }

  const tagRoute = (ask: Ask, name: string, revision: string): Reply => {
    mustBeAllowed(ask)
    const repository = repositoryOf(name, ask)
    const { tag } = JSON.parse(String(ask.body)) as { tag: string }
    if (repository.tags.has(tag)) throw new Refusal(409, 'Tag reference exists already')
    repository.tags.set(tag, revisionOf(repository, revision).oid)
    return {}
  }

  const dataset = '/api/datasets/([^/]+/[^/]+)'
  const hub: readonly Route[] = [
    ['GET', /^\/api\/whoami-v2$/, whoami],
    ['POST', /^\/api\/repos\/create$/, create],
    ['POST', /^\/api\/validate-yaml$/, () => ({ json: { errors: [], warnings: [] } })],
    ['GET', new RegExp(`^${dataset}$`), info],
    ['GET', new RegExp(`^${dataset}/revision/([^/]+)$`), info],
    ['POST', new RegExp(`^${dataset}/preupload/([^/]+)$`), preupload],
    ['POST', new RegExp(`^${dataset}/commit/([^/]+)$`), commit],
    ['GET', new RegExp(`^${dataset}/tree/([^/]+)(/.*)?$`), tree],
    [
      'GET',
      new RegExp(`^${dataset}/commits/([^/]+)$`),
      (ask, name, revision) => ({
        json: historyOf(repositoryOf(name!, ask), revision!).map(({ oid, title, date }) => ({
          ...{ id: oid, title, date, message: '', authors: [] },
        })),
      }),
    ],
    ['GET', new RegExp(`^${dataset}/refs$`), (ask, name) => ({ json: refsOf(repositoryOf(name!, ask)) })],
    ['POST', new RegExp(`^${dataset}/branch/([^/]+)$`), branchRoute],
    ['DELETE', new RegExp(`^${dataset}/branch/([^/]+)$`), branchRoute],
    ['POST', new RegExp(`^${dataset}/tag/([^/]+)$`), tagRoute],
    ['POST', /^\/datasets\/([^/]+\/[^/]+)\.git\/info\/lfs\/objects\/batch$/, batch],
    ['GET', /^\/datasets\/([^/]+\/[^/]+)\/(resolve|raw)\/([^/]+)\/(.+)$/, resolve],
  ]
  const storage: readonly Route[] = [
    ['PUT', /^\/upload\/(\w+)$/, (ask, oid) => keepLarge(oid!, ask.body)],
    [
      'PUT',
      /^\/part\/(\w+)\/(\d+)$/,
      (ask, oid, part) => {
        parts.set(`${oid}/${part}`, ask.body)
        return { headers: { etag: `"${oid}-${part}"` } }
      },
    ],
    [
      'POST',
      /^\/upload\/(\w+)$/,
      (_ask, oid) => {
        const mine = [...parts.keys()].filter((key) => key.startsWith(`${oid}/`)).sort()
        keepLarge(oid!, Buffer.concat(mine.map((key) => parts.get(key)!)))
        return {}
      },
    ],
    ['GET', /^\/object\/(\w+)$/, (ask, oid) => ranged(ask, large.get(oid!)!, { etag: `"${oid}"` })],
  ]
  return { hub, storage }
}

function addCommitOrRefuse(...[repository, branch, change]: Parameters<typeof addCommit>): Commit {
  try {
    return addCommit(repository, branch, change)
  } catch (error) {
    throw new Refusal(404, (error as Error).message, { 'x-error-code': 'EntryNotFound' })
  }
}

function entriesOf(tree: ReadonlyMap<string, Blob>, folder: string, isRecursive: boolean) {
  const prefix = folder === '' ? '' : `${folder}/`
  const inside = [...tree].filter(([path]) => path.startsWith(prefix)).sort(([a], [b]) => (a < b ? -1 : 1))
  const folders = new Set(inside.flatMap(([path]) => foldersBelow(prefix, path)))
  const isDirect = (path: string) => !path.slice(prefix.length).includes('/')
  const files = inside
    .filter(([path]) => isRecursive || isDirect(path))
    .map(([path, blob]) => ({
      ...{ type: 'file', path, oid: blobId(blob), size: sizeOf(blob) },
      ...(blob.type === 'lfs' && { lfs: { oid: blob.sha256, size: blob.size, pointerSize: 130 } }),
    }))
  const directories = [...folders]
    .filter((path) => isRecursive || isDirect(path))
    .map((path) => ({ type: 'directory', path, size: 0, oid: '0'.repeat(40) }))
  return [...directories, ...files]
}

function foldersBelow(prefix: string, path: string): string[] {
  const parts = path.slice(prefix.length).split('/').slice(0, -1)
  return parts.map((_, index) => prefix + parts.slice(0, index + 1).join('/'))
}

function ranged(ask: Ask, content: Buffer, headers: Readonly<Record<string, string>>): Reply {
  const range = /^bytes=(\d+)-(\d*)$/.exec(ask.range ?? '')
  if (!range) return { headers, body: content }
  const [start, end] = [Number(range[1]), Math.min(Number(range[2] || content.length - 1), content.length - 1)]
  const part = content.subarray(start, end + 1)
  return {
    status: 206,
    headers: { ...headers, 'content-range': `bytes ${start}-${end}/${content.length}` },
    body: part,
  }
}

const refsOf = ({ branches, tags }: Repository) => ({
  branches: [...branches].map(([name, targetCommit]) => ({ name, ref: `refs/heads/${name}`, targetCommit })),
  tags: [...tags].map(([name, targetCommit]) => ({ name, ref: `refs/tags/${name}`, targetCommit })),
  converts: [],
})
