import { randomFillSync } from 'node:crypto'
import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import type { WorkerAbout, WorkerIdentity } from '../store/port.ts'

/** Chance is drawn for many ids at once: a call of the system for each would cost more than the rest of a small step. */
const pool = Buffer.alloc(6 * 1_024)
let used = pool.length

/** An id that sorts by the time it was made: 9 characters of time, 12 of chance. */
export function newId(now: number): string {
  if (used === pool.length) {
    randomFillSync(pool)
    used = 0
  }
  const chance = pool.toString('hex', used, used + 6)
  used += 6
  return now.toString(36).padStart(9, '0') + chance
}

/** When a worker joined its store (ms), as its id says; `undefined` where that is none of ours. */
export function joinedAt({ id }: Pick<WorkerIdentity, 'id'>): number | undefined {
  const [, time] = /^w([0-9a-z]{9})[0-9a-f]{12}$/.exec(id) ?? []
  return time === undefined ? undefined : Number.parseInt(time, 36)
}

/** This process, as other processes of the machine can tell it from a later one of the same pid. */
export function thisWorker(now: number, about?: WorkerAbout): WorkerIdentity {
  return {
    ...{ id: `w${newId(now)}`, host: here(), pid: process.pid, startedAt: processStart(process.pid) ?? 0 },
    ...(about && { about }),
  }
}

/** A worker as people tell it from others: its machine and its pid. */
export const workerName = ({ host, pid }: Pick<WorkerIdentity, 'host' | 'pid'>): string =>
  `${host.split('/', 1)[0]} ${pid}`

/** Where pids mean the same processes: one boot of one machine, one namespace; containers may share all names but that. */
function here(): string {
  const [boot] = ifThere(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')).split('-', 1)
  const [space] = /\d+/.exec(ifThere(() => readlinkSync('/proc/self/ns/pid'))) ?? []
  return [hostname(), boot, space].filter(Boolean).join('/')
}

function ifThere(read: () => string): string {
  try {
    return read()
  } catch {
    return ''
  }
}

/** Whether the worker is known to be dead: it ran on this machine and its process is gone. */
export function isDead(worker: WorkerIdentity): boolean {
  return worker.host === here() && processStart(worker.pid) !== worker.startedAt
}

/** When a process of this machine began, in clock ticks since boot (0 where the system does not say); `undefined` if it is gone. */
function processStart(pid: number): number | undefined {
  try {
    // Field 22 of /proc/PID/stat; the name in field 2 may hold spaces, so count from behind it.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const [state, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return state === 'Z' ? undefined : Number(rest[18])
  } catch {
    return isSignalable(pid) ? 0 : undefined
  }
}

function isSignalable(pid: number): boolean {
  if (process.platform === 'linux') return false
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
