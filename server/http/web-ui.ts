import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { isPagePath } from './guard.ts'
import { pagePolicy } from './headers.ts'
import { unbuiltPage } from './pages.ts'
import { unknownPath } from './problem.ts'

/** Stands for the nonce in the page as Vite builds it (`html.cspNonce`). */
const noncePlaceholder = '__CSP_NONCE__'
const favicons = ['/favicon.ico', '/favicon.svg']

/**
 * The pages of the application, as Vite built them into `folder`. Whatever path looks like a page is its one page: the
 * application reads the path itself.
 */
export async function addWebUi(app: FastifyInstance, folder: string): Promise<void> {
  await app.register(fastifyStatic, { serve: false, preCompressed: true, dotfiles: 'ignore', index: false })
  const index = indexOf(join(folder, 'index.html'))
  for (const path of favicons) {
    app.get(path, { config: { door: 'open' }, schema: { hide: true }, compress: false }, async (_, reply) => {
      return existsSync(join(folder, path)) ? reply.sendFile(path, folder) : reply.code(204).send()
    })
  }
  // Paths of pages may begin with /assets, too: those of files have an extension.
  app.get('/*', { config: { door: 'page' }, schema: { hide: true } }, async (request, reply) => {
    if (/^\/api(\/|\?|$)/.test(request.url)) throw unknownPath(request.url)
    if (!isPagePath(request.url)) return sendFile(request.url, reply)
    const nonce = randomBytes(16).toString('base64')
    const page = await index()
    reply.type('text/html; charset=utf-8').header('cache-control', 'no-store')
    if (page === undefined) return reply.code(503).send(unbuiltPage)
    return reply.header('content-security-policy', pagePolicy(nonce)).send(page.replaceAll(noncePlaceholder, nonce))
  })

  function sendFile(url: string, reply: FastifyReply): FastifyReply {
    const path = pathOf(url)
    if (path === undefined || !existsSync(folder)) throw unknownPath(url)
    // Names of files in there change with what is in them.
    const keeps = path.startsWith('/assets/') ? { immutable: true, maxAge: '365d' } : { maxAge: 0 }
    return reply.removeHeader('cache-control').sendFile(path, folder, keeps)
  }
}

function pathOf(url: string): string | undefined {
  try {
    const path = decodeURIComponent(url.split('?', 1)[0]!)
    return path.includes('\0') ? undefined : path
  } catch {
    return undefined
  }
}

/** The page, read again when it was built again. */
function indexOf(file: string): () => Promise<string | undefined> {
  let held: { readonly at: number; readonly text: string } | undefined
  return async () => {
    try {
      const { mtimeMs } = await stat(file)
      if (held?.at !== mtimeMs) held = { at: mtimeMs, text: await readFile(file, 'utf8') }
      return held.text
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      return undefined
    }
  }
}
