import type { Engine } from '#pipeline'
import type { LakeReader } from '../../server/lake-reader.ts'
import type { About, Served } from '../../server/served.ts'

const noLake: LakeReader = {
  catalogue: { name: 'catalogue', description: 'what is published', columns: [] },
  limits: { rows: 100, memoryMb: 100, timeoutMs: 1_000 },
  query: () => Promise.reject(new Error('there is no lake here')),
  download: () => Promise.reject(new Error('there is no lake here')),
  firstRows: () => Promise.reject(new Error('there is no lake here')),
}

/** What is served of an engine, without a lake unless one is given. */
export const servedOf = (engine: Engine, of: { about?: Partial<About>; lake?: Partial<LakeReader> } = {}): Served => ({
  engine,
  lake: { ...noLake, ...of.lake },
  about: {
    ...{ name: 'test', isSandbox: true, version: '1.2.3', startedAt: 1, lakePlace: '/lake', queueKind: 'local' },
    store: { kind: 'sqlite', place: '/home/store.sqlite', bytes: () => 4_096 },
    settings: [],
    ...of.about,
  },
})
