import { PipelineError } from '../define/errors.ts'

/** The address without who asks and the password. */
export function shownUrl(url: string): string {
  const { protocol, host, pathname } = new URL(url)
  return `${protocol}//${host}${pathname}`
}

export const unreachable = (url: string, cause: unknown): PipelineError<'queue.unreachable'> =>
  new PipelineError('queue.unreachable', { url: shownUrl(url) }, { cause })
