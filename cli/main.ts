import { Command, CommanderError, Option } from 'commander'
import { explainError } from './explain-error.ts'
import { portNumber, somePartitions, wholeNumber } from './option-values.ts'

/**
 * The `bullion` command. Each command is a file of its own, loaded when it is called: listing assets must not wait for
 * a database engine or an exchange library. Exit codes: 0 done, 1 something failed, 2 bad input.
 */
const program = new Command('bullion')
  .description('Keeps market-data assets true: plans, makes, checks, publishes and serves them.')
  .option('--home <dir>', 'folder of state and lake (default: BULLION_HOME, else .bullion/sandbox)')
  .option('--definitions <file>', 'run the definitions that this module exports by default, instead of the product')
  .addHelpText(
    'after',
    `
Start here
  bullion demo                                    make and publish 30 days of candles from the sandbox, then exit
  bullion up                                      the same, then stay and run the schedules
  bullion assets                                  what is kept, and how it is doing
  bullion query "select * from silver_ohlcv_resampled where interval = '1d' limit 5"

Which partitions
  2024-01-01                                      one day, all markets
  2024-01-01..2024-01-31                          both ends included
  date=2024-01-01/market=BTC-USDT                 one day of one market

Which assets
  name   'bronze_*'   layer:silver   job:ohlcv_ingest   tag:x=y   'owner:"a@b.c"'   column:close   '*'
  +name   name+   2+name                          and all it reads; and all that reads it; two steps of it
  'layer:gold and not name'   'a, b'              and, or, not, parentheses, sinks(…), roots(…); see docs/selections.md`,
  )
  .showSuggestionAfterError()
  .exitOverride()

const json = new Option('--json', 'print JSON instead of a table')

/** Options that say what the product collects; a home that exists keeps its own. */
const collecting = (command: Command): Command =>
  command
    .option('--live <exchange>', 'the real exchange instead of the sandbox, e.g. --live binance (public data, no key)')
    .option('--replay <dir>', 'let the sandbox serve this folder of recordings')
    .option('--seed <number>', 'seed of the market that the sandbox generates', '1')
    .option('--market <market>', 'a market, e.g. BTC-USDT or BTC-USDT-PERP; may be given again', collect, [])
    .option('--interval <interval>', 'interval of the candles: 1m, 5m, 15m, 1h, 4h or 1d', '1m')
    .option('--days <number>', 'how many days back', '30')
    .option('--from <date>', 'first day, instead of --days')
    .option('--to <date>', 'last day, instead of yesterday')
    .option('--faults <list>', 'what the sandbox does wrong, e.g. 429:3,slow:1')

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value]
}

collecting(
  program
    .command('up')
    .description(
      'make and publish what is missing, then stay, run the schedules and serve the pages; with definitions of your own, only the latter',
    ),
)
  .option('--port <number>', 'port of the pages on 127.0.0.1 (default: the first free one from 4000)', portNumber)
  .option('--no-ui', 'serve no pages')
  .action(async (options) => (await import('./up.ts')).up({ ...program.opts(), ...options, stay: true }))
collecting(
  program.command('demo').description('make and publish what is missing, then exit: 0 if all of it is published'),
)
  .addOption(json)
  .action(async (options) => (await import('./up.ts')).up({ ...program.opts(), ...options, stay: false }))

program
  .command('assets')
  .description('list the assets and how they are doing')
  .argument('[selection]', 'which assets', '*')
  .addOption(json)
  .action(async (selection, options) =>
    (await import('./assets.ts')).assets(selection, { ...program.opts(), ...options }),
  )

program
  .command('graph')
  .description('show which asset reads which')
  .argument('[selection]', 'which assets', '*')
  .addOption(json)
  .action(async (selection, options) =>
    (await import('./graph.ts')).graph(selection, { ...program.opts(), ...options }),
  )

program
  .command('partitions')
  .description('show the partitions of an asset: what is there, missing, failed, rejected or stale')
  .argument('<asset>')
  .option('--partition <selection>', 'only these', somePartitions)
  .option('--status <status>', 'only fresh, stale, missing, failed, rejected or running ones')
  .option('--limit <number>', 'how many lines at most', wholeNumber, '100')
  .addOption(json)
  .action(async (asset, options) =>
    (await import('./partitions.ts')).partitions(asset, { ...program.opts(), ...options }),
  )

