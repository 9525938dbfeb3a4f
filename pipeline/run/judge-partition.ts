import type { PartitionState } from '../plan/staleness.ts'
import type { PartitionAccount, VersionAccount } from '../store/port.ts'
import type { Violation, ViolationKind } from './violation.ts'

export interface PartitionFacts {
  readonly now: number
  /** Events up to this one may have been dropped. */
  readonly purgedUpTo: number
  /** A lease that ran out longer ago was left behind; ms. */
  readonly stuckMs: number
}

const again = 'make it again: bullion materialize'
const told = 'compare with a backup of the store; if the file is right, wipe the partition and make it again'

/** What does not agree in one account: pointer, versions, status and lease against the events. */
export function judgePartition(account: PartitionAccount, facts: PartitionFacts): readonly Violation[] {
  const where = nameOf(account)
  const found: Violation[] = []
  const say = (kind: ViolationKind, expected: string, got: string, todo: string) =>
    void found.push({ kind, where, expected, got, todo })
  const published = account.versions.filter(({ status }) => status === 'published')
  const announced = countOf(account.events.filter(({ type }) => type === 'published').map(publishedIn))
  // Observed and read back from their files: no run of this store made them, and no event has to tell of them.
  const untold = published.filter(
    ({ id, run, isReindexed }) => !announced.has(id) && (run === '' || isReindexed || wasConfirmed(account)),
  )

  for (const version of published) {
    if (!announced.has(version.id) && !untold.includes(version)) {
      say('version-unannounced', 'one event of its publication', `none of version ${version.id}`, told)
    }
  }
  for (const [id, times] of announced) {
    if (times > 1) say('event-doubled', `one event of the publication of ${id}`, `${times}`, told)
    if (!published.some((version) => version.id === id)) {
      say('event-unfounded', 'a version for each publication', `none for ${id}`, `restore the store, or ${again}`)
    }
  }
  for (const [one, next] of repeats(account, published, facts)) {
    say(
      'version-repeated',
      `one version by run ${one.run}`,
      `${one.id} and ${next.id}`,
      'report this; the rows are good',
    )
  }
  judgePointer(account, published, untold, say)
  judgeStatus(account, untold.length > 0, facts, say)
  if (account.worker !== null && (account.leasedUntil ?? 0) < facts.now - facts.stuckMs) {
    const until = new Date(account.leasedUntil ?? 0).toISOString()
    say(
      'lease-left',
      'no lease of a process that is gone',
      `held by ${account.worker} until ${until}`,
      'bullion up frees it',
    )
  }
  return found
}

export const nameOf = ({ asset, key }: Pick<PartitionAccount, 'asset' | 'key'>): string =>
  key === '' ? asset : `${asset} ${key}`

type Say = (kind: ViolationKind, expected: string, got: string, todo: string) => void

function judgePointer(
  account: PartitionAccount,
  published: readonly VersionAccount[],
  untold: readonly VersionAccount[],
  say: Say,
): void {
  const pointed = account.versions.find(({ number }) => number === account.pointer)
  if (account.pointer !== null && pointed?.status !== 'published') {
    const got = pointed
      ? `version ${pointed.id}, which a check refused`
      : `number ${account.pointer}, which is not there`
    say('pointer-dangling', 'a version of the partition', got, again)
    return
  }
  const wanted = newestBy(account)
  if (wanted !== pointed?.id && !(pointed ? untold.includes(pointed) : wanted === undefined)) {
    say(
      'pointer-unexplained',
      wanted ?? 'no version',
      pointed?.id ?? 'no version',
      `put it right: bullion rollback, or ${again}`,
    )
  }
  if (pointed && pointed.removedAt !== null) {
    say('pointer-dangling', 'a version whose file is kept', `${pointed.id}, whose file was given up`, again)
  }
  for (const version of published) {
    const isCurrent = version.number === account.pointer
    if (isCurrent === (version.supersededAt === null)) continue
    const expected = `version ${version.id} ${isCurrent ? 'current' : 'superseded'}`
    say(
      'version-misfiled',
      expected,
      isCurrent ? 'superseded' : 'current',
      `${again}; until then retention may misjudge it`,
    )
  }
}

function judgeStatus(account: PartitionAccount, hasUntold: boolean, { purgedUpTo }: PartitionFacts, say: Say): void {
  const { status, at } = statusBy(account)
  if (account.status === status || (hasUntold && account.status === 'published')) return
  // The failure that explains it may have been dropped.
  if (account.status === 'failed' && purgedUpTo > at) return
  say('status-unexplained', `${status}, as its last event says`, account.status, again)
}

/** The version that the events say is published. */
function newestBy({ events }: PartitionAccount): string | undefined {
  const last = events.findLast(({ type }) => type === 'published' || type === 'rolled-back' || type === 'wiped')
  return last && last.type !== 'wiped' ? publishedIn(last) : undefined
}

function statusBy({ events }: PartitionAccount): { readonly status: PartitionState['status']; readonly at: number } {
  let last: { status: PartitionState['status']; at: number } = { status: 'missing', at: 0 }
  for (const event of events) {
    const status = statusAfter(event)
    if (status) last = { status, at: event.id }
  }
  return last
}

function statusAfter({ type, payload }: PartitionAccount['events'][number]): PartitionState['status'] | undefined {
  switch (type) {
    case 'published':
    case 'unchanged':
    case 'rolled-back':
    case 'observed':
      return 'published'
    case 'rejected':
      return 'rejected'
    case 'wiped':
      return 'missing'
    case 'failed':
      // One that is tried again has not failed yet.
      return payload.retryAt === null ? 'failed' : undefined
    case 'skipped':
    case 'canceled':
    case 'log':
      return undefined
    default:
      return type satisfies never
  }
}

/** Neighbours that one run made although nothing in between gave it a reason to. */
function repeats(
  { events }: PartitionAccount,
  published: readonly VersionAccount[],
  { purgedUpTo }: PartitionFacts,
): readonly (readonly [VersionAccount, VersionAccount])[] {
  const eventOf = (version: VersionAccount) =>
    events.find((event) => event.type === 'published' && publishedIn(event) === version.id)?.id ?? 0
  return published.slice(1).flatMap((next, index) => {
    const one = published[index]!
    const [from, to] = [eventOf(one), eventOf(next)]
    if (one.run === '' || one.run !== next.run || from <= purgedUpTo) return []
    const isReason = events.some(
      ({ id, type }) => id > from && id < to && type !== 'published' && type !== 'unchanged' && type !== 'observed',
    )
    return isReason ? [] : [[one, next] as const]
  })
}

/** A version that was read back from its file, and then made again with the same rows, does not show the former any more. */
const wasConfirmed = ({ events }: PartitionAccount): boolean => events.some(({ type }) => type === 'unchanged')

const publishedIn = ({ payload }: PartitionAccount['events'][number]): string => String(payload.materialization)

function countOf(names: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return counts
}
