import { createHash, randomBytes } from 'node:crypto'
import { chmod, link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Where the secret of a door is kept: a file that its owner alone may read, or the store that many machines share. */
export interface KeyRecord {
  /** For people. */
  readonly name: string
  read(): Promise<string | undefined>
  /** `false`: it is not `before` any more, and nothing was written. */
  write(text: string, before: string | undefined): Promise<boolean>
}

/** The secret that links, sessions and tokens are signed with. */
export interface KeyRing {
  /** Made if there is none. What another process changed is seen within a second. */
  key(): Promise<Buffer>
  /** A new one: whatever was signed before is worth nothing. */
  renew(): Promise<void>
}

const keyBytes = 32
const rememberMs = 1_000
const patienceMs = 2_000

export function keyRing(record: KeyRecord): KeyRing {
  let held: { readonly key: Buffer; readonly until: number } | undefined
  let reading: Promise<Buffer> | undefined
  const read = (): Promise<Buffer> => {
    reading ??= keyOf(record).finally(() => {
      reading = undefined
    })
    return reading
  }
  return {
    async key() {
      if (held && performance.now() < held.until) return held.key
      const key = await (held ? readOrElse(read(), held.key) : read())
      held = { key, until: performance.now() + rememberMs }
      return key
    },
    async renew() {
      await record.write(newKey(), await record.read())
      held = undefined
    },
  }
}

/** A store that is away for a while locks nobody out, and does not keep them waiting. */
async function readOrElse(reading: Promise<Buffer>, last: Buffer): Promise<Buffer> {
  const patience = Promise.withResolvers<Buffer>()
  const timer = setTimeout(() => patience.resolve(last), patienceMs)
  try {
    return await Promise.race([reading.catch(() => last), patience.promise])
  } finally {
    clearTimeout(timer)
  }
}

async function keyOf(record: KeyRecord): Promise<Buffer> {
  const text = await record.read()
  if (text === undefined) {
    await record.write(newKey(), undefined)
    return parseKey(record, (await record.read()) ?? '')
  }
  return parseKey(record, text)
}

function parseKey(record: KeyRecord, text: string): Buffer {
  const key = Buffer.from(text.trim(), 'base64url')
  if (key.length === keyBytes) return key
  throw new Error(
    `the key of the web door in ${record.name} is damaged; make a new one with: bullion token --revoke-all`,
  )
}

const newKey = (): string => `${randomBytes(keyBytes).toString('base64url')}\n`

/** Tells keys apart without telling them: part of the name of the cookie, since browsers share cookies among ports. */
export const keyId = (key: Buffer): string => createHash('sha256').update(key).digest('hex').slice(0, 8)

/** A file that its owner alone may read. */
export const keyFile = (path: string): KeyRecord => ({
  name: `"${path}"`,
  async read() {
    try {
      return await readFile(path, 'utf8')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      return undefined
    }
  },
  async write(text, before) {
    await mkdir(dirname(path), { recursive: true })
    const whole = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`
    await writeFile(whole, text, { mode: 0o600, flag: 'wx' })
    // Whatever the umask was.
    await chmod(whole, 0o600)
    if (before !== undefined) {
      await rename(whole, path)
      return true
    }
    try {
      // Unlike a rename it fails where another process was first.
      await link(whole, path)
      return true
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      return false
    } finally {
      await rm(whole, { force: true })
    }
  },
})
