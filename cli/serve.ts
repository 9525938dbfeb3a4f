import { openWriter } from './context.ts'
import { stopOnSignals } from './stop-on-signals.ts'
import { print, styled } from './terminal.ts'
import type { DoorOptions, WebDoor } from './web-door.ts'
import { openWebDoor } from './web-door.ts'

/** `bullion serve`: the pages and the API of a deployment, until it is told to stop. Runs can be started from it. */
export async function serve(options: DoorOptions): Promise<void> {
  const context = await openWriter(options, { role: 'command' })
  let door: WebDoor | undefined
  const close = async (): Promise<void> => {
    await door?.close()
    await context.close()
  }
  const stopping = stopOnSignals({ close })
  try {
    door = await openWebDoor(context, options)
    for (const line of await doorLines(door)) print(line)
    await stopping.asked
  } finally {
    await close()
    stopping.forget()
  }
}

/** Where the pages are, for people. */
export async function doorLines(door: WebDoor): Promise<readonly string[]> {
  return [
    `  pages     ${await door.link()}`,
    styled('dim', '            the link lets one browser in, within ten minutes; for another: bullion link'),
    ...(door.isElsewhere ? [styled('dim', '            port 4000 is taken by another process')] : []),
  ]
}
