import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { get } from 'node:http'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import { chromium } from 'playwright-core'
import { inTemporaryFolder, report } from './measure.ts'
import config from './web.config.ts'
import { fillWebStore } from './web-store.ts'

/**
 * What people wait for, over a store of 300 assets, 10⁶ partitions and 10⁵ runs: the answers of the API, the pages in a
 * real browser, and what it costs to keep many browsers up to date.
 */
const asks = 60
const updates = 200
const streams = 50
const watchMs = 10_000

const here = import.meta.dirname
const command = join(here, '../cli/main.ts')
const given = ['--home', 'home', '--definitions', join(here, 'web.config.ts')]

await inTemporaryFolder(async (folder) => {
  const file = join(folder, 'home', 'store.sqlite')
  mkdirSync(join(folder, 'home'))
  const filled = await fillWebStore(file, config, Date.now())
  process.stderr.write(`${filled.assets} assets, ${filled.partitions} partitions, ${filled.runs} runs\n`)
  const server = await startServer(folder)
  try {
    const cookie = await logIn(server.link)
    await measureApi(server.url, cookie, filled.bigRun, '')
    await measureBrowser(file, server, cookie, filled.bigRun)
    await measureStreams(file, server, cookie)
  } finally {
    await server.stop()
  }
})

interface Server {
  readonly url: string
  /** Opens a browser's session; once. */
  readonly link: string
  readonly pid: number
  newLink(): Promise<string>
  stop(): Promise<void>
}

