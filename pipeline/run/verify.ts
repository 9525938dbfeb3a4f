import { durationMs } from '../define/duration.ts'
import { lineageJudge } from './judge-lineage.ts'
import { judgePartition } from './judge-partition.ts'
import { judgeRun } from './judge-run.ts'
import { statusJudge } from './judge-statuses.ts'
import type { Tell, VerifyAsk, VerifyContext, VerifyLimits } from './verify-context.ts'
import { judgeFiles, verifyOrphans } from './verify-files.ts'
import { verifyTicks } from './verify-ticks.ts'
import type { Violation } from './violation.ts'
import { sameViolation } from './violation.ts'

/** What was looked at, and what of it does not agree. */
export interface Verified {
  readonly partitions: number
  readonly files: number
  readonly runs: number
  readonly ticks: number
  readonly violations: readonly Violation[]
  /** Beyond those listed. */
  readonly more: number
}

/** Each page of partitions passes over all events once: few and large ones. */
const partitionPage = 20_000
const runPage = 1_000
/** Violations that are listed; the rest is counted. */
const mostListed = 1_000

/**
 * Holds the catalogue, the files of the lake and the log of events against each other, and says what does not agree.
 * Changes nothing, and may be called while others work: what is found is looked at twice, since a look at a partition
 * is several reads.
 */
export async function verify(on: VerifyContext, ask: VerifyAsk = {}): Promise<Verified> {
  const limits = {
    quick: ask.quick === true,
    stuckMs: ask.stuckMs ?? durationMs('10m'),
    orphanMs: ask.orphanMs ?? durationMs('1d'),
    ticksMs: ask.ticksMs ?? durationMs('1d'),
    signal: ask.signal ?? new AbortController().signal,
  }
  const violations: Violation[] = []
  let more = 0
  const tell = (found: readonly Violation[]): void => {
    const room = mostListed - violations.length
    violations.push(...found.slice(0, room))
    more += Math.max(0, found.length - room)
  }
  const seen = await verifyPartitions(on, limits, tell)
  await verifyOrphans(on, limits, tell)
  const runs = await verifyRuns(on, limits, tell)
  const ticks = await verifyTicks(on, limits, tell)
  return { ...seen, runs, ticks, violations, more }
}

async function verifyPartitions(
  on: VerifyContext,
  limits: VerifyLimits,
  tell: Tell,
): Promise<Pick<Verified, 'partitions' | 'files'>> {
  const lineage = lineageJudge(on.store)
  const statuses = await statusJudge(on)
  let [after, partitions, files] = [0, 0, 0]
  for (let isMore = true; isMore; ) {
    limits.signal.throwIfAborted()
    const page = await lookAt(on, limits, after)
    for (const account of page.accounts) {
      lineage.know(account)
      statuses.know(account)
    }
    if (page.suspects.size > 0) tell(await confirmed(on, limits, after, page.suspects))
    tell(lineage.judge(page.accounts))
    partitions += page.accounts.length
    files += page.files
    after = page.accounts.at(-1)?.number ?? after
    isMore = page.accounts.length === partitionPage
  }
  tell(await lineage.rest())
  tell(await statuses.judge())
  return { partitions, files }
}

/** What a page of partitions looks like, and what seems wrong, by the number of the partition. */
async function lookAt(on: VerifyContext, limits: VerifyLimits, after: number, only?: ReadonlySet<number>) {
  const { partitions, purgedUpTo } = await on.store.partitionAccounts(after, partitionPage)
  const accounts = partitions.filter(({ number }) => only?.has(number) ?? true)
  const facts = { now: on.clock(), purgedUpTo, stuckMs: limits.stuckMs }
  const suspects = new Map<number, readonly Violation[]>()
  const { files, damaged } = await judgeFiles(on, accounts, limits)
  for (const account of accounts) {
    const found = [...judgePartition(account, facts), ...(damaged.get(account.number) ?? [])]
    if (found.length > 0) suspects.set(account.number, found)
  }
  return { accounts, files, suspects }
}

async function confirmed(
  on: VerifyContext,
  limits: VerifyLimits,
  after: number,
  suspects: ReadonlyMap<number, readonly Violation[]>,
): Promise<readonly Violation[]> {
  const again = (await lookAt(on, limits, after, new Set(suspects.keys()))).suspects
  return [...suspects].flatMap(([number, found]) =>
    found.filter((one) => again.get(number)?.some((other) => sameViolation(one, other))),
  )
}

async function verifyRuns(on: VerifyContext, limits: VerifyLimits, tell: Tell): Promise<number> {
  const workers = new Map((await on.store.workers()).map((worker) => [worker.id, worker]))
  const now = on.clock()
  for (const { id, host, pid, heartbeatAt } of workers.values()) {
    if (heartbeatAt >= now - limits.stuckMs) continue
    const got = `none since ${new Date(heartbeatAt).toISOString()}`
    const todo = `if process ${pid} of ${host} is gone, bullion up frees what it held; if not, end it`
    tell([{ kind: 'worker-silent', where: `worker ${id}`, expected: 'a heartbeat', got, todo }])
  }
  let [after, runs] = [0, 0]
  for (let isMore = true; isMore; ) {
    limits.signal.throwIfAborted()
    const page = await on.store.runAccounts(after, runPage)
    const judge = (run: (typeof page)[number]) => judgeRun(run, { now, stuckMs: limits.stuckMs, workers })
    const suspects = page.filter((run) => judge(run).length > 0)
    const again = suspects.length > 0 ? await on.store.runAccounts(after, runPage) : []
    for (const suspect of suspects) {
      const second = again.find(({ number }) => number === suspect.number)
      if (second) tell(judge(suspect).filter((one) => judge(second).some((other) => sameViolation(one, other))))
    }
    runs += page.length
    after = page.at(-1)?.number ?? after
    isMore = page.length === runPage
  }
  return runs
}
