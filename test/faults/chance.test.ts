import { expect, test } from 'vitest'
import { expectSound, finish, newPlace, outcome, retained } from './place.ts'
import { withStore } from './shared-place.ts'
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

test('a step that ends its process each time is given up after three deaths, and takes no other step along', async () => {
  const place = newPlace({ poison: '2024-01-03' })
  for (let death = 0; death < 3; death++) {
    const victim = startProcess('run-process.ts', place)
    expect(await victim.end).toBe('SIGKILL')
  }

  // The run is taken up once more: all but that step are made. Then, with the poison gone, the rest.
  expect(await finish(place)).toContain('failed')

  const failures = await withStore(place, (store) => store.events({ limit: 1_000 }))
  const given = failures.filter(({ type, payload }) => type === 'failed' && /processes died/.test(`${payload.error}`))
  expect(given.map(({ asset, key }) => `${asset} ${key}`)).toEqual(['prices date=2024-01-03'])
  expect((await outcome(place)).filter((row) => row.includes(' published '))).toHaveLength(6)
  await expectSound(place)
})
