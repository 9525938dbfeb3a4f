import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')

/** What `tsc` says of one file that imports `#pipeline`, compiled by the settings of this repository in a folder of its own. */
export function compile(
  source: string,
  options: readonly string[] = [],
): { readonly text: string; readonly ms: number } {
  const folder = mkdtempSync(join(tmpdir(), 'bullion-types-'))
  const started = performance.now()
  try {
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
    writeFileSync(join(folder, 'subject.ts'), source)
    const compilerOptions = { rootDir: '/', paths: { '#pipeline': [join(root, 'pipeline/index.ts')] } }
    const config = { extends: join(root, 'tsconfig.json'), compilerOptions, include: ['subject.ts'] }
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
    const tsc = join(root, 'node_modules/.bin/tsc')
    const { stdout, error } = spawnSync(process.execPath, [tsc, '-p', folder, '--pretty', 'false', ...options], {
      cwd: folder,
      encoding: 'utf8',
      timeout: 50_000,
      maxBuffer: 64 * 1024 * 1024,
    })
    if (error) throw error
    return { text: stdout, ms: performance.now() - started }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
