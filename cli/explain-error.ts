import { PipelineError } from '#pipeline'
import { BadInput } from '../config.ts'

const hints: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full; free some space and run the command again, nothing that was published is lost',
  EACCES: 'the folder may not be written by this user; choose another with --home DIR or BULLION_HOME=DIR',
  EPERM: 'the folder may not be written by this user; choose another with --home DIR or BULLION_HOME=DIR',
  EROFS: 'the file system is read-only; choose another folder with --home DIR or BULLION_HOME=DIR',
  ENOTDIR: 'a part of the path is a file; choose another folder with --home DIR or BULLION_HOME=DIR',
}

/** Prints an error for people and returns the exit code: 2 for what the user gave, 1 for what went wrong. */
export function explainError(error: unknown): 1 | 2 {
  const isInput =
    error instanceof BadInput || error instanceof PipelineError || (error as Error).name === 'QueryRefused'
  const message = messageOf(error)
  const hint = hintOf(error)
  process.stderr.write(`error: ${message}\n${hint === undefined ? '' : `${hint}\n`}`)
  return isInput ? 2 : 1
}

/** A server that has several addresses fails at each of them, and together these say nothing. */
function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join('; ')
  return error instanceof Error ? error.message : String(error)
}

function hintOf(error: unknown): string | undefined {
  const { code, message = '' } = (error ?? {}) as { code?: string; message?: string }
  if (code !== undefined && code in hints) return hints[code]
  if (/no space left|disk is full|database or disk is full/i.test(message)) return hints.ENOSPC
  if (/readonly database|attempt to write a readonly|unable to open database/i.test(message)) return hints.EACCES
  return undefined
}
