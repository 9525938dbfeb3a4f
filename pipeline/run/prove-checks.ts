import type { AnyAsset } from '../define/asset.ts'
import type { Check, CheckResult, CheckSubject, Claim } from '../define/check.ts'
import { isPipelineError, PipelineError } from '../define/errors.ts'
import type { ClaimResult, IoManager } from '../define/io.ts'
import type { Metadata } from '../define/metadata.ts'
import { checkedMetadata } from '../define/metadata.ts'
import type { Table } from '../define/table.ts'
import type { CheckOutcome } from '../store/port.ts'

/**
 * Every check of an asset against a staged table. Claims about one table are answered by the engine together, in one
 * scan. Throws `check.threw` for a check that does, and `check.engine-missing`.
 */
export async function proveChecks(
  asset: AnyAsset,
  table: Table<any>,
  subject: CheckSubject,
  prove: IoManager['prove'],
): Promise<readonly CheckOutcome[]> {
  const threw = (check: string, cause: unknown) =>
    isPipelineError(cause, 'check.engine-missing')
      ? cause
      : new PipelineError('check.threw', { asset: asset.name, key: subject.key, check }, { cause })
  const asked = await Promise.all(
    Object.entries(asset.checks as Readonly<Record<string, Check<any>>>).map(async ([name, check]) => {
      try {
        return { name, answer: await check(table, subject) }
      } catch (error) {
        throw threw(name, error)
      }
    }),
  )
  const proofs = new Map<Claim, ClaimResult>()
  const claims = asked.flatMap(({ name, answer }) => (isClaim(answer) ? [{ name, claim: answer }] : []))
  for (const [about, together] of Map.groupBy(claims, ({ claim }) => claim.table)) {
    const results = await prove(
      about,
      together.map(({ claim }) => claim),
    ).catch(async (error: unknown) => {
      // The fault may be that of any of them: asked alone, the one that has it is named.
      for (const { name, claim } of together) {
        await prove(about, [claim]).catch((cause: unknown) => {
          throw threw(name, cause)
        })
      }
      throw error
    })
    for (const [at, { claim }] of together.entries()) proofs.set(claim, results[at]!)
  }
  return asked.map(({ name, answer }) => {
    const result = isClaim(answer) ? resultOf(answer, proofs.get(answer)!) : answer
    const { severity = 'error', blocking = severity === 'error' } = answer
    const metadata = checkedMetadata(name, result.metadata ?? {})
    return {
      ...{ name, passed: result.passed, blocking, severity, why: result.why ?? null },
      ...(Object.keys(metadata).length > 0 && { metadata }),
    }
  })
}

const isClaim = (answer: Claim | CheckResult): answer is Claim => 'kind' in answer

function resultOf(claim: Claim, { failures, sample, value }: ClaimResult): CheckResult {
  if (claim.kind === 'measure' || claim.kind === 'columns') return claim.answer(value as never)
  if (failures === 0) return { passed: true }
  return { passed: false, why: whyOf(claim, failures), metadata: { failures, ...sampleOf(sample) } }
}

function whyOf(claim: Exclude<Claim, { readonly kind: 'measure' | 'columns' }>, failures: number): string {
  const rows = failures === 1 ? '1 row breaks' : `${failures} rows break`
  switch (claim.kind) {
    case 'every':
      return `${rows} it`
    case 'unique':
      return `${rows} uniqueness of ${claim.columns.join(', ')}`
    case 'related':
      return `${failures === 1 ? '1 row has a value' : `${failures} rows have values`} of "${claim.column}" that "${claim.toColumn}" does not have`
    case 'none':
      return `expected no row, got ${failures}`
    default:
      return claim satisfies never
  }
}

/** Characters of a text in a sample. */
const mostText = 200

const sampleOf = (sample: ClaimResult['sample']): Metadata => {
  const columns = [...new Set(sample.flatMap((row) => Object.keys(row)))]
  if (columns.length === 0) return {}
  const rows = sample.map((row) => columns.map((column) => cellOf(row[column])))
  return { sample: { '@type': 'table', columns, rows, omitted: 0 } }
}

function cellOf(value: unknown): string | number | boolean | null {
  if (value === null || value === undefined) return null
  if (typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))) return value
  const text = typeof value === 'object' && !(value instanceof Date) ? JSON.stringify(value) : String(value)
  return text.length > mostText ? `${text.slice(0, mostText)}…` : text
}
