import { expect, test } from 'vitest'
import { expectSound, finish, newPlace, outcome } from './place.ts'
import { smallDisk } from './small-disk.ts'
import { startProcess } from './start-process.ts'

test('rows that do not fit on the disk fail their steps, leave nothing behind, and are made when there is room', async () => {
  const disk = smallDisk(6_000_000)
  const place = newPlace({ rows: 200_000 }, disk.folder)
  const starved = startProcess('run-process.ts', { ...place, rounds: ['needed'] }, disk)
  await starved.line(/closed/)
  expect(starved.said()).toMatch(/failed prices date=2024-01-\d\d: .*(No space left|File too large)/)

  disk.grow()
  await expectSound(place)
  expect(await finish(place)).toContain('failed')

  expect((await outcome(place)).filter((row) => row.includes(' published '))).toHaveLength(6)
  await expectSound(place)
})

test('a store that can not grow any more loses nothing that it said was written', async () => {
  const disk = smallDisk(700_000)
  const place = newPlace({ days: 60 }, disk.folder)
  const starved = startProcess('run-process.ts', place, disk)
  expect(await starved.end).toBe(1)
  expect(starved.said()).toMatch(/database or disk is full|disk I\/O error/)

  disk.grow()
  await finish(place)

  expect((await outcome(place)).filter((row) => row.includes(' published '))).toHaveLength(118)
  await expectSound(place)
})
