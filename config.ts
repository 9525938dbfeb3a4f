import { z } from 'zod'

const urlOf = (...protocols: readonly string[]) =>
  z
    .string()
    .refine(
      (text) => protocols.some((protocol) => text.startsWith(`${protocol}://`)),
      `expected a URL that starts with ${protocols.map((protocol) => `"${protocol}://"`).join(' or ')}`,
    )
    // Also what refuses such a URL later repeats it, with the password.
    .refine(
      (text) => URL.canParse(text),
      `expected a URL such as "${protocols[0]}://user:password@host/name"; in a password write "@" as %40, "/" as %2F and "#" as %23`,
    )

/** The only reader of the environment: everything below receives values. docs/operate.md lists them. */
export const Settings = z.strictObject({
  /** Folder of state and lake; each command that takes `--home` prefers that. */
  BULLION_HOME: z.string().min(1).optional(),
  /** Folder of the published dataset; `<home>/published` if absent. */
  BULLION_PUBLISH_DIR: z.string().min(1).optional(),
  /** `namespace/name` of a dataset on a Hugging Face Hub; with a token, releases go there. */
  BULLION_HF_REPO: z
    .string()
    .regex(/^[\w.-]+\/[\w.-]+$/, 'expected "namespace/name"')
    .optional(),
  BULLION_HF_TOKEN: z.string().startsWith('hf_', 'expected a token that starts with "hf_"').optional(),
  /** Another Hub than the public one. */
  BULLION_HF_URL: z.url().optional(),
  /** Memory that DuckDB may use, in MB. */
  BULLION_DUCKDB_MEMORY: z.coerce.number().int().min(64).default(256),
  /** Steps at once; on a worker, of each pool. */
  BULLION_CONCURRENCY: z.coerce.number().int().min(1).max(1_000).default(4),
  /** A PostgreSQL database for the store, so that many machines share it; SQLite in the home if absent. */
  BULLION_STORE: urlOf('postgres', 'postgresql').optional(),
  /** Redis (or PostgreSQL again) for the queue of steps, which workers take; without it each process makes its own. */
  BULLION_QUEUE: urlOf('redis', 'rediss', 'postgres', 'postgresql').optional(),
  /** Where the files are: a folder, or a container of Azure Blob as its https URL; `<home>/lake` if absent. */
  BULLION_LAKE: z.string().min(1).optional(),
  /** Account key or SAS token of that container; without it, the identity of the machine. */
  BULLION_AZURE_KEY: z.string().min(1).optional(),
  /** Disk for copies of files that are read from Azure Blob, in MB. */
  BULLION_CACHE: z.coerce.number().int().min(16).default(10_000),
  /** How long a silent worker keeps what it holds, in seconds. */
  BULLION_LEASE: z.coerce.number().min(1).max(3_600).default(30),
  /** How long a worker that is told to stop may go on with its steps, in seconds. */
  BULLION_GRACE: z.coerce.number().min(0).max(3_600).default(20),
  /** Port of the health endpoints of workers and daemons; none if absent. */
  BULLION_HEALTH_PORT: z.coerce.number().int().min(0).max(65_535).optional(),
  /** Address of the health endpoints; they tell no data. */
  BULLION_HEALTH_HOST: z.string().min(1).default('127.0.0.1'),
})

export interface Config {
  readonly home: string | undefined
  readonly publishDir: string | undefined
  readonly hub: { readonly repo: string; readonly token: string; readonly url: string | undefined } | undefined
  readonly duckdbMemoryMb: number
  readonly concurrency: number
  /** URLs may hold passwords: they are for those who connect, not for messages. */
  readonly store: string | undefined
  readonly queue: string | undefined
  readonly lake: string | undefined
  readonly azureKey: string | undefined
  readonly cacheMb: number
  readonly leaseMs: number
  readonly graceMs: number
  readonly health: { readonly port: number; readonly host: string } | undefined
}

/** A mistake in what the user gave: exit code 2, and nothing was done. */
export class BadInput extends Error {
  override readonly name = 'BadInput'
}

/**
 * Reads `BULLION_…` variables. Throws `BadInput`, naming the variable but never its value; an unknown one is refused,
 * since a typo would otherwise be a setting that does nothing. `nearest` finds what was probably meant.
 */
export function readConfig(
  environment: Readonly<Record<string, string | undefined>>,
  nearest: (name: string, known: readonly string[]) => string | undefined,
): Config {
  const given = Object.fromEntries(
    Object.entries(environment).filter(
      ([name, value]) => name.startsWith('BULLION_') && value !== undefined && value !== '',
    ),
  )
  const known = Object.keys(Settings.shape)
  for (const name of Object.keys(given)) {
    if (known.includes(name)) continue
    const near = nearest(name, known)
    throw new BadInput(
      `environment variable "${name}" means nothing to bullion${near ? `; did you mean "${near}"?` : `; it knows ${known.join(', ')}`}`,
    )
  }
  const parsed = Settings.safeParse(given)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw new BadInput(`environment variable "${issue!.path.join('.')}" is not valid: ${issue!.message}`)
  }
  const set = parsed.data
  if (set.BULLION_QUEUE !== undefined && set.BULLION_STORE === undefined) {
    throw new BadInput('a queue is for processes that share a store; set "BULLION_STORE" to a PostgreSQL database, too')
  }
  if ((set.BULLION_HF_REPO === undefined) !== (set.BULLION_HF_TOKEN === undefined)) {
    const missing = set.BULLION_HF_REPO === undefined ? 'BULLION_HF_REPO' : 'BULLION_HF_TOKEN'
    throw new BadInput(`publishing to a Hub needs a repository and a token; set "${missing}" too`)
  }
  return {
    home: set.BULLION_HOME,
    publishDir: set.BULLION_PUBLISH_DIR,
    hub:
      set.BULLION_HF_REPO !== undefined && set.BULLION_HF_TOKEN !== undefined
        ? { repo: set.BULLION_HF_REPO, token: set.BULLION_HF_TOKEN, url: set.BULLION_HF_URL }
        : undefined,
    duckdbMemoryMb: set.BULLION_DUCKDB_MEMORY,
    concurrency: set.BULLION_CONCURRENCY,
    store: set.BULLION_STORE,
    queue: set.BULLION_QUEUE,
    lake: set.BULLION_LAKE,
    azureKey: set.BULLION_AZURE_KEY,
    cacheMb: set.BULLION_CACHE,
    leaseMs: set.BULLION_LEASE * 1_000,
    graceMs: set.BULLION_GRACE * 1_000,
    health:
      set.BULLION_HEALTH_PORT === undefined
        ? undefined
        : { port: set.BULLION_HEALTH_PORT, host: set.BULLION_HEALTH_HOST },
  }
}
