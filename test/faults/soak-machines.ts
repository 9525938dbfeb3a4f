/** The machines of a soak: each reaches the servers by ways of its own, and is started again when it is gone. */
import { rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TcpProxy } from '../servers/tcp-proxy.ts'
import { tcpProxy } from '../servers/tcp-proxy.ts'
import type { Running } from './launch.ts'
import { launch } from './launch.ts'
import type { SharedPlace } from './shared-place.ts'
import { viaProxy } from './shared-place.ts'

export interface SoakMachine {
  readonly name: string
  readonly role: 'worker' | 'daemon'
  readonly ways: Readonly<Record<'store' | 'queue' | 'lake', TcpProxy>>
  running: Running
  /** Whether it is being ended, so that its end is no surprise. */
  isEnding: boolean
}

export interface SoakMachines {
  readonly all: readonly SoakMachine[]
  /** Starts one that is gone. */
  start(machine: SoakMachine): void
  /** Ends one as it is asked to; says what was wrong with that. */
  end(machine: SoakMachine, withinMs: number): Promise<string | undefined>
  close(): Promise<void>
}

/** Whether it has said that it begins its work. */
export const isUp = ({ running }: SoakMachine): boolean => /^(worker|daemon) \w+$/m.test(running.said())

/** Machines that end by themselves are told of, if not by SIGKILL: a step may do that to its process. */
export async function soakMachines(
  place: SharedPlace,
  servers: Readonly<Record<'store' | 'queue' | 'lake', { readonly port: number }>>,
  roles: readonly SoakMachine['role'][],
  onEnd: (machine: SoakMachine, how: string) => void,
): Promise<SoakMachines> {
  const begin = (machine: Pick<SoakMachine, 'role' | 'ways'>): Running => {
    const how = { ...viaProxy(place, machine.ways), role: machine.role, isIsolating: true, leaseMs: 2_000 }
    return launch('machine-process.ts', how, { preload: ['shift-clock.ts'] })
  }
  const watch = (machine: SoakMachine): void => {
    const { running } = machine
    void running.end.then((end) => {
      rmSync(join(tmpdir(), `bullion-cache-${running.child.pid}`), { recursive: true, force: true })
      if (machine.running !== running || machine.isEnding) return
      // While a server is away none can begin: whatever starts processes tries again.
      if (end !== 'SIGKILL' && isUp(machine))
        onEnd(machine, `ended with ${end}; it said:\n${running.said().slice(-3_000)}`)
      machines.start(machine)
    })
  }
  const all: SoakMachine[] = []
  for (const [index, role] of roles.entries()) {
    const ways = {
      store: await tcpProxy(servers.store),
      queue: await tcpProxy(servers.queue),
      lake: await tcpProxy(servers.lake),
    }
    all.push({ name: `${role} ${index + 1}`, role, ways, running: begin({ role, ways }), isEnding: false })
  }
  const machines: SoakMachines = {
    all,
    start(machine) {
      machine.isEnding = false
      machine.running = begin(machine)
      watch(machine)
    },
    async end(machine, withinMs) {
      machine.isEnding = true
      machine.running.kill('SIGTERM')
      const late = setTimeout(() => machine.running.kill('SIGKILL'), withinMs)
      const end = await machine.running.end
      clearTimeout(late)
      const said = machine.running.said().slice(-3_000)
      if (end === 0) return undefined
      return `${machine.name} was asked to end, and ended with ${end} after at most ${withinMs} ms; it said:\n${said}`
    },
    async close() {
      for (const machine of all) {
        machine.isEnding = true
        machine.running.kill('SIGKILL')
        await machine.running.end
        for (const way of Object.values(machine.ways)) await way.close()
      }
    },
  }
  for (const machine of all) watch(machine)
  return machines
}