program
  .command('history')
  .description('show the versions of one partition: what made each, its checks and metadata')
  .argument('<asset>')
  .argument('[partition]', 'e.g. date=2024-01-01/market=BTC-USDT', somePartitions)
  .option('--limit <number>', 'how many versions', wholeNumber, '10')
  .addOption(json)
  .action(async (asset, partition, options) =>
    (await import('./history.ts')).history(asset, partition, { ...program.opts(), ...options }),
  )

program
  .command('why')
  .description('say clause by clause why the condition of an asset asks for partitions, or why not')
  .argument('<asset>')
  .argument('[partitions]', 'only these, e.g. 2024-01-01 or date=2024-01-01/market=BTC-USDT', somePartitions)
  .addOption(json)
  .action(async (asset, partitions, options) =>
    (await import('./why.ts')).why(asset, partitions, { ...program.opts(), ...options }),
  )

program
  .command('materialize')
  .description('make partitions of the selected assets now, fresh or not')
  .argument('<selection>', 'which assets')
  .option('--partition <selection>', 'which partitions', somePartitions)
  .addOption(new Option('--all', 'all partitions that exist').conflicts('partition'))
  .addOption(
    new Option('--only <what>', 'only those that are so; "needed" is missing, failed or stale').choices([
      'missing',
      'failed',
      'stale',
      'needed',
    ]),
  )
  .option('--tag <key=value>', 'tag of the run; may be given again', collect, [])
  .option('--priority <number>', 'among runs that wait, higher first', '0')
  .option('--param <asset.name=value>', 'parameter of an asset, as JSON or text; may be given again', collect, [])
  .option('--dry-run', 'print the plan with reasons, and make nothing')
  .addOption(json)
  .action(async (selection, options) =>
    (await import('./make.ts')).materialize(selection, { ...program.opts(), ...options }),
  )

program
  .command('backfill')
  .description('make what is missing, failed or stale in a span of time')
  .argument('<selection>', 'which assets')
  .requiredOption('--from <date>', 'first day')
  .requiredOption('--to <date>', 'last day')
  .option('--market <market>', 'only this market; may be given again', collect, [])
  .option('--again', 'ask sources again also for what is there')
  .option('--dry-run', 'print the plan with reasons, and make nothing')
  .addOption(json)
  .action(async (selection, options) =>
    (await import('./make.ts')).backfill(selection, { ...program.opts(), ...options }),
  )

program
  .command('rollback')
  .description('publish again what was published before; what reads it is stale until it is made again')
  .argument('<selection>', 'which assets')
  .requiredOption(
    '--to <what>',
    'a run, an instant such as 2024-03-10T01:00:00Z, or a materialization: what was published by or at it',
  )
  .option('--partition <selection>', 'only these partitions', somePartitions)
  .option('--dry-run', 'print what would be done, and change nothing')
  .addOption(json)
  .action(async (selection, options) =>
    (await import('./rollback.ts')).rollback(selection, { ...program.opts(), ...options }),
  )

program
  .command('wipe')
  .description('make partitions missing again; their history stays')
  .argument('<asset>')
  .option('--partition <selection>', 'which partitions', somePartitions)
  .addOption(new Option('--all', 'all partitions').conflicts('partition'))
  .option('--yes', 'do it; without it, print what would be wiped')
  .addOption(json)
  .action(async (asset, options) => (await import('./wipe.ts')).wipe(asset, { ...program.opts(), ...options }))

program
  .command('lineage')
  .description('show what a partition was made from, up to the raw answers, or what was made from it')
  .argument('<asset>')
  .argument('[partition]', 'one partition, e.g. 2024-01-01 or date=2024-01-01/market=BTC-USDT', somePartitions)
  .option('--down', 'what was made from it, and whether that is stale since')
  .option('--depth <number>', 'so many steps at most')
  .addOption(json)
  .action(async (asset, partition, options) =>
    (await import('./lineage.ts')).lineage(asset, partition, { ...program.opts(), ...options }),
  )

