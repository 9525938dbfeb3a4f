import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { join } from 'node:path'

export interface Running {
  readonly child: ChildProcess
  /** What it said of late, of both streams. */
  said(): string
  /** The first line that fits, said already or yet to come. Rejects with all it said if it ends without. */
  line(pattern: RegExp): Promise<RegExpExecArray>
  kill(signal: NodeJS.Signals): void
  /** Its exit code, or the signal that ended it. */
  readonly end: Promise<number | NodeJS.Signals>
}

/** Characters of what a process says that are kept. */
const mostSaid = 200_000

export interface LaunchOptions {
  /** Modules of this folder that are loaded before it. */
  readonly preload?: readonly string[]
  /** Largest file that it may write. */
  readonly mostFileBytes?: number
}

/** Starts a script of this folder as a process of its own. `how` is handed to it as JSON. */
export function launch(script: string, how: unknown, options: LaunchOptions = {}): Running {
  const preload = (options.preload ?? []).flatMap((name) => ['--import', join(import.meta.dirname, name)])
  const command = [process.execPath, ...preload, join(import.meta.dirname, script), JSON.stringify(how)]
  const limit = options.mostFileBytes === undefined ? [] : ['prlimit', `--fsize=${options.mostFileBytes}`]
  const [program, ...args] = [...limit, ...command]
  const clean = Object.entries(process.env).filter(([name]) => !/^(BULLION|VITEST|NODE_OPTIONS)/.test(name))
  const child = spawn(program!, args, { env: Object.fromEntries(clean), stdio: ['pipe', 'pipe', 'pipe'] })
  let text = ''
  let code: number | NodeJS.Signals | undefined
  const listeners = new Set<() => void>()
  const hear = () => {
    for (const listener of listeners) listener()
  }
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (more) => {
      text = (text + more).slice(-mostSaid)
      hear()
    })
  }
  const end = new Promise<number | NodeJS.Signals>((done, fail) => {
    child.on('error', fail)
    child.on('close', (exit, signal) => {
      code = exit ?? signal!
      hear()
      done(code)
    })
  })
  return {
    child,
    said: () => text,
    line: (pattern) =>
      new Promise((found, fail) => {
        const look = () => {
          const match = pattern.exec(text)
          if (match === null && code === undefined) return
          listeners.delete(look)
          if (match) found(match)
          else fail(new Error(`process ${script} ended with ${code} and never said ${pattern}; it said:\n${text}`))
        }
        listeners.add(look)
        look()
      }),
    kill: (signal) => void child.kill(signal),
    end,
  }
}
