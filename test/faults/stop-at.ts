/** Stops a process at a named stage, from within the process of a test: the product knows nothing of stages. */
import { writeSync } from 'node:fs'

/**
 * `before publish`, `after claim`: a call of a method of whatever was wrapped, the `nth` of them (1 is the first); or any
 * other name that the process itself reaches. `kill` ends it at once as kill -9 does, `stop` lets it stand still until it
 * is sent SIGCONT.
 */
export interface StopAt {
  readonly stage: string
  readonly nth?: number
  readonly action: 'kill' | 'stop'
}

export interface Stages {
  reach(stage: string): void
  /** The same object, whose methods are stages. */
  wrap<T extends object>(object: T): T
}

export function stagesOf(stop: StopAt | undefined): Stages {
  let left = stop?.nth ?? 1
  const reach = (stage: string): void => {
    if (stage !== stop?.stage) return
    left -= 1
    if (left !== 0) return
    // The writer of the store is a thread of its own: it may end what it has begun, so that nobody stands still with a
    // lock on the whole file.
    if (stop.action === 'stop') pause(50)
    // Not through the stream, which would not be written any more.
    writeSync(1, `stage: ${stage}\n`)
    process.kill(process.pid, stop.action === 'kill' ? 'SIGKILL' : 'SIGSTOP')
    // A signal to oneself may take a moment to arrive; nothing is done meanwhile.
    pause(50)
  }
  const wrap = <T extends object>(object: T): T => {
    const wrapped: Record<string, unknown> = {}
    for (const [name, value] of Object.entries(object)) {
      wrapped[name] =
        typeof value !== 'function'
          ? value
          : (...args: unknown[]) => {
              reach(`before ${name}`)
              const answer = value.apply(object, args)
              if (!(answer instanceof Promise)) return answer
              return answer.then((result) => {
                reach(`after ${name}`)
                return result
              })
            }
    }
    return wrapped as T
  }
  return { reach, wrap }
}

const pause = (ms: number) => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