const runs = program.command('runs').description('list the newest runs; see also: runs show, runs logs, runs retry')
runs
  .command('list', { isDefault: true })
  .description('list the newest runs, as bullion runs alone does')
  .option('--limit <number>', 'how many', wholeNumber, '20')
  .option('--tag <key=value>', 'only runs with this tag')
  .addOption(json)
  .action(async (options) => (await import('./runs.ts')).listRuns({ ...program.opts(), ...options }))
runs
  .command('show')
  .description('show one run: what it ran again, how its partitions ended, what failed and why')
  .argument('<id>')
  .addOption(json)
  .action(async (id, options) => (await import('./runs.ts')).showRun(id, { ...program.opts(), ...options }))
runs
  .command('retry')
  .description('run a finished run again, from where it failed')
  .argument('<id>')
  .option('--all', 'all that it selected, fresh or not')
  .addOption(json)
  .action(async (id, options) => (await import('./make.ts')).retryRun(id, { ...program.opts(), ...options }))

runs
  .command('logs')
  .description('print what the steps of a run said, in order')
  .argument('<id>')
  .option('--asset <asset>', 'only steps of this asset')
  .option('--level <level>', 'debug, info, warn or error, and what is worse', 'debug')
  .option('--follow', 'go on until the run is over')
  .addOption(json)
  .action(async (id, options) => (await import('./logs.ts')).runLogs(id, { ...program.opts(), ...options }))

program
  .command('cancel')
  .description('stop a run; what it published stays')
  .argument('<id>')
  .action(async (id) => (await import('./cancel.ts')).cancel(id, program.opts()))

const schedules = program
  .command('schedules')
  .description('list schedules and sensors, on or off, with their last and next tick')
  .addOption(json)
  .action(async (options) => (await import('./schedules.ts')).schedules({ ...program.opts(), ...options }))
for (const word of ['on', 'off'] as const) {
  schedules
    .command(word)
    .description(`switch a schedule or sensor ${word}`)
    .argument('<name>')
    .action(async (name) => (await import('./schedules.ts')).switchSchedule(name, word === 'on', program.opts()))
}

program
  .command('ticks')
  .description('show what came of the newest ticks of a schedule or sensor')
  .argument('<name>')
  .option('--limit <number>', 'how many', wholeNumber, '20')
  .addOption(json)
  .action(async (name, options) => (await import('./schedules.ts')).ticks(name, { ...program.opts(), ...options }))

program
  .command('tick')
  .description('tell what a tick would ask for, and why; writes nothing')
  .argument('<name>')
  .option('--at <instant>', 'as of this instant, e.g. 2024-03-10T01:00:00Z, or when this run ended, instead of now')
  .addOption(json)
  .action(async (name, options) => (await import('./schedules.ts')).tick(name, { ...program.opts(), ...options }))

const keys = program.command('keys').description('list the keys of a dynamic dimension, add some, or remove some')
keys
  .command('list')
  .description('list the keys that it has now')
  .argument('<dimension>', 'the name that it was given: dynamic(NAME)')
  .addOption(json)
  .action(async (name, options) => (await import('./keys.ts')).listKeys(name, { ...program.opts(), ...options }))
for (const [verb, description] of [
  ['add', 'add keys; one that was removed has its old place and history again'],
  ['remove', 'remove keys; what was made of them stays'],
] as const) {
  keys
    .command(verb)
    .description(description)
    .argument('<dimension>', 'the name that it was given: dynamic(NAME)')
    .argument('<key...>')
    .addOption(json)
    .action(async (name, some, options) =>
      (await import('./keys.ts')).changeKeys(verb, name, some, { ...program.opts(), ...options }),
    )
}

program
  .command('observe')
  .description('say that an asset which others make is at another version; what reads it is stale')
  .argument('<asset>')
  .argument('[partitions]', 'of one that is partitioned, e.g. market=BTC-USDT', somePartitions)
  .requiredOption('--version <version>', 'what tells its states apart: a hash, an etag, a time')
  .addOption(json)
  .action(async (asset, partitions, options) =>
    (await import('./observe.ts')).observe(asset, partitions, { ...program.opts(), ...options }),
  )

