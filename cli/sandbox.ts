import { BadInput } from '../config.ts'
import { startSandbox } from '../sandbox/server.ts'
import { faultsFrom, replayFrom, seedFrom } from './sandbox-options.ts'
import { print, styled } from './terminal.ts'

interface Options {
  readonly port: string
  readonly replay?: string
  readonly seed: string
  readonly faults?: string
}

/** Serves the sandbox exchange until it is stopped. */
export async function sandbox(options: Options): Promise<void> {
  const port = Number(options.port)
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new BadInput(`--port must be from 0 to 65535, got "${options.port}"`)
  const server = await startSandbox({
    port,
    seed: seedFrom(options.seed),
    ...(options.replay !== undefined && { replay: replayFrom(options.replay) }),
    ...(options.faults !== undefined && { faults: faultsFrom(options.faults) }),
  })
  print(
    `${styled('bold', 'sandbox exchange')} at ${server.url}, loopback only; its data is invented or recorded, never live`,
  )
  for (const { market, interval, from, to, rows } of server.recorded) {
    print(
      styled(
        'dim',
        `  ${market} ${interval}  ${new Date(from).toISOString()} .. ${new Date(to).toISOString()}  ${rows} candles`,
      ),
    )
  }
  print(styled('dim', `  try: curl "${server.url}/api/v3/klines?symbol=BTCUSDT&interval=1h&limit=3"`))
  await new Promise<void>((resolve) => {
    process.once('SIGINT', resolve)
    process.once('SIGTERM', resolve)
  })
  await server.close()
}
