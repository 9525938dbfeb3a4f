import type { ChildProcess } from 'node:child_process'
import { fork } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { PipelineError } from '../define/errors.ts'
import type { PartitionKey } from '../define/partition.ts'
import { linesOf } from './lines-of.ts'
import type { OpenStepLog } from './step-log.ts'
import { saidLine } from './step-log.ts'
import type { FromStep, ToStep } from './step-messages.ts'
import type { StepProgram } from './step-program.ts'
import { graceMs } from './time-limit.ts'

export interface StepProcess {
  send(message: ToStep): void
  /** What it says next. Throws `isolate.died` if it ended without. */
  answer(): Promise<Answer>
  /** Tells it to stop, and kills it if it does not. */
  stop(reason: unknown): void
  /** Resolves when it and all that it started are gone. */
  end(): Promise<void>
}

type Answer = Exclude<FromStep, { readonly type: 'log' }>

/** How often the memory of the process is looked at. */
const watchMs = 250
/** How long output is waited for after the end: something that left the group may hold the pipe for ever. */
const drainMs = 500
const mostSaid = 5

/** Starts a process for one step. What it prints are lines of the log. */
export function startStepProcess(
  program: StepProgram,
  on: {
    readonly asset: string
    /** The partition under way. */
    readonly key: () => PartitionKey
    readonly memoryMb: number
    readonly log: OpenStepLog
  },
): StepProcess {
  const { memoryMb, log } = on
  const child = fork(program.module, program.args ?? [], {
    execArgv: [...ownOptions(), '--disable-warning=ExperimentalWarning', `--max-old-space-size=${heapMbOf(memoryMb)}`],
    // Half of the time that a start takes is compiling.
    env: { NODE_COMPILE_CACHE: join(tmpdir(), 'node-compile-cache'), ...process.env },
    serialization: 'advanced',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    // A group of its own: what it started is killed with it, and a key pressed at the terminal is ours alone.
    detached: true,
  })
  const killAfterMs = program.graceMs ?? graceMs - 1_000
  const answers: Answer[] = []
  const lastSaid: string[] = []
  let isClosed = false
  let isHeapFull = false
  /** Why it was killed by us, or could not be started. */
  let killedAs: Death | undefined
  let wake = (): void => undefined

  const kill = (as: Death): void => {
    killedAs ??= as
    killGroup(child)
  }
  const watching = setInterval(() => {
    const usedMb = memoryMbOf(child)
    if (usedMb > memoryMb) kill(overLimit(`used ${usedMb} MB`, memoryMb))
  }, watchMs)
  let killing: NodeJS.Timeout | undefined

  child.on('message', (said: FromStep) => {
    if (said.type === 'log') return log.keep(() => said.line)
    answers.push(said)
    wake()
  })
  linesOf(child.stdout as Readable, (line) => log.keep(() => saidLine('info', line)))
  linesOf(child.stderr as Readable, (line) => {
    log.keep(() => saidLine('error', line))
    isHeapFull ||= line.includes('JavaScript heap out of memory')
    if (isTelling(line)) lastSaid.push(line.trim().slice(0, 500))
    if (lastSaid.length > mostSaid) lastSaid.shift()
  })
  child.once('exit', () => {
    killGroup(child)
    setTimeout(() => {
      child.stdout?.destroy()
      child.stderr?.destroy()
    }, drainMs).unref()
  })
  const closed = new Promise<void>((resolve) => {
    const close = (): void => {
      isClosed = true
      clearInterval(watching)
      clearTimeout(killing)
      wake()
      resolve()
    }
    child.once('close', close)
    child.once('error', (error) => {
      killedAs ??= { how: `could not be started: ${error.message}`, advice: 'see that its program is there' }
      if (child.pid === undefined) close()
    })
  })

  const stop: StepProcess['stop'] = (reason) => {
    if (isClosed || killing) return
    send({ type: 'stop', reason: reason instanceof Error ? reason.message : String(reason) })
    killing = setTimeout(kill, killAfterMs, {
      how: `did not stop within ${killAfterMs} ms of being told to, and was killed`,
      advice: 'heed the signal',
    })
  }
  const send: StepProcess['send'] = (message) => {
    // Where it is gone already, its end says so.
    if (child.connected) child.send(message, () => undefined)
  }
  return {
    send,
    stop,
    async answer() {
      while (answers.length === 0 && !isClosed) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
      const answer = answers.shift()
      if (answer) return answer
      const { how, advice } = killedAs ?? deathOf(child, isHeapFull ? memoryMb : undefined)
      const said = killedAs || isHeapFull ? '' : lastSaid.join(' ↵ ')
      throw new PipelineError('isolate.died', { asset: on.asset, key: on.key(), how, advice, said })
    },
    async end() {
      stop('the step is over')
      await closed
    },
  }
}

interface Death {
  readonly how: string
  readonly advice: string
}

const overLimit = (used: string, memoryMb: number): Death => ({
  how: `ran out of memory: it ${used}, and its limit is ${memoryMb} MB`,
  advice: 'give it more with isolate: { memoryMb }, or hold fewer rows at once',
})

function deathOf({ exitCode, signalCode }: ChildProcess, filledMb: number | undefined): Death {
  if (filledMb !== undefined) return overLimit('filled its heap', filledMb)
  if (signalCode === 'SIGKILL') {
    return { how: 'was killed by SIGKILL', advice: 'the machine may have had no memory left; its kernel log knows' }
  }
  if (signalCode) return { how: `was killed by ${signalCode}`, advice: 'look at the native code that it calls' }
  return { how: `ended with exit code ${exitCode}`, advice: 'return or throw instead of ending it; its log says more' }
}

/** The rest is for what is not in the heap of JavaScript: the program itself and the engine of SQL. */
const heapMbOf = (memoryMb: number) => Math.floor((memoryMb * 3) / 4)

/** Of the account that Node gives of an error, its place in the code is in the log. */
const isTelling = (line: string) => line.trim() !== '' && !/^\s+at |^\s*\^+$|^Node\.js v|^file:/.test(line)

/** The debugger of this process listens where another can not. */
const ownOptions = () => process.execArgv.filter((option) => !option.startsWith('--inspect'))

/** What a process holds of the machine's memory; 0 where the system does not say. */
function memoryMbOf({ pid }: ChildProcess): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    return Math.ceil(Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1_024)
  } catch {
    return 0
  }
}

/** The process with all that it started. */
function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // All of it is gone.
  }
}