program
  .command('query')
  .description('run one SELECT over the assets; each is a view of its name')
  .argument('<sql>')
  .addOption(
    new Option('--format <format>', 'how to print')
      .choices(['table', 'json', 'csv', 'parquet', 'arrow'])
      .default('table'),
  )
  .option('--output <file>', 'write there instead of printing (needed for parquet and arrow)')
  .option('--limit <rows>', 'rows at most', '10000')
  .option('--timeout <seconds>', 'seconds at most', '60')
  .option('--at <when>', 'as it was at this instant, e.g. 2024-03-10T01:00:00Z, or when this run ended')
  .action(async (text, options) => (await import('./query.ts')).query(text, { ...program.opts(), ...options }))

program
  .command('publish')
  .description('publish the dataset as it is now; an unchanged dataset sends nothing')
  .addOption(json)
  .action(async (options) => (await import('./publish.ts')).publish({ ...program.opts(), ...options }))

const lake = program.command('lake').description('care for the files of the lake')
lake
  .command('reindex')
  .description('read the catalogue back from the files, after the store was lost')
  .addOption(json)
  .action(async (options) => (await import('./lake.ts')).reindex({ ...program.opts(), ...options }))
lake
  .command('retain')
  .description('give up old versions, refused and lost files, events and ticks, as far as the rules of retention say')
  .option('--dry-run', 'print what would be given up, and give up nothing')
  .addOption(json)
  .action(async (options) => (await import('./lake.ts')).retain({ ...program.opts(), ...options }))
lake
  .command('verify')
  .description('hold the catalogue, the files and the events against each other, and say what does not agree')
  .option('--quick', 'look at the size of each file instead of reading it')
  .addOption(json)
  .action(async (options) => (await import('./lake.ts')).verifyLake({ ...program.opts(), ...options }))

program
  .command('worker')
  .description('take steps from the queue and make them; for deployments of many machines, see docs/operate.md')
  .option('--pools <names>', 'only steps of these pools, e.g. binance,default')
  .option('--concurrency <number>', 'steps at once, of each pool (default: BULLION_CONCURRENCY, else 4)', wholeNumber)
  .action(async (options) => (await import('./worker.ts')).worker({ ...program.opts(), ...options }))

program
  .command('daemon')
  .description('run schedules, sensors and conditions, and lead runs; any number may share a store')
  .action(async (options) => (await import('./daemon.ts')).daemon({ ...program.opts(), ...options }))

program
  .command('workers')
  .description('list the processes that share the store, and whose code differs')
  .addOption(json)
  .action(async (options) => (await import('./workers.ts')).workers({ ...program.opts(), ...options }))

program
  .command('serve')
  .description('serve the pages and the API of this home, to this machine alone')
  .option(
    '--port <number>',
    'port on 127.0.0.1; 0 is any that is free (default: the first free one from 4000)',
    portNumber,
  )
  .option('--read-only', 'show everything, change nothing')
  .action(async (options) => (await import('./serve.ts')).serve({ ...program.opts(), ...options }))

program
  .command('link')
  .description('print a link that lets a browser in to the pages, once, within ten minutes')
  .option('--port <number>', 'where they are, if this home does not know', portNumber)
  .action(async (options) => (await import('./link.ts')).link({ ...program.opts(), ...options }))

program
  .command('token')
  .description('print a token that lets scripts in to the API: authorization: Bearer …')
  .option('--days <number>', 'how long it is good', wholeNumber, '30')
  .addOption(
    new Option('--revoke-all', 'make all tokens, links and sessions that were given out worthless').conflicts('days'),
  )
  .action(async (options) =>
    (await import('./link.ts')).token({ ...program.opts(), ...options, days: Number(options.days) }),
  )

program
  .command('doctor')
  .description('check the machine, the home and its files')
  .addOption(json)
  .action(async (options) => (await import('./doctor.ts')).doctor({ ...program.opts(), ...options }))

program
  .command('sandbox')
  .description('serve the sandbox exchange on this machine, for experiments')
  .option('--port <number>', 'port on 127.0.0.1', '8787')
  .option('--replay <dir>', 'serve this folder of recordings')
  .option('--seed <number>', 'seed of the generated market', '1')
  .option('--faults <list>', 'what it does wrong, e.g. 429:3,slow:1')
  .action(async (options) => (await import('./sandbox.ts')).sandbox(options))

program
  .command('make-step', { hidden: true })
  .action(async () => (await import('./make-step.ts')).makeStep(program.opts()))

// `bullion … | head` closes the pipe early; that is no error of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})

try {
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2
  else process.exitCode = explainError(error)
}
