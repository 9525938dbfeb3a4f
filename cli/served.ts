import { statSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import type { Config } from '../config.ts'
import { exchangeName, lakeUrl } from '../deployment.ts'
import { storeFile } from '../home.ts'
import type { About, Served } from '../server/served.ts'
import type { GlobalOptions, WriterContext } from './context.ts'
import { definitionFile } from './context.ts'
import { lakeReader } from './lake-reader.ts'
import { version } from './version.ts'

/** What a process serves of the deployment that it opened. */
export const servedOf = (context: WriterContext, options: GlobalOptions): Served => ({
  engine: context.engine,
  lake: lakeReader(context),
  about: aboutOf(context, definitionFile(options)),
})

function aboutOf({ home, config }: WriterContext, ownFile: string | undefined): About {
  const file = resolve(storeFile(home.path))
  return {
    name: ownFile === undefined ? `${home.settings.interval} candles of ${exchangeName(home)}` : basename(ownFile),
    isSandbox: ownFile === undefined ? home.settings.kind === 'sandbox' : null,
    version: version(),
    startedAt: Date.now(),
    store:
      config.store === undefined
        ? { kind: 'SQLite', place: file, bytes: () => statSync(file, { throwIfNoEntry: false })?.size ?? null }
        : { kind: 'PostgreSQL', place: placeOf(config.store), bytes: () => null },
    // Where definitions of one's own keep theirs only they know.
    lakePlace: ownFile === undefined ? withoutSecrets(lakeUrl(home, config)) : 'as the definitions say',
    queueKind: queueKind(config),
    settings: settingsOf(config),
  }
}

const queueKind = ({ queue }: Config): string => {
  if (queue === undefined) return 'none: each process makes its own steps'
  return queue.startsWith('redis') ? 'Redis' : 'PostgreSQL'
}

/** A database as people name it: never with its user or password. */
function placeOf(url: string): string {
  const { host, pathname } = new URL(url)
  return `${host}${pathname}`
}

const withoutSecrets = (place: string): string => place.split('?', 1)[0]!

function settingsOf(config: Config): About['settings'] {
  const shown = (name: string, value: unknown) => ({ name, value: String(value), isSecret: false })
  const hidden = (name: string, value: unknown) => ({
    name,
    value: value === undefined ? 'not set' : 'set',
    isSecret: true,
  })
  return [
    shown('home', config.home ?? 'as usual'),
    shown('publishDir', config.publishDir ?? 'in the home'),
    shown('hub', config.hub === undefined ? 'none' : config.hub.repo),
    hidden('hubToken', config.hub?.token),
    shown('store', config.store === undefined ? 'SQLite in the home' : placeOf(config.store)),
    shown('queue', config.queue === undefined ? 'none' : placeOf(config.queue)),
    shown('lake', config.lake === undefined ? 'in the home' : withoutSecrets(config.lake)),
    hidden('azureKey', config.azureKey),
    shown('concurrency', config.concurrency),
    shown('duckdbMemoryMb', config.duckdbMemoryMb),
    shown('cacheMb', config.cacheMb),
    shown('leaseMs', config.leaseMs),
    shown('graceMs', config.graceMs),
  ]
}
