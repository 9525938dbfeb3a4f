import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { root } from '../cli/run-bullion.ts'

/** The part of Compose's format that we use. What is misspelt there is ignored by some versions and refused by others. */
const Seconds = z
  .string()
  .regex(/^\d+s$/)
  .transform((text) => Number(text.slice(0, -1)))

const Healthcheck = z.union([
  z.strictObject({ disable: z.literal(true) }),
  z.strictObject({
    test: z.array(z.string()).min(2),
    interval: Seconds,
    timeout: Seconds,
    retries: z.int(),
    start_period: Seconds.optional(),
  }),
])

const Service = z.strictObject({
  // With a version: "latest" is another image tomorrow.
  image: z.string().regex(/^[a-z]+:\d[\w.-]*$/),
  build: z.strictObject({ context: z.literal('..'), dockerfile: z.string() }).optional(),
  command: z.array(z.string()).min(1),
  environment: z.record(z.string().regex(/^[A-Z_]+$/), z.string()).optional(),
  volumes: z.array(z.string().regex(/^[a-z]+:\/[\w/]+$/)).optional(),
  depends_on: z.record(z.string(), z.strictObject({ condition: z.literal('service_healthy') })).optional(),
  restart: z.enum(['no', 'unless-stopped']),
  init: z.literal(true).optional(),
  stop_grace_period: Seconds.optional(),
  shm_size: z.string().optional(),
  healthcheck: Healthcheck,
  deploy: z.strictObject({ replicas: z.int().min(1) }).optional(),
})
export type Service = z.output<typeof Service>

const Compose = z.strictObject({
  name: z.string(),
  'x-bullion': z.unknown(),
  services: z.record(z.string(), Service),
  volumes: z.record(z.string(), z.null()),
})
export type Compose = z.output<typeof Compose>

/** deploy/compose.yml, with the variables of its environment put in. */
export function readCompose(variables: Readonly<Record<string, string>>): Compose {
  const text = readFileSync(join(root, 'deploy/compose.yml'), 'utf8')
  return Compose.parse(parse(interpolated(text, variables), { merge: true }))
}

/** Variables that compose.yml asks for. */
export const askedOf = (text: string): readonly string[] => [
  ...new Set([...text.matchAll(/\$\{([A-Z_]+)/g)].map(([, name]) => name!)),
]

function interpolated(text: string, variables: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\$\{([A-Z_]+):\?([^}]*)\}/g, (_, name: string, why: string) => {
    if (!variables[name]) throw new Error(`required variable ${name} is missing a value: ${why}`)
    return variables[name]
  })
}
