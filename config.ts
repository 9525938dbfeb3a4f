import { z } from 'zod'

/** The only reader of the environment: everything below receives values. */
const Settings = z.strictObject({
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
  /** Steps at once. */
  BULLION_CONCURRENCY: z.coerce.number().int().min(1).max(1_000).default(4),
})

export interface Config {
  readonly home: string | undefined
  readonly publishDir: string | undefined
  readonly hub: { readonly repo: string; readonly token: string; readonly url: string | undefined } | undefined
  readonly duckdbMemoryMb: number
  readonly concurrency: number
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
  }
}
