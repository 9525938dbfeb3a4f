import { join, resolve } from 'node:path'
import { keyFile } from '../../server/auth/key.ts'
import { openServer } from '../../server/http/open-server.ts'
import { openLiveHub } from '../../server/live/hub.ts'
import type { Served } from '../../server/served.ts'

/** The pages and the API of what is served, on a port that they keep while they are shut and opened again. */
export async function openDoor(served: Served, folder: string) {
  const troubles: unknown[] = []
  const onTrouble = (error: unknown): void => void troubles.push(error)
  const begin = async (port: number) => {
    const live = openLiveHub(served, onTrouble)
    const server = await openServer({
      ...{ served, live, host: '127.0.0.1', port, onTrouble, checksAnswers: true },
      key: keyFile(join(folder, 'web-key')),
      webFolder: resolve('dist/web-ui'),
    })
    return { live, server }
  }
  let open = await begin(0)
  const { url, port } = open.server
  const shut = async (): Promise<void> => {
    await open.server.close()
    open.live.close()
  }
  return {
    ...{ url, troubles, shut },
    link: (next?: string) => open.server.link(next),
    async openAgain() {
      open = await begin(port)
    },
  }
}
