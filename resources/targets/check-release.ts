import { createHash } from 'node:crypto'
import type { Release, ReleaseFile } from './port.ts'
import { PublishError } from './port.ts'

/** Refuses a release that no target may write, before anything is touched. Throws `PublishError`. */
export function checkRelease(target: string, release: Release): void {
  const refuse = (what: string): never => {
    throw new PublishError(`target "${target}" refuses release "${release.id}": ${what}`)
  }
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(release.id)) {
    refuse('expected an id of letters, digits, ".", "_" and "-"; make it with releaseId()')
  }
  const paths = new Set<string>()
  for (const file of release.files) {
    const fault = pathFault(file.path)
    if (fault) refuse(`path "${file.path}" ${fault}; use a relative path such as "data/1h/okx/2024-01.parquet"`)
    if (paths.has(file.path)) refuse(`path "${file.path}" is listed twice; list each file once`)
    paths.add(file.path)
  }
  for (const file of release.files) {
    for (const folder of foldersOf(file.path)) {
      if (paths.has(folder)) refuse(`"${folder}" is a file and also the folder of "${file.path}"; rename one of them`)
    }
    const fault = digestFault(file)
    if (fault) refuse(fault)
  }
}

/** What is wrong with bytes that are not those the release declares, and what to do. */
export const notAsDeclared = (file: ReleaseFile, got: { readonly sha256: string; readonly bytes: number }): string =>
  `file "${file.path}" is expected to have ${file.bytes} bytes with sha256 ${file.sha256}, ` +
  `got ${got.bytes} bytes with sha256 ${got.sha256}` +
  ('file' in file.content ? ` from "${file.content.file}"` : '') +
  '; it has changed since the release was described, so make the release again'

/** The folders above a path, outermost first: `data`, `data/1h` of `data/1h/a.parquet`. */
export function foldersOf(path: string): readonly string[] {
  const parts = path.split('/').slice(0, -1)
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'))
}

function pathFault(path: string): string | undefined {
  if (path.startsWith('/') || /^[A-Za-z]:/.test(path)) return 'is absolute'
  if (path.includes('\\')) return 'has a backslash'
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  if (/[\u0000-\u001f\u007f]/.test(path)) return 'has a control character'
  const parts = path.split('/')
  if (parts.some((part) => part === '..' || part === '.')) return 'leaves or repeats its folder by "." or ".."'
  if (parts.some((part) => part === '')) return 'has an empty part'
  return parts.some((part) => Buffer.byteLength(part) > 255) ? 'has a part longer than 255 bytes' : undefined
}

function digestFault(file: ReleaseFile): string | undefined {
  const { path, sha256, bytes, content } = file
  if (!/^[0-9a-f]{64}$/.test(sha256))
    return `file "${path}" needs a sha256 of 64 lower case hex digits, got "${sha256}"`
  if (!Number.isSafeInteger(bytes) || bytes < 0) return `file "${path}" needs its size in bytes, got ${bytes}`
  if (!('text' in content)) return
  const got = {
    bytes: Buffer.byteLength(content.text),
    sha256: createHash('sha256').update(content.text).digest('hex'),
  }
  return got.bytes === bytes && got.sha256 === sha256 ? undefined : notAsDeclared(file, got)
}
