import { z } from 'zod'
import { Count, Cursor, endpoint, Instant, limitOf, pageOf } from './endpoint.ts'

const about = 'automation'
const params = z.strictObject({ name: z.string().max(200) })

const Tick = z.strictObject({
  scheduledAt: Instant,
  decidedAt: Instant,
  status: z.enum(['succeeded', 'skipped', 'failed']),
  failures: Count,
  note: z.string().nullable().meta({ description: 'the error, or why it was skipped' }),
  runs: z.array(z.string()),
  cursorBefore: z.string().nullable(),
  cursorAfter: z.string().nullable(),
})

const Automation = z.strictObject({
  name: z.string(),
  kind: z.enum(['schedule', 'sensor']),
  description: z.string().nullable(),
  isOn: z.boolean(),
  when: z.string().meta({ description: 'in words' }),
  cron: z.array(z.string()).nullable(),
  timezone: z.string().nullable(),
  everyMs: z.number().nullable().meta({ description: 'of a sensor' }),
  makes: z.array(z.string()).meta({ description: 'assets, as far as they are declared' }),
  lastTick: Tick.nullable(),
  nextTick: Instant.nullable(),
  recent: z
    .array(z.strictObject({ at: Instant, status: Tick.shape.status, runs: Count }))
    .meta({ description: 'the last 60 ticks, oldest first' }),
})

export const automationEndpoints = {
  automations: endpoint({
    about,
    summary: 'Schedules and sensors, and the conditions of assets',
    answer: z.strictObject({
      items: z.array(Automation),
      conditions: z.array(z.strictObject({ asset: z.string(), condition: z.string() })),
      isDaemonUp: z.boolean().meta({ description: 'whether a process is there that ticks' }),
    }),
  }),
  automation: endpoint({
    about,
    summary: 'One schedule or sensor',
    params,
    answer: Automation.extend({
      upcoming: z.array(Instant).meta({ description: 'the next ticks of a schedule, at most 10' }),
      cursor: z.string().nullable(),
    }),
    refusals: ['definition.unknown'],
  }),
  ticks: endpoint({
    about,
    summary: 'Ticks of a schedule or sensor, newest first',
    params,
    query: z.strictObject({ status: Tick.shape.status.optional(), cursor: Cursor, limit: limitOf(200, 50) }),
    answer: pageOf(Tick),
    refusals: ['definition.unknown'],
  }),
  switchAutomation: endpoint({
    about,
    summary: 'Switch a schedule or sensor on or off',
    params,
    body: z.strictObject({ isOn: z.boolean() }),
    answer: z.strictObject({ isOn: z.boolean() }),
    refusals: ['definition.unknown'],
  }),
  tryTick: endpoint({
    about,
    summary: 'What a tick would ask for; writes nothing',
    params,
    body: z.strictObject({ at: Instant.optional() }),
    answer: z.strictObject({
      at: Instant,
      skip: z.string().nullable(),
      error: z.string().nullable().meta({ description: 'what its function threw' }),
      runs: z.array(
        z.strictObject({
          reason: z.string(),
          runKey: z.string().nullable(),
          size: Count,
          assets: z.array(z.strictObject({ asset: z.string(), count: Count, why: z.string() })),
        }),
      ),
    }),
    refusals: ['definition.unknown'],
  }),
}
