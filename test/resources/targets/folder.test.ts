import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { chmod, mkdtemp, readdir, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { folderTarget } from '../../../resources/targets/folder.ts'
import type { Desk } from './a-release.ts'
import { aDesk, contents, never } from './a-release.ts'
import { testTarget } from './conformance.ts'

const newRoot = () => mkdtemp(join(tmpdir(), 'bullion-published-'))

testTarget('folder', async () => {
  const root = await newRoot()
  return {
    target: folderTarget({ root }),
    show: () => filesIn(join(root, 'current')),
    close: () => rm(root, { recursive: true }),
  }
})

let desk: Desk
let root: string
beforeEach(async () => {
  desk = await aDesk()
  root = await newRoot()
})
afterEach(async () => {
  await desk.clear()
  await rm(root, { recursive: true })
})
const publish = async (id: string, files: Readonly<Record<string, string | Buffer>>) =>
  folderTarget({ root }).publish(await desk.release(id, files), never)

test('a file that has not changed is the same file in both releases', async () => {
  await publish('r1', contents('r1'))
  await publish('r2', contents('r2', 'more rows'))

  const inode = async (path: string) => (await stat(join(root, 'releases', path))).ino
  expect(await inode('r1/data/1h/binance/2024-01.parquet')).toBe(await inode('r2/data/1h/binance/2024-01.parquet'))
  expect(await inode('r1/data/1h/binance/2024-02.parquet')).not.toBe(await inode('r2/data/1h/binance/2024-02.parquet'))
})

test('a reader that opened a release still finds it whole after the next one', async () => {
  await publish('r1', contents('r1'))
  const opened = await realpath(join(root, 'current'))

  await publish('r2', contents('r2', 'more rows'))

  expect(await texts(opened)).toEqual(contents('r1'))
})

test('only the newest release and the one before are kept', async () => {
  for (const id of ['r1', 'r2', 'r3', 'r4']) await publish(id, contents(id))

  expect(await readdir(join(root, 'releases'))).toEqual(['r3', 'r4'])
})

test('a published file that someone has spoiled is sent again', async () => {
  await publish('r1', contents('r1'))
  const spoiled = join(root, 'data/1h/binance/2024-01.parquet')
  await chmod(spoiled, 0o644)
  await writeFile(spoiled, 'ROWS OF JANUARY')

  const again = await publish('r1', contents('r1'))

  expect(again).toMatchObject({ outcome: 'published', sentFiles: 1, keptFiles: 3 })
  expect(await readFile(spoiled, 'utf8')).toBe('rows of january')
})

test('a file of someone else at the top of the folder is not replaced', async () => {
  await writeFile(join(root, 'README.md'), 'my notes')

  await expect(publish('r1', contents('r1'))).rejects.toThrow('"README.md" in it is not of a release')
  expect(await readFile(join(root, 'README.md'), 'utf8')).toBe('my notes')
})

test('the top of the folder leads to the newest release', async () => {
  await publish('r1', { ...contents('r1'), 'old/notes.txt': 'x' })
  await publish('r2', contents('r2'))

  expect((await readdir(root)).filter((name) => !name.startsWith('.'))).toEqual(
    ['README.md', 'current', 'data', 'releases', 'spec.json'].sort(),
  )
  expect(await readFile(join(root, 'README.md'), 'utf8')).toBe('# release r2\n')
})

test('plain DuckDB opens the published files by a glob, through the top and through "current"', async () => {
  const parquet = await parquetFile('select 42 as answer')
  await publish('r1', { 'README.md': 'x', 'data/1h/okx/2024-01.parquet': parquet })

  expect(await duckdb(`select answer from '${root}/data/**/*.parquet'`)).toEqual([['42']])
  expect(await duckdb(`select answer from '${root}/current/data/**/*.parquet'`)).toEqual([['42']])
})

test('a publisher killed at any moment leaves a whole release, and the next one goes on', async () => {
  for (let round = 0; round < 8; round++) {
    const afterMs = Math.random() * 80
    const turn = round * 1_000
    await killWhilePublishing(turn, afterMs)

    const spec = JSON.parse(await readFile(join(root, 'current/spec.json'), 'utf8'))
    const found = await digests(join(root, 'current'))
    expect(found, `killed ${afterMs} ms after its first release`).toMatchObject(
      Object.fromEntries(spec.files.map(({ path, sha256 }: { path: string; sha256: string }) => [path, sha256])),
    )
    expect(Object.keys(found)).toHaveLength(14)
  }
  await publish('last', contents('last'))
  expect(await texts(join(root, 'current'))).toEqual(contents('last'))
  expect(await readdir(root)).not.toContain('.staging')
})

async function killWhilePublishing(turn: number, afterMs: number): Promise<void> {
  const script = join(import.meta.dirname, 'publish-forever.ts')
  const child = spawn(process.execPath, [script, root, String(turn)], { stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  let said = ''
  await new Promise<void>((done) => {
    child.stdout.on('data', (chunk) => {
      said += chunk
      if (said.includes('published')) done()
    })
  })
  await delay(afterMs)
  child.kill('SIGKILL')
  expect(await exited).toEqual([null, 'SIGKILL'])
  await rm(said.split('\n')[0]!, { recursive: true })
}

async function filesIn(folder: string): Promise<ReadonlyMap<string, Buffer>> {
  const opened = await realpath(folder)
  const entries = await readdir(opened, { recursive: true, withFileTypes: true })
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const files = paths.map(async (path) => [path.slice(opened.length + 1), await readFile(path)] as const)
  return new Map(await Promise.all(files))
}

const texts = async (folder: string) =>
  Object.fromEntries([...(await filesIn(folder))].map(([path, bytes]) => [path, String(bytes)]))

const digests = async (folder: string) =>
  Object.fromEntries(
    [...(await filesIn(folder))].map(([path, bytes]) => [path, createHash('sha256').update(bytes).digest('hex')]),
  )

async function duckdb(sql: string): Promise<unknown> {
  const instance = await DuckDBInstance.create()
  const connection = await instance.connect()
  try {
    const rows = (await connection.runAndReadAll(sql)).getRowsJson()
    return rows.map((row) => row.map(String))
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

async function parquetFile(select: string): Promise<Buffer> {
  const path = join(desk.folder, 'made.parquet')
  await duckdb(`copy (${select}) to '${path}' (format parquet)`)
  return readFile(path)
}
