import { existsSync } from 'node:fs'
import { access, constants, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import type { GlobalOptions } from './context.ts'
import { configOf, definitionFile, firstCommand, homePath, openReader } from './context.ts'
import { openState } from './open-state.ts'
import { count, counted, print, printJson, size, styled } from './terminal.ts'

interface Finding {
  readonly what: string
  readonly ok: boolean
  readonly found: string
}

/** Disk below which a warning is due. */
const scarceBytes = 1_000_000_000

/** Checks the machine, the home, and that every published file is there and whole. Exit code 1 if something is wrong. */
export async function doctor(options: GlobalOptions): Promise<void> {
  const config = configOf()
  const path = homePath(options, config)
  const findings: Finding[] = [node(), await writable(path), await disk(path)]
  const state = openState(config, path, 'reader')
  const home = await state.readHome()
  const isHome = home !== undefined || definitionFile(options) !== undefined
  const hasStore = isHome && state.hasStore()
  await state.close()
  findings.push({
    what: 'home',
    ok: true,
    found: home
      ? `${path} (${home.settings.kind}, ${home.settings.interval})`
      : hasStore
        ? `${path} (definitions of its own)`
        : `nothing at ${path} yet; start with: ${firstCommand(options)}`,
  })
  if (hasStore) findings.push(...(await files(options)))
  if (options.json) printJson(findings)
  else
    for (const { what, ok, found } of findings)
      print(`${ok ? styled('green', 'ok  ') : styled('red', 'bad ')}  ${what.padEnd(16)} ${found}`)
  if (findings.some(({ ok }) => !ok)) process.exitCode = 1
}

function node(): Finding {
  const major = Number(process.versions.node.split('.')[0])
  return {
    what: 'node',
    ok: major >= 24,
    found: major >= 24 ? process.version : `${process.version}, expected 24 or newer`,
  }
}

async function writable(path: string): Promise<Finding> {
  let folder = path
  while (!existsSync(folder) && join(folder, '..') !== folder) folder = join(folder, '..')
  try {
    await access(folder, constants.W_OK)
    return { what: 'folder', ok: true, found: `${folder} can be written` }
  } catch (error) {
    return {
      what: 'folder',
      ok: false,
      found: `${folder} can not be written (${(error as NodeJS.ErrnoException).code}); use --home DIR`,
    }
  }
}

async function disk(path: string): Promise<Finding> {
  const { bavail, bsize } = await statfs(existsSync(path) ? path : '.')
  const free = bavail * bsize
  return { what: 'disk', ok: free > scarceBytes, found: `${size(free)} free` }
}

async function files(options: GlobalOptions): Promise<readonly Finding[]> {
  const context = await openReader(options)
  try {
    const io = await context.definitions.io.open()
    let whole = 0
    const bad: string[] = []
    for (const asset of context.definitions.assets.values()) {
      // What others write is theirs to keep whole.
      if (asset.external) continue
      for (const file of await context.store.files(asset.name)) {
        const damage = await io.damage(asset, file)
        if (damage === undefined) whole += 1
        else bad.push(`${file.path}: ${damage}`)
      }
    }
    const damaged = bad
      .slice(0, 20)
      .map((found) => ({ what: 'file', ok: false, found: `${found}; make it again with bullion materialize` }))
    const runs = (await context.store.runs(1_000)).filter((run) => run.status === 'running' && run.leader === null)
    return [
      {
        what: 'lake',
        ok: bad.length === 0,
        found: `${counted(whole, 'published file')} ${whole === 1 ? 'is' : 'are'} whole${bad.length > 0 ? `, ${count(bad.length)} are not` : ''}`,
      },
      ...damaged,
      {
        what: 'runs',
        ok: true,
        found:
          runs.length === 0
            ? 'none is left unfinished'
            : `${runs.length} left unfinished; bullion up goes on with them`,
      },
    ]
  } finally {
    await context.close()
  }
}
