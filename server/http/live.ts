import type { ServerResponse } from 'node:http'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Change } from '../contract/overview.ts'
import type { LiveHub } from '../live/hub.ts'
import { Refusal } from '../served.ts'
import { problemAnswers } from './openapi.ts'

const mostStreams = 200
const quietMs = 15_000
/** Streams that took nothing for so long are ended; whoever is still there connects again. */
const stuckMs = 60_000

/** One browser that listens. */
interface Listener {
  readonly raw: ServerResponse
  /** What it could not be told yet; always one, however long it stays away. */
  late: Change | undefined
  blockedAt: number | undefined
  unsubscribe: () => void
  /** Whether it may still listen. */
  readonly isKnown: () => Promise<boolean>
}

/**
 * `GET /live` tells of each change as server-sent event `change`; the first one says how all is. One that reads slower
 * than changes come is told the newest of each thing, and never makes others wait.
 */
export function addLive(
  app: FastifyInstance,
  { hub, url, isKnown }: { readonly hub: LiveHub; readonly url: string; readonly isKnown: KnownAgain },
): void {
  const listeners = new Set<Listener>()
  const leave = (listener: Listener): void => {
    listeners.delete(listener)
    listener.unsubscribe()
    listener.raw.end()
  }
  const beat = setInterval(() => {
    for (const listener of listeners) void keep(listener, leave)
  }, quietMs).unref()
  app.addHook('preClose', async () => {
    clearInterval(beat)
    for (const listener of listeners) leave(listener)
  })
  app.get(
    url,
    {
      schema: {
        operationId: 'live',
        tags: ['overview'],
        summary: 'Each change as it happens, as a stream of server-sent events',
        response: {
          200: { description: 'events `change`', content: { 'text/event-stream': { schema: Change } } },
          ...problemAnswers(['live.full']),
        },
      },
    },
    async (request, reply) => {
      if (listeners.size >= mostStreams) {
        throw new Refusal(503, 'live.full', `${mostStreams} streams are open; close some`)
      }
      reply.header('content-type', 'text/event-stream; charset=utf-8').header('x-accel-buffering', 'no')
      if (request.method === 'HEAD') return reply.send()
      reply.hijack()
      const { raw } = reply
      const listener: Listener = {
        ...{ raw, late: undefined, blockedAt: undefined, unsubscribe: () => undefined },
        isKnown: () => isKnown(request),
      }
      raw.writeHead(200, reply.getHeaders() as Record<string, string>)
      raw.write('retry: 1000\n\n')
      raw
        .on('drain', () => catchUp(listener))
        .on('close', () => leave(listener))
        .on('error', () => leave(listener))
      listeners.add(listener)
      listener.unsubscribe = hub.subscribe((change) => tell(listener, change))
    },
  )
}

export type KnownAgain = (request: FastifyRequest) => Promise<boolean>

/** The hub tells all the same change: it is encoded once. */
const encoded = new WeakMap<Change, string>()

function eventOf(change: Change): string {
  const before = encoded.get(change)
  if (before !== undefined) return before
  const text = `id: ${change.event}\nevent: change\ndata: ${JSON.stringify(change)}\n\n`
  encoded.set(change, text)
  return text
}

function tell(listener: Listener, change: Change): void {
  if (!listener.raw.writableNeedDrain) return void listener.raw.write(eventOf(change))
  listener.late = listener.late ? merged(listener.late, change) : change
  listener.blockedAt ??= Date.now()
}

function catchUp(listener: Listener): void {
  const { late } = listener
  listener.late = undefined
  listener.blockedAt = undefined
  if (late) listener.raw.write(eventOf(late))
}

async function keep(listener: Listener, leave: (listener: Listener) => void): Promise<void> {
  if (listener.blockedAt !== undefined) {
    if (Date.now() - listener.blockedAt < stuckMs) return
    listener.raw.destroy()
    return leave(listener)
  }
  // A session that was ended, or a key that was changed, ends what they opened.
  if (!(await listener.isKnown().catch(() => true))) return leave(listener)
  if (!listener.raw.writableEnded) listener.raw.write(': still here\n\n')
}

/** Two changes as one: of each thing the newer. */
export function merged(before: Change, after: Change): Change {
  const assets = new Map([...before.assets, ...after.assets].map((pulse) => [pulse.asset, pulse]))
  const runs = new Map([...before.runs, ...after.runs].map((run) => [run.run, run]))
  return {
    at: after.at,
    event: after.event,
    assets: [...assets.values()],
    runs: [...runs.values()].slice(-100),
    automations: [...new Set([...before.automations, ...after.automations])],
    workers: before.workers || after.workers,
  }
}
