import type { Engine } from '#pipeline'
import { joinedAt } from '#pipeline'
import type { Answer } from '../contract/contract.ts'
import { listWorkers } from '../queries.ts'

/** The processes that share the store, what each is there for, and whose code differs from ours. */
export async function workers({ definitions, store }: Engine): Promise<Answer<'workers'>> {
  const all = await listWorkers({ definitions, store })
  return {
    items: all.map(({ pools, differs, ...worker }) => ({
      ...{ ...worker, pools: [...pools], differs: [...differs] },
      // What the store holds is told in ticks of a machine's clock.
      startedAt: joinedAt(worker) ?? null,
    })),
  }
}
