import type { AddressInfo } from 'node:net'
import type { Checked } from './health.ts'
import { addHealth } from './health.ts'
import { closeApp, openApp } from './open-app.ts'

export interface HealthServer {
  readonly port: number
  close(): Promise<void>
}

/** `/health` and `/ready` alone, for processes that show nothing else. */
export async function openHealth(
  on: Checked & { readonly host: string; readonly port: number; readonly onTrouble: (error: unknown) => void },
): Promise<HealthServer> {
  const app = openApp(on)
  addHealth(app, on)
  await app.listen({ host: on.host, port: on.port })
  return { port: (app.server.address() as AddressInfo).port, close: () => closeApp(app) }
}
