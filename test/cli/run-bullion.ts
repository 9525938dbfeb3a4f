import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { onTestFinished } from 'vitest'

export const root = resolve(import.meta.dirname, '../..')

export interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** Runs the command as a user would, in a process of its own, and waits for its end. */
export async function bullion(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  return ended(startBullion(args, environment))
}

export function startBullion(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): ChildProcess {
  const clean = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(BULLION|VITEST|NODE_OPTIONS)/.test(name)),
  )
  return spawn(process.execPath, [join(root, 'bin/bullion.js'), ...args], {
    cwd: root,
    env: { ...clean, NO_COLOR: '1', ...environment },
  })
}

export function ended(child: ChildProcess): Promise<Ended> {
  let [out, err] = ['', '']
  child.stdout?.on('data', (text) => {
    out += text
  })
  child.stderr?.on('data', (text) => {
    err += text
  })
  return new Promise((done) => child.on('close', (code) => done({ code, out, err })))
}

/** A folder that is gone when the test is. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'bullion-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