/** The command itself, in a folder whose home holds the store. */
async function startServer(folder: string): Promise<Server> {
  const child = spawn(process.execPath, [command, 'serve', '--port', '0', ...given], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const link = await lineWith(child.stdout, /http:\/\/\S+\/login\?token=\S+/)
  return {
    link,
    url: new URL(link).origin,
    pid: child.pid!,
    async newLink() {
      const asked = spawn(process.execPath, [command, 'link', ...given], {
        cwd: folder,
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      return lineWith(asked.stdout, /http:\/\/\S+\/login\?token=\S+/)
    },
    async stop() {
      const ended = new Promise((resolve) => child.once('close', resolve))
      child.kill('SIGTERM')
      await ended
    },
  }
}

async function lineWith(stream: NodeJS.ReadableStream, wanted: RegExp): Promise<string> {
  for await (const line of createInterface({ input: stream })) {
    const [found] = wanted.exec(line) ?? []
    if (found) return found
  }
  throw new Error(`the command ended without a line like ${wanted}`)
}

async function logIn(link: string): Promise<string> {
  const answer = await fetch(link, { redirect: 'manual' })
  const [cookie] = answer.headers.getSetCookie()
  if (!cookie) throw new Error(`expected the link to open a session, got status ${answer.status}`)
  return cookie.split(';', 1)[0]!
}

/** What each page asks for when it is opened, one after the other as the browser of a newcomer would. */
async function measureApi(url: string, cookie: string, bigRun: string, when: string): Promise<void> {
  const pages: Readonly<Record<string, readonly string[]>> = {
    overview: ['/overview', '/throughput'],
    assets: ['/assets?limit=5000'],
    graph: ['/graph', '/assets?limit=5000'],
    'asset of 1,600': ['/assets/silver_okx_3', '/assets/silver_okx_3/grid', '/assets/silver_okx_3/partitions'],
    'asset of 500,000': ['/assets/bronze_wide', '/assets/bronze_wide/grid', '/assets/bronze_wide/partitions'],
    runs: ['/runs', '/runs?status=failed'],
    'run of 100,000': ['/runs/ID', '/runs/ID/grid', '/runs/ID/timeline', '/runs/ID/log', '/runs/ID/steps'],
    automation: ['/automations'],
    sql: ['/sql/tables'],
    system: ['/system', '/workers'],
  }
  const headers = { cookie, 'accept-encoding': 'gzip' }
  await fetch(`${url}/api/v1/overview`, { headers })
  const bare = await latencies(() => fetch(`${url}/health`))
  for (const [page, paths] of Object.entries(pages)) {
    const all: number[] = []
    for (const path of paths) {
      const address = `${url}/api/v1${path.replace('ID', bigRun)}`
      const took = await latencies(async () => {
        const answer = await fetch(address, { headers })
        if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`)
        await answer.arrayBuffer()
      })
      all.push(...took)
    }
    all.sort((a, b) => a - b)
    tell(`api of the page ${page}${when}, p50`, at(all, 0.5), 'ms', '< 50 ms', (value) => value < 50, at(bare, 0.5))
    tell(`api of the page ${page}${when}, p95`, at(all, 0.95), 'ms', '< 150 ms', (value) => value < 150, at(bare, 0.95))
  }
}

async function latencies(ask: () => Promise<unknown>): Promise<number[]> {
  const took: number[] = []
  for (let round = 0; round < asks; round++) {
    const startedAt = performance.now()
    await ask()
    took.push(performance.now() - startedAt)
  }
  return took.sort((a, b) => a - b)
}

function at(sorted: readonly number[], part: number): number {
  return sorted[Math.floor((sorted.length - 1) * part)]!
}

async function measureBrowser(file: string, server: Server, cookie: string, bigRun: string): Promise<void> {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-background-networking', '--disable-component-update', '--no-first-run'],
  })
  try {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
    const page = await context.newPage()
    const scripts = sizesOf(page)
    const link = await server.newLink()
    const startedAt = performance.now()
    await page.goto(link, { waitUntil: 'commit' })
    await isUsable(page, 'Overview')
    tell('first page, cold', performance.now() - startedAt, 'ms', '< 1500 ms', (value) => value < 1_500)
    tell('initial script, compressed', (await scripts()) / 1_000, 'kB', '< 300 kB', (value) => value < 300)

    // Whoever goes on has seen the first page; the others are fetched meanwhile.
    await page.waitForLoadState('networkidle')
    for (const name of ['Assets', 'Graph', 'Runs', 'Automation', 'SQL', 'Markets', 'System', 'Overview']) {
      const link = page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name, exact: true })
      tell(`page ${name}`, await goTo(page, name, () => link.click()), 'ms', '< 300 ms', (value) => value < 300)
    }
    const open = (path: string) => () =>
      page.evaluate(`history.pushState(undefined, '', '${path}'); dispatchEvent(new PopStateEvent('popstate'))`)
    for (const [name, heading, path] of [
      ['run of 100,000 steps', 'backfill bronze_wide', `/runs/${bigRun}`],
      ['asset of 500,000 partitions', 'bronze_wide', '/assets/bronze_wide'],
    ] as const) {
      tell(`page ${name}`, await goTo(page, heading, open(path)), 'ms', '< 300 ms', (value) => value < 300)
    }

    const work = await startWork(file)
    try {
      const startedAt = performance.now()
      const before = await madeBy(server.url, cookie, work.run)
      for (const [name, heading, path] of [
        ['overview', 'Overview', '/'],
        ['assets', 'Assets', '/assets'],
        ['graph', 'Graph', '/graph'],
        ['run', 'all of bronze again', `/runs/${work.run}`],
      ] as const) {
        await goTo(page, heading, open(path))
        tell(
          `frames at ${updates} changes/s, ${name}`,
          await framesOf(page),
          'frames/s',
          '≥ 30',
          (value) => value >= 30,
        )
      }
      const made = (await madeBy(server.url, cookie, work.run)) - before
      const rate = made / ((performance.now() - startedAt) / 1_000)
      tell(
        'changes while frames were counted',
        rate,
        'changes/s',
        `≥ ${updates * 0.9}`,
        (value) => value >= updates * 0.9,
      )
      await page.close()
      await measureApi(server.url, cookie, bigRun, `, at ${updates} changes/s`)
    } finally {
      await work.stop()
    }
  } finally {
    await browser.close()
  }
}

async function goTo(page: Page, heading: string, go: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  await go()
  await isUsable(page, heading)
  return performance.now() - startedAt
}

/** A page is usable when it shows its name and data, and waits for nothing. */
async function isUsable(page: Page, heading: string): Promise<void> {
  await page.getByRole('heading', { level: 1, name: heading }).waitFor()
  await page.locator('main').getByRole('status').filter({ hasText: 'Loading' }).first().waitFor({ state: 'detached' })
}

/** Bytes of scripts that came over the wire until it is asked. */
function sizesOf(page: Page): () => Promise<number> {
  const scripts: Promise<number>[] = []
  page.on('requestfinished', (request) => {
    if (request.resourceType() !== 'script') return
    scripts.push(request.sizes().then(({ responseBodySize }) => responseBodySize))
  })
  return async () => (await Promise.all(scripts)).reduce((sum, size) => sum + size, 0)
}

/** Frames a second that the page draws over some seconds. */
function framesOf(page: Page): Promise<number> {
  return page.evaluate<number>(`new Promise((resolve) => {
    let frames = 0
    const startedAt = performance.now()
    const next = () => {
      frames++
      const took = performance.now() - startedAt
      if (took < ${watchMs}) requestAnimationFrame(next)
      else resolve((frames / took) * 1000)
    }
    requestAnimationFrame(next)
  })`)
}

async function startWork(file: string) {
  const child = spawn(process.execPath, [join(here, 'web-work.ts'), file, String(updates)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const run = await lineWith(child.stdout, /\w{15,}/)
  return {
    run,
    async stop() {
      const ended = new Promise((resolve) => child.once('close', resolve))
      child.kill('SIGKILL')
      await ended
    },
  }
}

async function madeBy(url: string, cookie: string, run: string): Promise<number> {
  const answer = await fetch(`${url}/api/v1/runs/${run}`, { headers: { cookie } })
  const { counts } = (await answer.json()) as { readonly counts: Readonly<Record<string, number>> }
  return counts.published! + counts.unchanged!
}

/** What the server spends on streams that are open, over what it spends on one, while changes come. */
async function measureStreams(file: string, server: Server, cookie: string): Promise<void> {
  const work = await startWork(file)
  try {
    const one = openStreams(server.url, cookie, 1)
    await sleep(2_000)
    const alone = await coreUse(server.pid)
    const all = openStreams(server.url, cookie, streams - 1)
    await sleep(2_000)
    const together = await coreUse(server.pid)
    const heard = all.changes()
    if (heard < streams - 1) throw new Error(`expected ${streams - 1} streams to hear changes, heard ${heard}`)
    one.close()
    all.close()
    const cost = (together - alone) * 100
    tell(
      `${streams} streams at ${updates} changes/s`,
      cost,
      '% of a core',
      '< 10 %',
      (value) => value < 10,
      alone * 100,
    )
  } finally {
    await work.stop()
  }
}

function openStreams(url: string, cookie: string, count: number) {
  let changes = 0
  const requests = Array.from({ length: count }, () =>
    get(`${url}/api/v1/live`, { headers: { cookie, accept: 'text/event-stream' } }, (answer) => {
      if (answer.statusCode !== 200) throw new Error(`expected a stream, got status ${answer.statusCode}`)
      answer.on('data', (text: Buffer) => {
        if (text.includes('event: change')) changes++
      })
    }),
  )
  return {
    changes: () => changes,
    close() {
      for (const request of requests) request.destroy()
    },
  }
}

/** Part of a core that a process uses, over some seconds. Of /proc/PID/stat: fields 14 and 15, in hundredths of a second. */
async function coreUse(pid: number): Promise<number> {
  const ticks = (): number => {
    const [user, system] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ').slice(11, 13)
    return Number(user) + Number(system)
  }
  const before = ticks()
  await sleep(watchMs)
  return (ticks() - before) / 100 / (watchMs / 1_000)
}

function tell(
  name: string,
  value: number,
  unit: string,
  goal: string,
  isGood: (value: number) => boolean,
  reference: number | null = null,
): void {
  report({ name: `web: ${name}`, value, unit, reference, ratio: null, goal, ok: isGood(value) })
}
