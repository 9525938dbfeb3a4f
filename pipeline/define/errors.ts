const hint = (near: string | undefined, otherwise = 'check how it is written') =>
  near === undefined ? `; ${otherwise}` : `; did you mean "${near}"?`

// A window of one line around the fault, and a caret under it.
function pointed(text: string, at: number): string {
  const from = at > 60 ? at - 40 : 0
  const shown = text.slice(from, from + 100).replaceAll(/\s/g, ' ')
  return `\n  ${shown}\n  ${' '.repeat(at - from)}^`
}

/**
 * Every way the framework itself can refuse. One line a code: what is wrong, then what to do.
 * A code's details are the parameters of its message, so neither can drift from the other.
 */
const messages = {
  'asset.name-invalid': (d: { asset: string }) =>
    `asset name "${d.asset}" is not a snake_case identifier; use letters, digits and "_", e.g. "silver_candles"`,
  'asset.duplicate': (d: { asset: string }) => `two assets are named "${d.asset}"; rename one`,
  'asset.unknown': (d: { asset: string; near: string | undefined }) =>
    `no asset is named "${d.asset}"${hint(d.near, 'list them with: bullion assets')}`,
  'asset.dependency-missing': (d: { asset: string; dependency: string }) =>
    `asset "${d.asset}" reads "${d.dependency}", which is not listed; add it to definitions({ assets })`,
  'asset.external': (d: { asset: string }) =>
    `asset "${d.asset}" is made by others, so that no run can make it; choose what reads it, or say what was seen of it: bullion observe ${d.asset} --version …`,
  'asset.not-external': (d: { asset: string }) =>
    `asset "${d.asset}" is made here, so that nothing can be observed of it; make it: bullion materialize ${d.asset}`,
  'asset.output-invalid': (d: { asset: string; row: number; issue: string }) =>
    `asset "${d.asset}" returned a row that does not fit its output schema: row ${d.row}, ${d.issue}; mend the row, or the schema`,
  'asset.columns-differ': (d: { asset: string; expected: string; got: string }) =>
    `asset "${d.asset}" returned SQL whose columns do not fit its output schema: expected ${d.expected}, got ${d.got}`,
  'asset.partition-unexpected': (d: { asset: string; key: string }) =>
    `asset "${d.asset}" yielded partition "${d.key}", which this step was not asked for or has already made; yield each partition of the run once`,
  'asset.partition-omitted': (d: { asset: string; keys: string }) =>
    `asset "${d.asset}" returned without yielding ${d.keys}; yield every partition of the range, with no rows where there are none`,
  'asset.option-unknown': (d: { asset: string; option: string; near: string | undefined }) =>
    `unknown option "${d.option}" of asset "${d.asset}"${hint(d.near)}`,
  'column.unsupported': (d: { column: string; type: string }) =>
    `column "${d.column}" has the zod type ${d.type}, which no table column can hold; use string, number, int, boolean or enum, nullable where needed`,
  'check.engine-missing': (d: { asset: string }) =>
    `asset "${d.asset}" uses SQL, which needs an engine; pass io to materialize()`,
  'cron.malformed': (d: { cron: string; field: string; expected: string; got: string }) =>
    `cron "${d.cron}" has an unusable ${d.field}: expected ${d.expected}, got "${d.got}"`,
  'check.malformed': (d: { check: string; expected: string }) =>
    `check "${d.check}" can not be answered: expected ${d.expected}; say what to hold the rows to`,
  'check.threw': (d: { asset: string; key: string; check: string }) =>
    `check "${d.check}" of asset "${d.asset}"${d.key === '' ? '' : ` partition "${d.key}"`} could not be answered; mend the check`,
  'definition.duplicate': (d: { kind: string; name: string }) => `two ${d.kind}s are named "${d.name}"; rename one`,
  'definition.unknown': (d: { kind: string; name: string; near: string | undefined }) =>
    `no ${d.kind} is named "${d.name}"${hint(d.near)}`,
  'dependency.unmapped': (d: { asset: string; dependency: string; dimension: string; of: string; known: string }) =>
    `asset "${d.asset}" does not say which "${d.dimension}" of "${d.dependency}" it reads: it has no dimension "${d.of}" of that kind (it has ${d.known}); use allOf(), latest(), only(), within() or around()`,
  'duration.malformed': (d: { duration: string }) => `expected a duration such as "30s" or "5m", got "${d.duration}"`,
  'isolate.died': (d: { asset: string; key: string; how: string; advice: string; said: string }) =>
    `the process of asset "${d.asset}"${d.key === '' ? '' : ` partition "${d.key}"`} ${d.how}; ${d.advice}${d.said === '' ? '' : `; it said last: ${d.said}`}`,
  'isolate.differs': (d: { asset: string; expected: string; got: string }) =>
    `asset "${d.asset}" is version ${d.expected} here and ${d.got} in the process started for it: its code was changed meanwhile; start this process again`,
  'isolate.malformed': (d: { asset: string; issue: string }) =>
    `asset "${d.asset}" can not be isolated like this: ${d.issue}`,
  'isolate.unavailable': (d: { asset: string }) =>
    `asset "${d.asset}" asks to be isolated, and this engine does not know how to start a process for it; give openEngine({ isolation })`,
  'job.asset-missing': (d: { job: string; asset: string }) =>
    `job "${d.job}" selects "${d.asset}", which is not listed; add it to definitions({ assets })`,
  'lineage.unpublished': (d: { asset: string; key: string }) =>
    `nothing is published of ${d.key === '' ? '' : `partition "${d.key}" of `}asset "${d.asset}"; see why with: bullion partitions ${d.asset}`,
  'metadata.malformed': (d: { owner: string; name: string; got: string }) =>
    `metadata "${d.name}" of "${d.owner}" can not be kept: expected JSON of at most 64,000 characters, got ${d.got}; turn it into text or numbers`,
  'params.invalid': (d: { asset: string; issue: string }) =>
    `asset "${d.asset}" does not take these parameters: ${d.issue}; give what its "params" declare`,
  'params.unexpected': (d: { asset: string; why: string }) =>
    `parameters were given for asset "${d.asset}", but ${d.why}`,
  'partition.key-invalid': (d: { key: string; why: string }) =>
    `partition key "${d.key}" can not be used: ${d.why}; give it another name`,
  'partition.malformed': (d: { key: string; expected: string }) =>
    `partition "${d.key}" does not fit: expected ${d.expected}`,
  'partition.not-yet': (d: { key: string; asset: string; first: string; last: string }) =>
    `partition "${d.key}" of asset "${d.asset}" does not exist yet or any more: it has ${d.first} to ${d.last}; choose among these`,
  'partition.reversed': (d: { from: string; to: string }) =>
    `partition range starts after it ends: "${d.from}" is later than "${d.to}"; swap them`,
  'partition.too-far': (d: { time: string; since: string; most: number }) =>
    `${d.time} is more than ${d.most} windows away from the first one, ${d.since}; check the year`,
  'partition.unknown-key': (d: { key: string; dimension: string; known: string; near: string | undefined }) =>
    `no ${d.dimension} is called "${d.key}"${hint(d.near)} (known: ${d.known})`,
  'partition.unknown-dimension': (d: { asset: string; dimension: string; known: string }) =>
    `asset "${d.asset}" has no dimension "${d.dimension}"; it has ${d.known}`,
  'partition.unneeded': (d: { asset: string }) =>
    `asset "${d.asset}" is not partitioned, so it takes no partition; leave it out`,
  'partition.upstream-nonexistent': (d: { asset: string; key: string; dependency: string; keys: string }) =>
    `asset "${d.asset}" partition "${d.key}" needs "${d.dependency}" ${d.keys}, which can not exist; make the dependency optional() or change "since"`,
  'past.malformed': (d: { text: string }) =>
    `expected an instant such as 2024-03-10T01:00:00Z, or the id of a run or a materialization, got "${d.text}"`,
  'past.removed': (d: { asset: string; key: string; at: string }) =>
    `what was published at ${d.at} of partition "${d.key}" of asset "${d.asset}" was given up since; ask for a later instant`,
  'queue.unreachable': (d: { url: string }) =>
    `the queue at ${d.url} can not be reached; start its server, or correct its address`,
  'resource.missing': (d: { asset: string; resource: string }) =>
    `asset "${d.asset}" needs resource "${d.resource}"; give it in definitions({ resources })`,
  'retention.malformed': (d: { owner: string; issue: string }) =>
    `what "${d.owner}" is to retain can not be read: ${d.issue}`,
  'retry.malformed': (d: { owner: string; issue: string }) => `"${d.owner}" can not be retried like this: ${d.issue}`,
  'rollback.nothing': (d: { assets: string; to: string }) =>
    `nothing that was chosen of "${d.assets}" was published by or at "${d.to}"; see its versions with: bullion history`,
  'run.unfinished': (d: { run: string; status: string }) =>
    `run "${d.run}" is ${d.status}: only a run that is over can be run again; stop it with: bullion cancel ${d.run}`,
  'run.unknown': (d: { run: string }) => `no run has the id "${d.run}"; list them with: bullion runs`,
  'run.input-missing': (d: { asset: string; key: string; dependency: string; keys: string }) =>
    `asset "${d.asset}" partition "${d.key}" needs "${d.dependency}" ${d.keys}, which is not materialized; select "+${d.asset}" to make it too`,
  'run.process-died': (d: { asset: string; key: string; times: number }) =>
    `${d.times} processes died while they made asset "${d.asset}"${d.key === '' ? '' : ` partition "${d.key}"`}; see why in their output (it may be memory), then run it again, with isolate: true if others must not suffer`,
  'run.timeout': (d: { asset: string; key: string; ms: number }) =>
    `asset "${d.asset}" partition "${d.key}" took longer than its timeout of ${d.ms} ms; give it more, or heed its signal`,
  'runs.malformed': (d: { what: string; got: string }) =>
    `the limit of "${d.what}" at once is no limit: expected a whole number from 0, got ${d.got}`,
  'schedule.malformed': (d: { schedule: string; option: string; expected: string; got: number }) =>
    `schedule "${d.schedule}" has an unusable "${d.option}": expected ${d.expected}, got ${d.got}`,
  'schedule.time-misfit': (d: { windows: string; option: string }) =>
    `windows of one ${d.windows} do not take "${d.option}" for their schedule; leave it out, or write the schedule's cron`,
  'schedule.time-missing': (d: { dimensions: string }) =>
    `no dimension among ${d.dimensions} is a time, so nothing says when to run; write the schedule's cron`,
  'selection.empty': (d: { selection: string; why: string }) =>
    `selection "${d.selection}" is empty: ${d.why}; choose a wider one`,
  'selection.malformed': (d: {
    selection: string
    at: number
    expected: string
    got: string
    instead: string | undefined
  }) =>
    `selection can not be read: expected ${d.expected}, got ${d.got}${d.instead === undefined ? '' : `; ${d.instead}`}${pointed(d.selection, d.at)}`,
  'sensor.freshness-missing': (d: { sensor: string; asset: string }) =>
    `sensor "${d.sensor}" watches "${d.asset}", which says nothing of its freshness; give the asset "freshness"`,
  'store.newer': (d: { file: string; version: number; known: number }) =>
    `the store "${d.file}" was written by a newer version (schema ${d.version}, this one knows ${d.known}); update bullion`,
  'store.older': (d: { file: string; version: number; known: number }) =>
    `the store "${d.file}" was written by an older version (schema ${d.version}, this one is of ${d.known}) and is open for reading only; use that version, or start bullion up, daemon or worker of this one, which bring it up to date`,
  'store.unreachable': (d: { where: string; seconds: number; why: string }) =>
    `the store at ${d.where} has not answered for ${d.seconds} s: ${d.why}; see that the server runs and can be reached from here`,
  'tick.timeout': (d: { definition: string; ms: number }) =>
    `a tick of "${d.definition}" took longer than its timeout of ${d.ms} ms; give it more, or heed its signal`,
  'timezone.unknown': (d: { timezone: string; near: string | undefined }) =>
    `no time zone is called "${d.timezone}" (names are IANA's, e.g. "Europe/Berlin")${hint(d.near)}`,
  'version.late': (d: { asset: string; key: string }) =>
    `asset "${d.asset}" partition "${d.key}" gave its version after its first row; give it before, so that its file can say it`,
  'version.malformed': (d: { asset: string; got: string; most: number }) =>
    `asset "${d.asset}" can not have the version "${d.got}": expected text of 1 to ${d.most} characters; shorten it, e.g. to a hash`,
} satisfies Record<string, (details: never) => string>

export type ErrorCode = keyof typeof messages
export type ErrorDetails<C extends ErrorCode> = Parameters<(typeof messages)[C]>[0]

/** An error a caller may branch on: `code` is stable, `message` is for people. */
export class PipelineError<C extends ErrorCode = ErrorCode> extends Error {
  override readonly name = 'PipelineError'
  readonly code: C
  readonly details: ErrorDetails<C>

  constructor(code: C, details: ErrorDetails<C>, options?: ErrorOptions) {
    super(messages[code](details as never), options)
    this.code = code
    this.details = details
  }
}

/** Whether `error` is ours and of this code; narrows its details. */
export function isPipelineError<C extends ErrorCode>(error: unknown, code: C): error is PipelineError<C> {
  return error instanceof PipelineError && error.code === code
}
