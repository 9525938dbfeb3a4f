import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { defineJob, defineSchedule, defineSensor } from '#pipeline'
import { openVisit } from './visit.ts'
import { openWorkshop } from './workshop.ts'

let on: Awaited<ReturnType<typeof opened>>
let isBroken = true
const opened = async () =>
  openVisit(
    await openWorkshop({
      hasDaemon: true,
      automations([prices]) {
        const job = defineJob({ name: 'ingest', assets: [prices!] })
        return {
          schedules: [defineSchedule({ name: 'every_night', job, cron: '0 1 * * *', defaultStatus: 'stopped' })],
          sensors: [
            defineSensor({
              ...{ name: 'arrivals', job, every: '1s', cursor: z.number(), defaultStatus: 'running' },
              async poll() {
                if (isBroken) throw new Error('the mailbox is locked')
                return { skip: 'nothing has arrived' }
              },
            }),
          ],
        }
      },
    }),
  )
beforeAll(async () => {
  on = await opened()
})
afterAll(() => on?.close())

const table = () => on.page.getByRole('table', { name: 'Schedules and sensors' })
const row = (name: string) => table().getByRole('row').filter({ hasText: name })

test('schedules and sensors say when they tick, and are switched on and off', async () => {
  const { page, go, isAccessible, engine } = on
  await go('/automation')
  await row('every_night').getByText(/01:00/).waitFor()
  await row('arrivals').getByRole('img', { name: 'failed', exact: true }).waitFor()
  await page.getByText('the last tick of 1 failed').waitFor()
  await isAccessible()

  const toggle = row('every_night').getByRole('switch')
  const before = await toggle.isChecked()
  await toggle.click()
  await row('every_night')
    .getByRole('switch', { name: before ? /is off$/ : /is on$/ })
    .waitFor()
  await expect
    .poll(async () => (await engine.store.automations()).find(({ name }) => name === 'every_night')?.isOn)
    .toBe(!before)
  if (before) await toggle.click()
  await row('every_night')
    .getByRole('switch', { name: /is on$/ })
    .waitFor()
  await page.reload()
  await row('every_night')
    .getByRole('switch', { name: /is on$/ })
    .waitFor()

  await page.keyboard.press('/')
  await page.keyboard.type('arriv')
  await expect.poll(() => table().getByRole('row').count()).toBe(2)
  await row('arrivals').focus()
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { level: 1, name: 'arrivals' }).waitFor()
})

test('a tick that failed says why, and those after it that it is well again', async () => {
  const { page, isAccessible } = on
  const ticks = page.getByRole('table', { name: 'Ticks' })
  await ticks
    .getByText(/the mailbox is locked/)
    .first()
    .waitFor()
  await page.getByRole('application', { name: /^Ticks over time/ }).waitFor()
  await isAccessible()
  await ticks.getByRole('row').nth(1).focus()
  await page.keyboard.press('Enter')
  const tick = page.getByRole('dialog', { name: 'Tick' })
  await tick
    .getByText(/the mailbox is locked/)
    .first()
    .waitFor()
  await isAccessible()
  await page.keyboard.press('Escape')
  await tick.waitFor({ state: 'hidden' })
  expect(new URL(page.url()).searchParams.get('tick')).toMatch(/^\d+$/)

  isBroken = false
  await ticks.getByText('nothing has arrived').first().waitFor()
  await page.getByRole('radio', { name: 'Failed' }).click()
  await expect.poll(() => ticks.getByText('nothing has arrived').count()).toBe(0)
  await page.getByRole('radio', { name: 'Succeeded' }).click()
  await page.getByText('No tick was succeeded').or(page.getByText('No tick has succeeded')).waitFor()
})

test('what a tick would do is tried, and nothing is done', async () => {
  const { page, go, isAccessible, engine } = on
  await go('/automation/every_night')
  await page.getByRole('heading', { level: 1, name: 'every_night' }).waitFor()
  await page.getByRole('link', { name: 'prices' }).waitFor()
  await page.getByText('It has not ticked yet').waitFor()
  await page.getByRole('button', { name: 'Try' }).click()
  await page.getByText(/would ask for 1 run of 2 partitions/).waitFor()
  await isAccessible()
  expect(await engine.store.runs(10)).toEqual([])

  isBroken = true
  await go('/automation/arrivals')
  await page.getByRole('button', { name: 'Try' }).click()
  await page.locator('[aria-live=polite]').getByText('the mailbox is locked').waitFor()
  await isAccessible()
  await page.getByRole('switch', { name: 'arrivals is on' }).click()
  await page.getByText('It is off: this sensor does not tick until it is switched on.').waitFor()
  on.wasQuiet()
})
