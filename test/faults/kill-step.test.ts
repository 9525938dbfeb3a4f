import { expect, test } from 'vitest'
import { expectSound, finish, newPlace, outcome } from './place.ts'
import type { Place } from './shared-place.ts'
import { startProcess } from './start-process.ts'

/** Each names a call that the second round, in which all rows are the same again, comes by too. */
const stages = [
  ['before createRun', 1],
  ['after createRun', 1],
  ['before admitRuns', 1],
  ['after admitRuns', 1],
  ['before claim', 2],
  ['after claim', 2],
  ['during author', 2],
  ['before stage', 3],
  ['after stage', 3],
  ['before prove', 1],
  ['before reject', 1],
  ['after reject', 1],
  ['before publish', 2],
  ['after publish', 2],
  ['before settle', 1],
  ['after settle', 1],
  ['before discard', 2],
  ['after discard', 2],
  ['before heartbeat', 1],
  ['after heartbeat', 1],
  ['before progress', 1],
  ['after progress', 1],
  ['before release', 1],
  ['after release', 1],
] as const

let calm: readonly string[] | undefined
/** What comes of it where nothing goes wrong. */
async function undisturbed(): Promise<readonly string[]> {
  if (calm) return calm
  const place = newPlace()
  expect(await finish(place)).toEqual(['failed'])
  calm = await outcome(place)
  return calm
}

test.for(stages)('kill -9 %s (the call number %i of its kind)', async ([stage, nth]) => {
  const place: Place = newPlace({ stepMs: stage.endsWith('heartbeat') ? 200 : 0 })
  const victim = startProcess('run-process.ts', { ...place, stop: { stage, nth, action: 'kill' } })
  await victim.line(new RegExp(`stage: ${stage}`))
  expect(await victim.end).toBe('SIGKILL')

  await finish(place)

  expect(await outcome(place)).toEqual(await undisturbed())
  await expectSound(place)
})
