import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../temporary-folder.ts'

const days = 8_000
const steps = days * 3

/** Runs the process until it ends, or until `kill` says so. */
async function backfill(file: string, kill: () => boolean = () => false): Promise<string> {
  const script = join(import.meta.dirname, 'backfill-process.ts')
  const child = spawn(process.execPath, [script, file, String(days)], { stdio: ['ignore', 'pipe', 'inherit'] })
  let out = ''
  child.stdout.on('data', (text) => {
    out += text
  })
  const ended = new Promise<void>((resolve) => child.on('close', () => resolve()))
  let isOver = false
  void ended.then(() => {
    isOver = true
  })
  while (!isOver && !kill()) await Promise.race([ended, sleep(5)])
  if (!isOver) child.kill('SIGKILL')
  await ended
  return out
}

function published(file: string): { partitions: number; events: number } {
  if (!existsSync(file)) return { partitions: 0, events: 0 }
  const store = new DatabaseSync(file, { readOnly: true })
  try {
    return store
      .prepare('select count(distinct partition_id) as partitions, count(*) as events from event where type = 0')
      .get() as { partitions: number; events: number }
  } catch {
    return { partitions: 0, events: 0 }
  } finally {
    store.close()
  }
}

test('a backfill whose process is killed goes on where it was, and makes no partition twice', async () => {
  const file = join(temporaryFolder(), 'store.sqlite')

  await backfill(file, () => published(file).events > steps / 5)
  const afterFirst = published(file).events
  const second = await backfill(file, () => published(file).events > (3 * steps) / 5)
  const afterSecond = published(file).events
  const third = await backfill(file)

  expect(afterFirst).toBeGreaterThan(steps / 5)
  expect(afterSecond).toBeLessThan(steps)
  expect(second).toBe(`resumed ${steps - afterFirst}\n`)
  expect(third).toBe(`resumed ${steps - afterSecond}\nsucceeded\n`)
  expect(published(file)).toEqual({ partitions: steps, events: steps })
}, 60_000)
