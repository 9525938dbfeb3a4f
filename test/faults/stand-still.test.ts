import { expect, test } from 'vitest'
import { expectSound, finish, newPlace, outcome } from './place.ts'
import { withStore } from './shared-place.ts'
import { startProcess } from './start-process.ts'

test.for(['after claim', 'during author', 'after stage', 'after reject', 'before publish', 'before settle'])(
  'a process that stands still %s for longer than its lease can not publish any more',
  async (stage) => {
    const place = newPlace()
    const leaseMs = 400
    const sleeper = startProcess('run-process.ts', {
      ...{ ...place, leaseMs, rounds: ['needed'] },
      stop: { stage, action: 'stop' },
    })
    await sleeper.line(/stage:/)

    // It is alive for all that others can tell: they wait for the lease, and then make what it did not.
    expect(await finish(place, leaseMs)).toEqual(['failed'])
    const made = await outcome(place)
    sleeper.kill('SIGCONT')
    await sleeper.line(/closed/)

    expect(await outcome(place)).toEqual(made)
    expect(
      await withStore(place, async (store) => (await store.history('prices', 'date=2024-01-01' as never)).length),
    ).toBe(1)
    await expectSound(place)
  },
)
