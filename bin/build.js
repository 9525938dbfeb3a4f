// Builds the package: JavaScript and types in dist/, which is a scope of its own, so that '#pipeline' means the built one,
// and the pages in dist/web-ui.
import { execFileSync } from 'node:child_process'
import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { buildWebUi } from './build-web-ui.js'

// The pages know themselves whether they are fresh.
for (const name of listed('dist')) if (name !== 'web-ui') rmSync(`dist/${name}`, { recursive: true })
execFileSync('node_modules/.bin/tsc', ['-p', 'tsconfig.build.json'], { stdio: 'inherit' })
writeFileSync(
  'dist/package.json',
  `${JSON.stringify({ type: 'module', imports: { '#pipeline': './pipeline/index.js' } }, null, 2)}\n`,
)
await buildWebUi()

function listed(folder) {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
