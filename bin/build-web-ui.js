// Builds the pages into dist/web-ui if what they are made of is newer; says nothing when they are fresh.
//   node bin/build-web-ui.js
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const output = join(root, 'dist/web-ui')
const sources = ['web-ui', 'server/contract', 'package-lock.json'].map((path) => join(root, path))
const compressed = new Set(['.js', '.css', '.html', '.svg', '.json'])

/** `true` if it built something. */
export async function buildWebUi() {
  const isThere = existsSync(join(root, 'web-ui/index.html'))
  if (!isThere || newestOf(sources) <= builtAt()) return false
  const vite = await import('vite').catch(() => undefined)
  // Installed without what only development needs: the pages come with the package.
  if (!vite) return false
  const startedAt = Date.now()
  // Beside the old pages, which a server may be sending at this moment.
  const fresh = `${output}.${process.pid}`
  // What a test runner says here would make it pages for development: larger, and many times slower.
  const { NODE_ENV } = process.env
  process.env.NODE_ENV = 'production'
  try {
    await vite.build({
      configFile: join(root, 'web-ui/vite.config.ts'),
      logLevel: 'error',
      build: { outDir: fresh, emptyOutDir: true },
    })
    for (const file of filesIn(fresh)) if (compressed.has(extname(file))) compress(file)
    mkdirSync(dirname(output), { recursive: true })
    if (!replaced(fresh)) return false
    console.log(`built the pages in ${((Date.now() - startedAt) / 1000).toFixed(1)} s`)
    return true
  } finally {
    if (NODE_ENV === undefined) delete process.env.NODE_ENV
    else process.env.NODE_ENV = NODE_ENV
    rmSync(fresh, { recursive: true, force: true })
  }
}

/** `false`: another process that built the same was first, and its pages are there. */
function replaced(fresh) {
  rmSync(output, { recursive: true, force: true })
  try {
    renameSync(fresh, output)
    return true
  } catch (error) {
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error
    return false
  }
}

const builtAt = () => statSync(join(output, 'index.html'), { throwIfNoEntry: false })?.mtimeMs ?? 0

const newestOf = (paths) => Math.max(...paths.flatMap(filesIn).map((file) => statSync(file).mtimeMs))

const filesIn = (path) =>
  statSync(path).isDirectory()
    ? readdirSync(path, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
    : [path]

// Once here, instead of for each browser; small files gain nothing.
function compress(file) {
  const bytes = readFileSync(file)
  if (bytes.length < 1_024) return
  writeFileSync(`${file}.br`, brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }))
  writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildWebUi()
