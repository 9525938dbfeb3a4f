import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { root, temporaryFolder } from '../cli/run-bullion.ts'

export const dockerfile = readFileSync(join(root, 'deploy/Dockerfile'), 'utf8')

/** The names of the context's root that the build does not see. */
const ignored = readFileSync(join(root, 'deploy/Dockerfile.dockerignore'), 'utf8').trim().split('\n')

/** What each COPY takes and where it puts it; `from` names an earlier stage. */
export const copies = [...dockerfile.matchAll(/^COPY (.+)$/gm)].map(([, line = '']) => {
  const words = line.split(' ').filter((word) => !word.startsWith('--chown'))
  const from = words[0]?.startsWith('--from=') ? words.shift()!.slice('--from='.length) : undefined
  return { from, sources: words.slice(0, -1), to: words.at(-1)! }
})

/**
 * Makes the image's /app without a container engine, as the Dockerfile says: builds in a copy of the context, then copies
 * from there. Only `npm ci` is not done: the packages that are here stand for those it would install.
 */
export function buildImage(): string {
  const folder = temporaryFolder()
  const [build, app] = [join(folder, 'build'), join(folder, 'app')]
  cpSync(root, build, {
    recursive: true,
    filter: (path) => !ignored.includes(relative(root, path)) && basename(path) !== '.env',
  })
  symlinkSync(join(root, 'node_modules'), join(build, 'node_modules'))
  execFileSync(process.execPath, ['bin/build.js'], { cwd: build, stdio: 'pipe' })
  mkdirSync(app)
  for (const { from, sources, to } of copies) {
    if (from === undefined) continue
    for (const source of sources) {
      const made = join(build, relative('/app', source))
      if (!existsSync(made)) throw new Error(`the Dockerfile copies "${source}", which its build does not make`)
      const target = join(app, to.endsWith('/') ? join(to, basename(source)) : to)
      mkdirSync(dirname(target), { recursive: true })
      if (basename(source) === 'node_modules') symlinkSync(join(root, 'node_modules'), target)
      else cpSync(made, target, { recursive: true })
    }
  }
  return app
}
