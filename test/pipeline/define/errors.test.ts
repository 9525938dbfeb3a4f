import { expect, test } from 'vitest'
import type { ErrorCode, ErrorDetails } from '#pipeline'
import { isPipelineError, PipelineError } from '#pipeline'

/** For every code: details, and the whole sentence that people read. A code without a row does not compile. */
const sentences = {
  'asset.name-invalid': [
    { asset: 'Silver' },
    'asset name "Silver" is not a snake_case identifier; use letters, digits and "_", e.g. "silver_candles"',
  ],
  'asset.duplicate': [{ asset: 'a' }, 'two assets are named "a"; rename one'],
  'asset.unknown': [{ asset: 'candels', near: 'candles' }, 'no asset is named "candels"; did you mean "candles"?'],
  'asset.dependency-missing': [
    { asset: 'a', dependency: 'b' },
    'asset "a" reads "b", which is not listed; add it to definitions({ assets })',
  ],
  'asset.external': [
    { asset: 'rates' },
    'asset "rates" is made by others, so that no run can make it; choose what reads it, or say what was seen of it: bullion observe rates --version …',
  ],
  'asset.not-external': [
    { asset: 'candles' },
    'asset "candles" is made here, so that nothing can be observed of it; make it: bullion materialize candles',
  ],
  'asset.output-invalid': [
    { asset: 'a', row: 7, issue: 'price: expected number' },
    'asset "a" returned a row that does not fit its output schema: row 7, price: expected number; mend the row, or the schema',
  ],
  'asset.columns-differ': [
    { asset: 'a', expected: 'n BIGINT', got: 'm BIGINT' },
    'asset "a" returned SQL whose columns do not fit its output schema: expected n BIGINT, got m BIGINT',
  ],
  'asset.partition-unexpected': [
    { asset: 'a', key: 'date=2024-01-01' },
    'asset "a" yielded partition "date=2024-01-01", which this step was not asked for or has already made; yield each partition of the run once',
  ],
  'asset.partition-omitted': [
    { asset: 'a', keys: '"date=2024-01-01"' },
    'asset "a" returned without yielding "date=2024-01-01"; yield every partition of the range, with no rows where there are none',
  ],
  'asset.option-unknown': [
    { asset: 'a', option: 'partition', near: 'partitions' },
    'unknown option "partition" of asset "a"; did you mean "partitions"?',
  ],
  'column.unsupported': [
    { column: 'tags', type: 'array' },
    'column "tags" has the zod type array, which no table column can hold; use string, number, int, boolean or enum, nullable where needed',
  ],
  'check.engine-missing': [{ asset: 'a' }, 'asset "a" uses SQL, which needs an engine; pass io to materialize()'],
  'cron.malformed': [
    { cron: '0 25 * * *', field: 'hour', expected: '0 to 23', got: '25' },
    'cron "0 25 * * *" has an unusable hour: expected 0 to 23, got "25"',
  ],
  'check.malformed': [
    { check: 'inRange', expected: 'a min, a max or both' },
    'check "inRange" can not be answered: expected a min, a max or both; say what to hold the rows to',
  ],
  'check.threw': [
    { asset: 'a', key: 'k', check: 'no gap' },
    'check "no gap" of asset "a" partition "k" could not be answered; mend the check',
  ],
  'definition.duplicate': [{ kind: 'job', name: 'a' }, 'two jobs are named "a"; rename one'],
  'definition.unknown': [{ kind: 'job', name: 'a', near: undefined }, 'no job is named "a"; check how it is written'],
  'dependency.unmapped': [
    { asset: 'a', dependency: 'b', dimension: 'hour', of: 'hour', known: 'date' },
    'asset "a" does not say which "hour" of "b" it reads: it has no dimension "hour" of that kind (it has date); use allOf(), latest(), only(), within() or around()',
  ],
  'duration.malformed': [{ duration: '5' }, 'expected a duration such as "30s" or "5m", got "5"'],
  'isolate.died': [
    {
      ...{ asset: 'books', key: 'day=2024-01-01', said: 'no such file' },
      ...{ how: 'ended with exit code 3', advice: 'return or throw instead of ending it; its log says more' },
    },
    'the process of asset "books" partition "day=2024-01-01" ended with exit code 3; return or throw instead of ending it; its log says more; it said last: no such file',
  ],
  'isolate.differs': [
    { asset: 'books', expected: '1', got: '2' },
    'asset "books" is version 1 here and 2 in the process started for it: its code was changed meanwhile; start this process again',
  ],
  'isolate.malformed': [
    { asset: 'books', issue: 'expected "memoryMb" of 256 or more, got 1' },
    'asset "books" can not be isolated like this: expected "memoryMb" of 256 or more, got 1',
  ],
  'isolate.unavailable': [
    { asset: 'books' },
    'asset "books" asks to be isolated, and this engine does not know how to start a process for it; give openEngine({ isolation })',
  ],
  'job.asset-missing': [
    { job: 'j', asset: 'a' },
    'job "j" selects "a", which is not listed; add it to definitions({ assets })',
  ],
  'lineage.unpublished': [
    { asset: 'a', key: 'k' },
    'nothing is published of partition "k" of asset "a"; see why with: bullion partitions a',
  ],
  'metadata.malformed': [
    { owner: 'a', name: 'spread', got: 'NaN' },
    'metadata "spread" of "a" can not be kept: expected JSON of at most 64,000 characters, got NaN; turn it into text or numbers',
  ],
  'params.invalid': [
    { asset: 'a', issue: '"depth": expected number, received string' },
    'asset "a" does not take these parameters: "depth": expected number, received string; give what its "params" declare',
  ],
  'params.unexpected': [
    { asset: 'b', why: 'it is not selected; did you mean "a"?' },
    'parameters were given for asset "b", but it is not selected; did you mean "a"?',
  ],
  'partition.key-invalid': [
    { key: 'a..b', why: 'two dots stand for a range' },
    'partition key "a..b" can not be used: two dots stand for a range; give it another name',
  ],
  'partition.malformed': [{ key: 'x', expected: 'a UTC day' }, 'partition "x" does not fit: expected a UTC day'],
  'partition.not-yet': [
    { key: '2030-01-01', asset: 'a', first: '2024-01-01', last: '2024-03-04' },
    'partition "2030-01-01" of asset "a" does not exist yet or any more: it has 2024-01-01 to 2024-03-04; choose among these',
  ],
  'partition.reversed': [
    { from: '2024-02-01', to: '2024-01-01' },
    'partition range starts after it ends: "2024-02-01" is later than "2024-01-01"; swap them',
  ],
  'partition.too-far': [
    { time: '9999-01-01T00:00:00.000Z', since: '2024-01-01T00:00:00.000Z', most: 10 },
    '9999-01-01T00:00:00.000Z is more than 10 windows away from the first one, 2024-01-01T00:00:00.000Z; check the year',
  ],
  'partition.unknown-key': [
    { key: 'BTC', dimension: 'market', known: 'BTC-USDT', near: 'BTC-USDT' },
    'no market is called "BTC"; did you mean "BTC-USDT"? (known: BTC-USDT)',
  ],
  'partition.unknown-dimension': [
    { asset: 'a', dimension: 'venue', known: 'date' },
    'asset "a" has no dimension "venue"; it has date',
  ],
  'partition.unneeded': [{ asset: 'a' }, 'asset "a" is not partitioned, so it takes no partition; leave it out'],
  'partition.upstream-nonexistent': [
    { asset: 'a', key: 'k', dependency: 'b', keys: '"l"' },
    'asset "a" partition "k" needs "b" "l", which can not exist; make the dependency optional() or change "since"',
  ],
  'past.malformed': [
    { text: 'yesterday' },
    'expected an instant such as 2024-03-10T01:00:00Z, or the id of a run or a materialization, got "yesterday"',
  ],
  'past.removed': [
    { asset: 'a', key: 'k', at: '2024-01-01T00:00:00.000Z' },
    'what was published at 2024-01-01T00:00:00.000Z of partition "k" of asset "a" was given up since; ask for a later instant',
  ],
  'queue.unreachable': [
    { url: 'redis://127.0.0.1:6379' },
    'the queue at redis://127.0.0.1:6379 can not be reached; start its server, or correct its address',
  ],
  'resource.missing': [
    { asset: 'a', resource: 'lake' },
    'asset "a" needs resource "lake"; give it in definitions({ resources })',
  ],
  'retention.malformed': [
    { owner: 'a', issue: 'expected "versions" of 1 or more, got 0' },
    'what "a" is to retain can not be read: expected "versions" of 1 or more, got 0',
  ],
  'retry.malformed': [
    { owner: 'a', issue: 'expected "attempts" of 1 or more, got 0' },
    '"a" can not be retried like this: expected "attempts" of 1 or more, got 0',
  ],
  'rollback.nothing': [
    { assets: 'a', to: 'r' },
    'nothing that was chosen of "a" was published by or at "r"; see its versions with: bullion history',
  ],
  'run.unknown': [{ run: 'r' }, 'no run has the id "r"; list them with: bullion runs'],
  'run.unfinished': [
    { run: 'r', status: 'running' },
    'run "r" is running: only a run that is over can be run again; stop it with: bullion cancel r',
  ],
  'run.input-missing': [
    { asset: 'a', key: 'k', dependency: 'b', keys: '"l"' },
    'asset "a" partition "k" needs "b" "l", which is not materialized; select "+a" to make it too',
  ],
  'run.process-died': [
    { asset: 'a', key: 'k', times: 3 },
    '3 processes died while they made asset "a" partition "k"; see why in their output (it may be memory), then run it again, with isolate: true if others must not suffer',
  ],
  'run.timeout': [
    { asset: 'a', key: 'k', ms: 5 },
    'asset "a" partition "k" took longer than its timeout of 5 ms; give it more, or heed its signal',
  ],
  'runs.malformed': [
    { what: 'db=tiny', got: '-1' },
    'the limit of "db=tiny" at once is no limit: expected a whole number from 0, got -1',
  ],
  'schedule.malformed': [
    { schedule: 's', option: 'tickRetries', expected: 'a whole number from 0', got: -1 },
    'schedule "s" has an unusable "tickRetries": expected a whole number from 0, got -1',
  ],
  'schedule.time-misfit': [
    { windows: 'hour', option: 'hourOfDay' },
    'windows of one hour do not take "hourOfDay" for their schedule; leave it out, or write the schedule\'s cron',
  ],
  'schedule.time-missing': [
    { dimensions: '"market"' },
    'no dimension among "market" is a time, so nothing says when to run; write the schedule\'s cron',
  ],
  'selection.empty': [
    { selection: 'a', why: 'no asset matches it' },
    'selection "a" is empty: no asset matches it; choose a wider one',
  ],
  'selection.malformed': [
    { selection: 'a b', at: 2, expected: '"or"', got: '"b"', instead: 'write a, b' },
    'selection can not be read: expected "or", got "b"; write a, b\n  a b\n    ^',
  ],
  'sensor.freshness-missing': [
    { sensor: 's', asset: 'a' },
    'sensor "s" watches "a", which says nothing of its freshness; give the asset "freshness"',
  ],
  'store.newer': [
    { file: 'f', version: 2, known: 1 },
    'the store "f" was written by a newer version (schema 2, this one knows 1); update bullion',
  ],
  'store.older': [
    { file: 'f', version: 1, known: 2 },
    'the store "f" was written by an older version (schema 1, this one is of 2) and is open for reading only; use that version, or start bullion up, daemon or worker of this one, which bring it up to date',
  ],
  'store.unreachable': [
    { where: 'postgres://db:5432/bullion', seconds: 300, why: 'connect ECONNREFUSED' },
    'the store at postgres://db:5432/bullion has not answered for 300 s: connect ECONNREFUSED; see that the server runs and can be reached from here',
  ],
  'tick.timeout': [
    { definition: 's', ms: 5 },
    'a tick of "s" took longer than its timeout of 5 ms; give it more, or heed its signal',
  ],
  'timezone.unknown': [
    { timezone: 'Europe/Berln', near: 'Europe/Berlin' },
    'no time zone is called "Europe/Berln" (names are IANA\'s, e.g. "Europe/Berlin"); did you mean "Europe/Berlin"?',
  ],
  'version.late': [
    { asset: 'a', key: 'date=2024-01-01' },
    'asset "a" partition "date=2024-01-01" gave its version after its first row; give it before, so that its file can say it',
  ],
  'version.malformed': [
    { asset: 'a', got: '', most: 200 },
    'asset "a" can not have the version "": expected text of 1 to 200 characters; shorten it, e.g. to a hash',
  ],
} satisfies { readonly [C in ErrorCode]: readonly [ErrorDetails<C>, string] }

test.each(Object.entries(sentences))('%s', (code, [details, sentence]) => {
  const error = new PipelineError(code as ErrorCode, details as never)

  expect(error.message).toBe(sentence)
  expect(isPipelineError(error, code as ErrorCode)).toBe(true)
  expect(error.details).toBe(details)
})

test.each(Object.entries(sentences))(
  '%s is said as all are: what, which, and what to do or what was expected',
  (_, [, sentence]) => {
    // Lower case, no full stop, no chain of "failed to"; names in double quotes.
    expect(sentence).toMatch(/^[a-z0-9"]/)
    expect(sentence).not.toMatch(/\.$|failed to|unable to|please/i)
    expect(sentence).toMatch(/"[^"]*"|\d/)
    expect(sentence).toMatch(/; \S|expected .+ got |expected a |\(known: .+\)|\n +\^$/s)
  },
)

test('an error of another kind is not ours', () => {
  expect(isPipelineError(new Error('two assets are named "a"'), 'asset.duplicate')).toBe(false)
})
