/** The Hugging Face Hub's protocol on 127.0.0.1, in memory: the Hub itself and its storage, which is another origin. */

import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Commit } from './hub-repository.ts'
import { addCommit, commitAt, historyOf } from './hub-repository.ts'
import type { Ask, HubState, Reply, Route } from './hub-routes.ts'
import { hubRoutes, Refusal } from './hub-routes.ts'

export interface HubServerOptions {
  readonly token?: string
  /** Entries of one page of a tree. */
  readonly pageSize?: number
  /** Bytes above which a file is uploaded in parts of this size. */
  readonly partSize?: number
}

export interface HubRequest {
  readonly origin: 'hub' | 'storage'
  readonly method: string
  readonly path: string
  readonly authorization: string | undefined
  readonly bytes: number
  /** 0 if the connection was cut instead of answered. */
  readonly status: number
}

export interface Fault {
  readonly times: number
  /** `cut-after` does the work and then cuts the connection; `cut` only cuts it. */
  readonly answer: number | 'cut' | 'cut-after' | 'silence'
  readonly headers?: Readonly<Record<string, string>>
  /** Text of the error. */
  readonly error?: string
  /** Which requests; all of both origins if absent. */
  readonly when?: (request: { readonly method: string; readonly path: string }) => boolean
}

export interface HubServer {
  readonly url: string
  readonly storageUrl: string
  readonly token: string
  /** In the order of their ends. */
  readonly requests: readonly HubRequest[]
  /** Called before a commit is looked at, so that another can come first. */
  beforeCommit: (() => void) | undefined
  /** Requests of this path prefix are sent on, to `to`, with 307. */
  redirect: { readonly from: string; readonly to: string } | undefined
  fail(fault: Fault): void
  /** Someone else's commit. A text of undefined removes the file. */
  commitAs(repo: string, title: string, texts: Readonly<Record<string, string | undefined>>): string
  commits(repo: string): readonly Commit[]
  /** What a person sees at the head: the bytes of each file. */
  files(repo: string): ReadonlyMap<string, Buffer>
  /** Empties `requests`. */
  forget(): void
  close(): Promise<void>
}

export async function hubServer(options: HubServerOptions = {}): Promise<HubServer> {
  const state: HubState = {
    ...{ token: 'hf_test', pageSize: 1_000, partSize: 8 * 1024 * 1024, ...options },
    ...{ urls: { hub: '', storage: '' }, repositories: new Map(), large: new Map(), beforeCommit: undefined },
  }
  const { urls, repositories, large } = state
  const routes = hubRoutes(state)
  const requests: HubRequest[] = []
  let faults: Fault[] = []
  let redirect: HubServer['redirect']

  const takeFault = (ask: Ask): Fault | undefined => {
    const fault = faults.find(({ when }) => when?.(ask) ?? true)
    if (fault)
      faults = [
        ...(fault.times > 1 ? [{ ...fault, times: fault.times - 1 }] : []),
        ...faults.filter((one) => one !== fault),
      ]
    return fault
  }

  const serve = async (origin: 'hub' | 'storage', from: IncomingMessage, to: ServerResponse): Promise<void> => {
    const ask = await readAsk(from, urls[origin])
    const note = (status: number) => {
      const { method, path, authorization, body } = ask
      requests.push({ origin, method, path, authorization, bytes: body.length, status })
    }
    const fault = takeFault(ask)
    const answerOf = () => (origin === 'hub' && redirected(ask, redirect)) || answer(routes[origin], ask)
    switch (fault?.answer) {
      case 'silence':
        return note(0)
      case 'cut-after':
      case 'cut':
        if (fault.answer === 'cut-after') answerOf()
        note(0)
        to.destroy()
        return
    }
    const reply = fault ? refused(fault, Number(fault.answer)) : answerOf()
    note(reply.status ?? 200)
    const isJson = reply.json !== undefined
    const headers = { ...(isJson && { 'content-type': 'application/json' }), ...reply.headers }
    to.writeHead(reply.status ?? 200, headers).end(isJson ? JSON.stringify(reply.json) : reply.body)
  }

  const listen = async (origin: 'hub' | 'storage') => {
    const listener = createServer((request, response) => void serve(origin, request, response).catch(() => {}))
    await new Promise<void>((done) => listener.listen(0, '127.0.0.1', done))
    urls[origin] = `http://127.0.0.1:${(listener.address() as AddressInfo).port}`
    return listener
  }
  const listeners = [await listen('hub'), await listen('storage')]

  return {
    ...{ url: urls.hub, storageUrl: urls.storage, token: state.token, requests },
    set beforeCommit(hook: (() => void) | undefined) {
      state.beforeCommit = hook
    },
    set redirect(to: HubServer['redirect']) {
      redirect = to
    },
    fail: (fault) => void faults.push(fault),
    commitAs(repo, title, texts) {
      const removed = Object.keys(texts).filter((path) => texts[path] === undefined)
      const set = Object.entries(texts).flatMap(([path, text]) =>
        text === undefined ? [] : [[path, { type: 'regular', content: Buffer.from(text) }] as const],
      )
      return addCommit(repositories.get(repo)!, 'main', { title, set: new Map(set), removed }).oid
    },
    commits: (repo) => historyOf(repositories.get(repo)!, 'main'),
    files: (repo) => {
      const { tree } = commitAt(repositories.get(repo)!, 'main')!
      return new Map(
        [...tree].map(([path, blob]) => [path, blob.type === 'lfs' ? large.get(blob.sha256)! : blob.content]),
      )
    },
    forget: () => void requests.splice(0),
    async close() {
      for (const listener of listeners) {
        listener.closeAllConnections()
        await new Promise((done) => listener.close(done))
      }
    },
  }
}

async function readAsk(from: IncomingMessage, origin: string): Promise<Ask> {
  const chunks: Buffer[] = []
  for await (const chunk of from) chunks.push(chunk)
  const url = new URL(from.url!, origin)
  const { authorization, range } = from.headers
  return { method: from.method!, url, path: url.pathname, body: Buffer.concat(chunks), authorization, range }
}

function answer(routes: readonly Route[], ask: Ask): Reply {
  try {
    for (const [method, path, run] of routes) {
      const match = ask.method === method && path.exec(ask.path)
      if (match) return run(ask, ...match.slice(1))
    }
    throw new Refusal(404, `no such route: ${ask.method} ${ask.path}`)
  } catch (error) {
    if (!(error instanceof Refusal)) return { status: 500, json: { error: String(error) } }
    return { status: error.status, headers: error.headers, json: { error: error.message } }
  }
}

function redirected(ask: Ask, redirect: HubServer['redirect']): Reply | undefined {
  if (!redirect || !ask.path.startsWith(redirect.from)) return
  return { status: 307, headers: { location: redirect.to + ask.path.slice(redirect.from.length) + ask.url.search } }
}

const refused = ({ headers = {}, error = 'a fault on command' }: Fault, status: number): Reply => ({
  ...{ status, headers, json: { error } },
})
