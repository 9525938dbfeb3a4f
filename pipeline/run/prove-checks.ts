import type { AnyAsset } from '../define/asset.ts'
import type { Check, CheckResult, CheckSubject, Claim } from '../define/check.ts'
import type { IoManager } from '../define/io.ts'
import type { Table } from '../define/table.ts'
import type { CheckOutcome } from '../store/port.ts'

/** Every check of an asset against a staged table. Claims are answered by the engine together, in one scan. */
export async function proveChecks(
  asset: AnyAsset,
  table: Table<any>,
  subject: CheckSubject,
  prove: IoManager['prove'],
): Promise<readonly CheckOutcome[]> {
  const asked = await Promise.all(
    Object.entries(asset.checks as Readonly<Record<string, Check<any>>>).map(async ([name, check]) => {
      const answer = await check(table, subject)
      return { name, blocking: answer.blocking ?? true, answer }
    }),
  )
  const claims = asked.flatMap(({ answer }) => (isClaim(answer) ? [answer] : []))
  const proofs = claims.length > 0 ? await prove(table, claims) : []
  return asked.map(({ name, blocking, answer }) => {
    const result = isClaim(answer) ? resultOf(answer, proofs[claims.indexOf(answer)]!.failures) : answer
    return { name, blocking, passed: result.passed, why: result.passed ? null : result.why }
  })
}

const isClaim = (answer: Claim | CheckResult): answer is Claim => 'kind' in answer

function resultOf(claim: Claim, failures: number): CheckResult {
  if (failures === 0) return { passed: true }
  const rows = failures === 1 ? '1 row breaks' : `${failures} rows break`
  return {
    passed: false,
    why: claim.kind === 'unique' ? `${rows} uniqueness of ${claim.columns.join(', ')}` : `${rows} it`,
  }
}
