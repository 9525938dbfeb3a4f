import { afterAll, beforeAll } from 'vitest'
import { postgresStore } from '#pipeline'
import type { PostgresServer } from '../../servers/postgres.ts'
import { postgresServer } from '../../servers/postgres.ts'
import { testStore } from './conformance.ts'
import { testHistory } from './history-conformance.ts'

let server: PostgresServer
beforeAll(async () => {
  server = await postgresServer()
})
afterAll(() => server?.close())

let stores = 0
const make = () => {
  const schema = `store ${++stores}`
  return { open: () => postgresStore({ url: server.url, schema }) }
}

testStore('postgres', make)
testHistory('postgres', make)
