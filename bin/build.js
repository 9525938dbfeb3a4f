// Builds the package: JavaScript and types in dist/, which is a scope of its own, so that '#pipeline' means the built one.
import { execFileSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'

rmSync('dist', { recursive: true, force: true })
execFileSync('node_modules/.bin/tsc', ['-p', 'tsconfig.build.json'], { stdio: 'inherit' })
writeFileSync(
  'dist/package.json',
  `${JSON.stringify({ type: 'module', imports: { '#pipeline': './pipeline/index.js' } }, null, 2)}\n`,
)
