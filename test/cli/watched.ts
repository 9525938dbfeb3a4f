import type { ChildProcess } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import type { Ended } from './run-bullion.ts'
import { ended } from './run-bullion.ts'

/** A command that stays: what it says is waited for. It is gone when the test is. */
export function watched(child: ChildProcess) {
  onTestFinished(() => void child.kill('SIGKILL'))
  let said = ''
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.on('data', (text) => {
      said += text
    })
  }
  const end = ended(child)
  let isOver = false
  void end.then(() => {
    isOver = true
  })
  return {
    pid: child.pid!,
    end,
    said: () => said,
    /** Resolves to the match of `pattern` in what it says. */
    async hears(pattern: RegExp): Promise<RegExpExecArray> {
      return until(`a process to say ${pattern}, which said: ${said}`, () => {
        const found = pattern.exec(said)
        if (!found && isOver) throw new Error(`expected a process to say ${pattern}, it ended and said: ${said}`)
        return found
      })
    },
    async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Ended> {
      child.kill(signal)
      return end
    },
  }
}

/** Resolves to the first answer of `look` that is neither false nor nothing. */
export async function until<T>(what: string, look: () => T | Promise<T>): Promise<NonNullable<T>> {
  for (const give = Date.now() + 40_000; Date.now() < give; await sleep(20)) {
    const found = await look()
    if (found) return found
  }
  throw new Error(`waited 40 s for ${what}`)
}
