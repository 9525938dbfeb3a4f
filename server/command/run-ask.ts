import type { AnyAsset, Engine, RunAsk } from '#pipeline'
import { selectAssets } from '#pipeline'
import type { Asked } from '../contract/contract.ts'
import { askedPartitions } from '../query/asked-partitions.ts'

/** Characters of a selection that a run tells as its reason. */
const mostReason = 300

/** The run that a person asks for. What others make is left out, unless it is all that was selected: that is refused. */
export async function runAskOf(
  engine: Engine,
  asked: Asked<'plan'>,
): Promise<{ readonly ask: RunAsk; readonly assets: readonly AnyAsset[] }> {
  const selected = selectAssets(engine.definitions, asked.selection)
  const ours = selected.filter(({ external }) => !external)
  const assets = ours.length > 0 ? ours : selected
  const now = engine.clock()
  const { mode, follow, params, priority, tags } = asked
  const selection = asked.selection.length > mostReason ? `${asked.selection.slice(0, mostReason)}…` : asked.selection
  const ask: RunAsk = {
    assets: assets.map(({ name }) => name),
    filter: askedPartitions(assets, asked.partitions, { now, keys: await engine.keys(now) }),
    mode,
    ...(follow && { follow }),
    ...(params && { params: params as NonNullable<RunAsk['params']> }),
    priority,
    tags,
    now,
    reason: `by hand: ${selection}`,
  }
  return { ask, assets }
}
