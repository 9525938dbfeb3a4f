import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ownFolder } from '../../../resources/duckdb/own-folder.ts'
import { temporaryFolder } from '../../pipeline/temporary-folder.ts'

test('each process spills into a folder of its own, and those of dead ones are removed', () => {
  const parent = join(temporaryFolder(), 'tmp')
  const leave = (name: string) => {
    mkdirSync(join(parent, name), { recursive: true })
    writeFileSync(join(parent, name, 'duckdb_temp_storage_S160K-0.tmp'), '')
  }
  // No process of Linux has such an id, and another machine may have any.
  const [dead, alive, elsewhere] = [`${hostname()}-99999999`, `${hostname()}-${process.ppid}`, 'elsewhere-99999999']
  for (const name of [dead, alive, elsewhere, 'notes']) leave(name)

  expect(ownFolder(parent)).toBe(join(parent, `${hostname()}-${process.pid}`))

  expect(readdirSync(parent).sort()).toEqual([alive, elsewhere, 'notes'].sort())
})
