import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ended, root, startBullion, temporaryFolder } from './run-bullion.ts'

const url = (path: string) => JSON.stringify(pathToFileURL(join(root, path)).href)

/** A folder with definitions of its own, and what runs the command over it. `source` may use these `names` of the framework. */
export function ownProject(names: readonly string[], source: string) {
  const start = startOwnProject(names, source)
  return (...args: readonly string[]) => ended(start(...args))
}

/** The same, for a command that stays. */
export function startOwnProject(
  names: readonly string[],
  source: string,
  environment: Readonly<Record<string, string>> = {},
) {
  const folder = temporaryFolder()
  const file = join(folder, 'definitions.ts')
  writeFileSync(
    file,
    `import { z } from ${url('node_modules/zod/index.js')}\nimport { ${names.join(', ')} } from ${url('pipeline/index.ts')}\n${source}`,
  )
  return (...args: readonly string[]) =>
    startBullion(['--home', join(folder, 'home'), '--definitions', file, ...args], environment)
}
