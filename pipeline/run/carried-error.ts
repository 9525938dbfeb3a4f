import { deserialize, serialize } from 'node:v8'
import { PipelineError } from '../define/errors.ts'
import type { RetryPolicy } from '../define/retry-policy.ts'
import { judge, worthOf } from './retry.ts'

/** An error on its way to another process: plain values only. */
export interface CarriedError {
  readonly name: string
  readonly message: string
  readonly stack: string | undefined
  /** What else it says of itself, such as `code` and `retryAfterMs`. */
  readonly fields: Readonly<Record<string, unknown>>
  readonly cause: Carried | undefined
}

type Carried = { readonly error: CarriedError } | { readonly value: unknown }

/** What was thrown, and whether it is worth another attempt: found where its class is known. */
export interface CarriedFailure {
  readonly thrown: Carried
  readonly worth: Omit<RetryPolicy, 'on'> | undefined
}

const mostCauses = 5

/** For `unpackFailure` of another process; `policy` is that of the asset. */
export function packFailure(thrown: unknown, policy: RetryPolicy): CarriedFailure {
  const { on: _, ...worth } = worthOf(thrown, policy) ?? {}
  return { thrown: packed(thrown, 0), worth: 'attempts' in worth ? worth : undefined }
}

/** What was thrown in the other process, as near as can be: its own fields and causes, under its name. */
export function unpackFailure({ thrown, worth }: CarriedFailure): Error {
  const found = unpacked(thrown)
  const error = found instanceof Error ? found : new Error(String(found))
  judge(error, worth)
  return error
}

function packed(thrown: unknown, depth: number): Carried {
  if (!(thrown instanceof Error)) return { value: carriable(thrown) }
  const { name, message, stack, cause } = thrown
  const fields = Object.entries(thrown).filter(([field]) => !['name', 'message', 'stack', 'cause'].includes(field))
  return {
    error: {
      ...{ name, message, stack },
      fields: Object.fromEntries(fields.map(([field, value]) => [field, carriable(value)])),
      cause: cause === undefined || depth === mostCauses ? undefined : packed(cause, depth + 1),
    },
  }
}

/** What can not be sent goes as its text. */
function carriable(value: unknown): unknown {
  try {
    return deserialize(serialize(value))
  } catch {
    return String(value)
  }
}

function unpacked(carried: Carried): unknown {
  if ('value' in carried) return carried.value
  const { name, message, stack, fields, cause } = carried.error
  const options = cause && { cause: unpacked(cause) }
  const error =
    name === 'PipelineError'
      ? new PipelineError(fields.code as 'asset.unknown', fields.details as never, options)
      : Object.assign(new Error(message, options), fields)
  // Names are accessors in some classes of errors, and fixed in ours.
  Object.defineProperty(error, 'name', { value: name })
  Object.defineProperty(error, 'stack', { value: stack })
  return error
}
