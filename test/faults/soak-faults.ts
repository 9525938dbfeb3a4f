/** What happens to machines and servers in a soak. Each fault is over when it resolves, or soon after. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import type { PostgresServer } from '../servers/postgres.ts'
import type { RedisServer } from '../servers/redis.ts'
import type { SoakMachine, SoakMachines } from './soak-machines.ts'
import { isUp } from './soak-machines.ts'

export interface SoakWorld {
  readonly machines: SoakMachines
  readonly postgres: PostgresServer
  readonly redis: RedisServer
  /** Stops the lake's server in order, as it is not durable, and starts it again. */
  readonly restartLake: (() => Promise<void>) | undefined
  readonly random: () => number
  /** Hears of what should not have happened. */
  readonly onTrouble: (trouble: string) => void
}

type Fault = (world: SoakWorld) => Promise<string>

const pick = <T>(of: readonly T[], random: () => number): T => of[Math.floor(random() * of.length)]!
const between = (least: number, most: number, random: () => number) => Math.round(least + random() * (most - least))
const machineOf = ({ machines, random }: SoakWorld): SoakMachine => pick(machines.all, random)
const wayOf = (world: SoakWorld) => {
  const machine = machineOf(world)
  const way = pick(['store', 'queue', ...(world.restartLake ? ['lake'] : [])] as const, world.random)
  return { way: machine.ways[way as 'store'], name: `${machine.name} to its ${way}` }
}

/** One that is gone is started again by whoever watches it. */
async function kill(world: SoakWorld): Promise<string> {
  const machine = machineOf(world)
  machine.running.kill('SIGKILL')
  return machine.name
}

async function replace(world: SoakWorld): Promise<string> {
  const machine = machineOf(world)
  if (!isUp(machine)) return `${machine.name} was not up yet`
  const trouble = await world.machines.end(machine, 30_000)
  if (trouble) world.onTrouble(trouble)
  world.machines.start(machine)
  return machine.name
}

async function standStill(world: SoakWorld): Promise<string> {
  const machine = machineOf(world)
  const ms = between(500, 6_000, world.random)
  const { running } = machine
  running.kill('SIGSTOP')
  await sleep(ms)
  running.kill('SIGCONT')
  return `${machine.name} for ${ms} ms`
}

async function shiftClock(world: SoakWorld): Promise<string> {
  const machine = machineOf(world)
  const [there, back] = pick(
    [
      ['SIGUSR2', 'SIGHUP'],
      ['SIGHUP', 'SIGUSR2'],
    ] as const,
    world.random,
  )
  // Before its script has begun to listen, the signal would end it.
  if (!isUp(machine)) return `${machine.name} was not up yet`
  const { running } = machine
  running.kill(there)
  await sleep(between(1_000, 5_000, world.random))
  running.kill(back)
  return `${machine.name}, ${there === 'SIGUSR2' ? 'an hour ahead' : 'an hour behind'}`
}

const redisKilled =
  (empty: boolean): Fault =>
  async ({ redis, random }) => {
    const ms = between(0, 3_000, random)
    await redis.kill()
    await sleep(ms)
    await redis.start({ empty })
    return `for ${ms} ms`
  }

const postgresRestarted =
  (mode: 'fast' | 'immediate'): Fault =>
  async ({ postgres, random }) => {
    const ms = between(0, 5_000, random)
    await postgres.stop(mode)
    await sleep(ms)
    await postgres.start()
    return `for ${ms} ms`
  }

async function connectionsEnded({ postgres }: SoakWorld): Promise<string> {
  const admin = new Client(postgres.url)
  await admin.connect()
  let ended = 0
  try {
    for (let round = 0; round < 20; round++) {
      const { rows } = await admin.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where pid <> pg_backend_pid() and backend_type = 'client backend' and state <> 'idle'`,
      )
      ended += rows.length
      await sleep(50)
    }
  } finally {
    await admin.end()
  }
  return `${ended} of them`
}

const cut: Fault = async (world) => {
  const { way, name } = wayOf(world)
  way.cut()
  return name
}

const whileIn =
  (what: 'down' | 'stall' | 'delay'): Fault =>
  async (world) => {
    const { way, name } = wayOf(world)
    const ms = between(500, 6_000, world.random)
    if (what === 'delay') way.delay(between(20, 300, world.random))
    else way[what]()
    await sleep(ms)
    way.heal()
    return `${name} for ${ms} ms`
  }

const silence: Fault = async (world) => {
  const { way, name } = wayOf(world)
  way.silence()
  return name
}

const dropAnswer: Fault = async (world) => {
  const { way, name } = wayOf(world)
  await Promise.race([way.dropAnswers(), sleep(3_000)])
  way.heal()
  return name
}

/** By name; a name that is there twice comes twice as often. */
export const soakFaults: readonly (readonly [string, Fault])[] = [
  ['kill', kill],
  ['kill', kill],
  ['replace', replace],
  ['stand still', standStill],
  ['stand still', standStill],
  ['clock set', shiftClock],
  ['redis killed', redisKilled(false)],
  ['redis emptied', redisKilled(true)],
  ['postgres stopped', postgresRestarted('fast')],
  ['postgres crashed', postgresRestarted('immediate')],
  ['connections ended', connectionsEnded],
  ['way cut', cut],
  ['way down', whileIn('down')],
  ['way stalled', whileIn('stall')],
  ['way slow', whileIn('delay')],
  ['way silent', silence],
  ['answer lost', dropAnswer],
]

export const lakeRestarted: readonly [string, Fault] = [
  'lake stopped',
  async ({ restartLake }) => {
    await restartLake!()
    return ''
  },
]
