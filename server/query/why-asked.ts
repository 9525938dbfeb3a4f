import type { Engine } from '#pipeline'
import { assetNamed, explainAutomation, explained, parseSet } from '#pipeline'
import type { ExplainedClause } from '../contract/assets.ts'
import type { Answer, Asked } from '../contract/contract.ts'

/** Characters of the partitions of a clause. */
const mostText = 300

/** Why the condition of an asset asks for partitions now, clause by clause. */
export async function whyAsked(engine: Engine, ask: Asked<'why'>): Promise<Answer<'why'>> {
  const asset = assetNamed(engine.definitions, ask.asset)
  if (!asset.automation) return { explained: null }
  const verdict = (await explainAutomation(engine, engine.clock())).explain(asset.name)
  if (!verdict) return { explained: null }
  const { space } = verdict.set
  const about = ask.key && space.axes.length > 0 ? parseSet(space, ask.key) : undefined
  return { explained: shortened(explained(verdict, about)) }
}

type Explained = ReturnType<typeof explained>

const shortened = ({ clause, asset, trueOf, of, partitions, parts }: Explained): ExplainedClause => ({
  ...{ clause, asset, trueOf, of },
  partitions: partitions.length > mostText ? `${partitions.slice(0, mostText - 1)}…` : partitions,
  parts: parts.map(shortened),
})
