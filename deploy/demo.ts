/**
 * `npm run demo:distributed`: the demo once in one process, and once on PostgreSQL, Redis, Azure Blob (its emulator), a
 * daemon and three workers, all of which it starts and ends; then both published datasets are compared byte by byte.
 */
import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { parse } from 'yaml'
import { azurite } from '../test/servers/azurite.ts'
import { postgresServer } from '../test/servers/postgres.ts'
import { redisServer } from '../test/servers/redis.ts'

interface Service {
  readonly command: readonly string[]
  readonly environment: Settings
}
const file = readFileSync(join(import.meta.dirname, 'compose.yml'), 'utf8')
const compose = parse(file, { merge: true }) as { readonly services: Readonly<Record<'daemon' | 'worker', Service>> }
const workers = 3
const days = process.argv[2] ?? '30'
const command = join(import.meta.dirname, '../cli/main.ts')
const folder = mkdtempSync(join(tmpdir(), 'bullion-distributed-'))
const started: ChildProcess[] = []
const closing: (() => Promise<void>)[] = [async () => rmSync(folder, { recursive: true, force: true })]

try {
  const alone = await makeAlone()
  const together = await makeTogether()
  compare(alone, together)
} finally {
  await Promise.all(started.map(endProcess))
  for (const close of closing.reverse()) await close()
}

type Settings = Readonly<Record<string, string>>

async function makeAlone(): Promise<string> {
  const published = join(folder, 'alone')
  say('in one process')
  await run(['demo', '--days', days], { BULLION_HOME: join(folder, 'home'), BULLION_PUBLISH_DIR: published })
  return published
}

async function makeTogether(): Promise<string> {
  say('PostgreSQL, Redis and Azurite')
  const [postgres, redis, blobs] = await Promise.all([postgresServer(), redisServer(), azurite()])
  closing.push(
    () => postgres.close(),
    () => redis.close(),
    () => blobs.stop(),
  )
  const published = join(folder, 'together')
  const settings = {
    // As the deployment has them, but for what is elsewhere here.
    ...compose.services.worker.environment,
    BULLION_STORE: await postgres.createDatabase(),
    BULLION_QUEUE: redis.url,
    BULLION_LAKE: `${await blobs.container()}/demo`,
    BULLION_AZURE_KEY: blobs.credentials.accountKey,
    BULLION_PUBLISH_DIR: published,
    BULLION_HEALTH_PORT: '0',
  }
  say(`a daemon and ${workers} workers`)
  start('daemon', compose.services.daemon.command, settings)
  for (let number = 1; number <= workers; number++) start(`worker ${number}`, compose.services.worker.command, settings)
  await run(['demo', '--days', days], { ...settings, BULLION_HOME: join(folder, 'command') })
  await run(['workers'], settings)
  return published
}

/** Each process has a home of its own, as on a machine of its own. */
function start(name: string, args: readonly string[], settings: Settings): void {
  const own = { ...settings, BULLION_HOME: join(folder, name.replace(' ', '-')) }
  const child = spawn(process.execPath, [command, ...args], {
    env: environment(own),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.on('data', (text: Buffer) => {
      for (const line of text.toString().trimEnd().split('\n')) process.stdout.write(`  ${name}: ${line}\n`)
    })
  }
  started.push(child)
}

async function run(args: readonly string[], settings: Settings): Promise<void> {
  const child = spawn(process.execPath, [command, ...args], { env: environment(settings), stdio: 'inherit' })
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new Error(`bullion ${args.join(' ')} ended with code ${code}`)
}

function environment(settings: Settings): NodeJS.ProcessEnv {
  const others = Object.entries(process.env).filter(([name]) => !name.startsWith('BULLION_'))
  return { ...Object.fromEntries(others), ...settings }
}

async function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  await ended
}

function compare(alone: string, together: string): void {
  const [first, second] = [alone, together].map((published) => hashes(join(published, 'releases'))) as [Hashes, Hashes]
  const paths = [...new Set([...first.keys(), ...second.keys()])].sort()
  const differing = paths.filter((path) => first.get(path) !== second.get(path))
  for (const path of differing) process.stdout.write(`  differs: ${path}\n`)
  if (differing.length > 0 || paths.length === 0) throw new Error(`${differing.length} of ${paths.length} files differ`)
  say(`${paths.length} published files, byte for byte the same in one process and on ${workers} workers`)
}

type Hashes = ReadonlyMap<string, string>

function hashes(root: string): Hashes {
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const hashed = files.map((entry) => {
    const path = join(entry.parentPath, entry.name)
    return [relative(root, path), createHash('sha256').update(readFileSync(path)).digest('hex')] as const
  })
  return new Map(hashed)
}

function say(text: string): void {
  process.stdout.write(`\n== ${text}\n`)
}
