import { expect, test } from 'vitest'
import { expectSound, finish, newPlace, outcome, retained, withStore } from './place.ts'
import { startProcess } from './start-process.ts'

test('a fifth of all steps fails, and two of three processes are killed: all is made in the end', async () => {
  const place = newPlace({ days: 15, failing: 0.2, stepMs: 20 })
  const leaseMs = 1_000
  const processes = [1, 2, 3].map(() => startProcess('run-process.ts', { ...place, leaseMs }))
  await Promise.all(processes.map((one) => one.line(/run \w+ began/)))
  processes[0]!.kill('SIGKILL')
  await processes[1]!.line(/run \w+ (failed|succeeded)/)
  processes[1]!.kill('SIGKILL')
  await processes[2]!.line(/closed/)

  await finish(place)

  const rows = await outcome(place)
  expect(rows).toHaveLength(29)
  expect(rows.filter((row) => !row.includes(' published '))).toEqual(['prices date=2024-01-02 rejected -'])
  // A lease that ran out was taken over, and what its holder had staged is there until retention comes by.
  await retained(place)
  await expectSound(place)
})

test('a step that ends its process each time ends its run after four, and the rest can be made', async () => {
  const place = newPlace({ poison: '2024-01-03' })
  for (let death = 0; death < 4; death++) {
    const victim = startProcess('run-process.ts', place)
    expect(await victim.end).toBe('SIGKILL')
  }

  await finish(place)

  const runs = await withStore(place, (store) => store.runs(10))
  expect(runs.map(({ reason }) => reason)).toContain('its process died 4 times; it is not taken up again')
  expect((await outcome(place)).filter((row) => row.includes(' published '))).toHaveLength(6)
  await expectSound(place)
})
