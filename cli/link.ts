import { existsSync } from 'node:fs'
import { BadInput } from '../config.ts'
import { keyRing } from '../server/auth/key.ts'
import { bearerToken, linkPath } from '../server/auth/links.ts'
import type { GlobalOptions } from './context.ts'
import { configOf, homePath } from './context.ts'
import { openState } from './open-state.ts'
import { print } from './terminal.ts'
import { addressOf, webKey } from './web-records.ts'

/** `bullion link`: lets a browser in to the pages that this home serves, once. */
export async function link(options: GlobalOptions & { readonly port?: number }): Promise<void> {
  const config = configOf()
  const path = homePath(options, config)
  const url = options.port === undefined ? addressOf(path) : `http://127.0.0.1:${options.port}`
  if (url === undefined) {
    throw new BadInput(
      `nobody serves the pages of home "${path}" from here; start with: bullion serve, or bullion up, or say --port`,
    )
  }
  await withKey(options, async (ring) => print(`${url}${await linkPath(ring)}`))
}

/** `bullion token`: lets scripts in; or makes all that was let in worthless. */
export async function token(
  options: GlobalOptions & { readonly days: number; readonly revokeAll?: boolean },
): Promise<void> {
  await withKey(options, async (ring) => {
    if (!options.revokeAll) return print(await bearerToken(ring, options.days))
    await ring.renew()
    print('tokens, links and sessions that were given out open nothing any more')
  })
}

async function withKey(
  options: GlobalOptions,
  use: (ring: ReturnType<typeof keyRing>) => Promise<void>,
): Promise<void> {
  const config = configOf()
  const path = homePath(options, config)
  const state = openState(config, path, 'writer')
  try {
    if (config.store === undefined && !existsSync(path)) {
      throw new BadInput(`there is no home at "${path}"; make one with: bullion demo, or name another with --home DIR`)
    }
    await use(keyRing(webKey(config, path, () => state.store())))
  } finally {
    await state.close()
  }
}
