import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Release, ReleaseFile } from '../../../resources/targets/port.ts'

export interface Desk {
  readonly folder: string
  /** A release of these contents. Data comes from files, as it does from the lake; all else is text. */
  release(id: string, contents: Readonly<Record<string, string | Buffer>>): Promise<Release>
  clear(): Promise<void>
}

/** A temporary folder where releases are prepared. */
export async function aDesk(): Promise<Desk> {
  const folder = await mkdtemp(join(tmpdir(), 'bullion-release-'))
  let count = 0
  return {
    folder,
    async release(id, contents) {
      const source = join(folder, String(count++))
      await mkdir(source)
      const files: ReleaseFile[] = []
      for (const [path, content] of Object.entries(contents)) {
        const sha256 = createHash('sha256').update(content).digest('hex')
        const file = join(source, `${files.length}`)
        if (path.startsWith('data/')) await writeFile(file, content)
        const from = path.startsWith('data/') ? { file } : { text: String(content) }
        files.push({ path, sha256, bytes: Buffer.byteLength(content), content: from })
      }
      return { id, summary: `${files.length} files`, files }
    },
    clear: () => rm(folder, { recursive: true }),
  }
}

/** Three files as a dataset has them; `rows` is the content of the current month. */
export const contents = (id: string, rows = 'rows of february') => ({
  'README.md': `# release ${id}\n`,
  'spec.json': `{"release":"${id}"}\n`,
  'data/1h/binance/2024-01.parquet': 'rows of january',
  'data/1h/binance/2024-02.parquet': rows,
})

export const never = new AbortController().signal
