import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { nearest } from '#pipeline'
import { readConfig } from '../../config.ts'
import { ended, root, temporaryFolder } from '../cli/run-bullion.ts'
import { until, watched } from '../cli/watched.ts'
import { postgresServer } from '../servers/postgres.ts'
import { redisServer } from '../servers/redis.ts'
import type { Service } from './compose.ts'
import { askedOf, readCompose } from './compose.ts'
import { buildImage, copies, dockerfile } from './image.ts'

const compose = readCompose({ POSTGRES_PASSWORD: 's3cret' })
/** The services that are processes of ours. */
const ours = Object.entries(compose.services).filter(([, { build }]) => build !== undefined)
const [, daemon] = ours.find(([name]) => name === 'daemon')!

test('every variable that the file asks for is in example.env, and the services cannot start without it', () => {
  const example = readFileSync(join(root, 'deploy/example.env'), 'utf8')
  const named = [...example.matchAll(/^([A-Z_]+)=/gm)].map(([, name]) => name)

  expect(askedOf(readFileSync(join(root, 'deploy/compose.yml'), 'utf8'))).toEqual(named)
  expect(() => readCompose({ POSTGRES_PASSWORD: '' })).toThrow(/choose one in deploy\/\.env/)
})

test('the image has the version of the package', () => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

  expect(ours.map(([, { image }]) => image)).toEqual(ours.map(() => `bullion:${version}`))
  expect(new Set(ours.map(([, { build }]) => join('deploy', '..', build!.dockerfile)))).toEqual(
    new Set(['deploy/Dockerfile']),
  )
})

test.each(ours)('the settings of %s are ones that bullion takes, and lead to the other services', (_, service) => {
  const config = readConfig(service.environment!, nearest)
  const { hostname, username, password, pathname } = new URL(config.store!)
  const { environment = {}, volumes } = compose.services[hostname]!

  expect([username, password, pathname.slice(1)]).toEqual(
    ['USER', 'PASSWORD', 'DB'].map((name) => environment[`POSTGRES_${name}`]),
  )
  expect(compose.services[new URL(config.queue!).hostname]!.command[0]).toBe('redis-server')
  expect(Object.keys(service.depends_on!)).toEqual([hostname, new URL(config.queue!).hostname])
  expect(volumes).toHaveLength(1)
})

test('all processes keep the lake and what is published in one place that outlives them, each beside the other', () => {
  const { lake, publishDir } = readConfig(daemon.environment!, nearest)
  const [mount] = daemon.volumes!.map((volume) => volume.split(':')[1]!)

  expect(lake!.startsWith(`${mount}/`) && publishDir!.startsWith(`${mount}/`)).toBe(true)
  expect(publishDir!.startsWith(`${lake}/`)).toBe(false)
  // A volume takes over the owner of the folder that it is mounted at.
  expect(dockerfile).toMatch(new RegExp(`^RUN mkdir -p .*${mount}$`, 'm'))
  for (const [, { volumes }] of ours) expect(volumes).toEqual(daemon.volumes)
  const named = Object.values(compose.services).flatMap(({ volumes = [] }) => volumes.map((one) => one.split(':')[0]!))
  expect(new Set(named)).toEqual(new Set(Object.keys(compose.volumes)))
})

test.each(ours)('%s is given longer to stop than it takes', (_, service) => {
  const { graceMs } = readConfig(service.environment!, nearest)

  // What runs is told to stop after the grace, and has some seconds for it; then the queue and the store are left.
  expect(service.stop_grace_period! * 1_000).toBeGreaterThanOrEqual(graceMs + 10_000)
})

test('what the Dockerfile copies from here is here', () => {
  const missing = copies.flatMap(({ from, sources }) => (from === undefined ? sources : []))

  expect(missing.filter((path) => !existsSync(join(root, path)))).toEqual([])
  const images = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, image]) => image)
  expect(images.filter((image) => !/^node:24-[a-z]+-slim$/.test(image!))).toEqual([])
})

test('the image runs the deployment: it is begun, its workers make it, all are well, and stop when told', async () => {
  const app = buildImage()
  const [postgres, redis] = [await postgresServer(), await redisServer()]
  const folder = temporaryFolder()
  const ports = new Map<string, string>()
  const start = (name: string, service: Service, ...more: readonly string[]) => {
    const environment = {
      ...service.environment,
      BULLION_HOME: join(folder, name),
      BULLION_STORE: postgres.url,
      BULLION_QUEUE: redis.url,
      BULLION_LAKE: join(folder, 'lake'),
      BULLION_PUBLISH_DIR: join(folder, 'published'),
      BULLION_HEALTH_PORT: ports.get(name)!,
    }
    return spawn(process.execPath, [join(app, 'bin/bullion.js'), ...service.command, ...more], {
      cwd: folder,
      env: { PATH: process.env.PATH, ...environment },
    })
  }
  try {
    for (const [name] of ours) ports.set(name, await freePort())
    const stay = ours.filter(([name, { restart }]) => restart === 'unless-stopped' && name !== 'web')
    const staying = stay.map(([name, service]) => ({ name, service, process: watched(start(name, service)) }))
    for (const { process } of staying) await process.hears(/nothing has been begun/)

    const begin = start('begin', compose.services.begin!, '--days', '1', '--market', 'BTC-USDT')
    const begun = await ended(begin)
    expect([begun.code, begun.err]).toEqual([0, ''])
    for (const { name, service, process } of staying) {
      await process.hears(/health at/)
      expect(await exitOf(service, ports.get(name)!)).toBe(0)
    }
    const { web } = compose.services
    const door = watched(start('web', { ...web!, command: ['serve', '--port', '0'] }))
    const [, address] = await door.hears(/(http:\/\/127\.0\.0\.1:\d+)/)
    const token = await ended(start('web', { ...web!, command: ['token'] }))
    const session = await fetch(`${address}/api/v1/session`, {
      headers: { authorization: `Bearer ${token.out.trim()}` },
    })
    expect([token.err, session.status]).toEqual(['', 200])
    expect((await door.stop()).code).toBe(143)

    await redis.stop()
    for (const { name, service } of staying) expect(await exitOf(service, ports.get(name)!)).toBe(1)
    await redis.start()
    for (const { name, service } of staying) {
      await until(`${name} to be well again`, async () => (await exitOf(service, ports.get(name)!)) === 0)
    }
    for (const { process } of staying) expect((await process.stop()).code).toBe(143)
  } finally {
    await redis.close()
    await postgres.close()
  }
}, 120_000)

/** Of the check of a service's health, as the engine would run it. */
async function exitOf({ healthcheck }: Service, port: string): Promise<number | null> {
  if (!('test' in healthcheck)) throw new Error('a service that stays has no healthcheck')
  const [kind, program, ...args] = healthcheck.test
  expect([kind, program]).toEqual(['CMD', 'node'])
  return (await ended(spawn(process.execPath, args, { env: { BULLION_HEALTH_PORT: port } }))).code
}

function freePort(): Promise<string> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(String(port)))
    })
  })
}
