import { InvalidArgumentError } from 'commander'

/** What the command line refuses before it opens anything. */

export function wholeNumber(text: string): string {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('It must be a whole number above 0.')
  return text
}

export function portNumber(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN
  if (!(port <= 65_535)) throw new InvalidArgumentError('It must be a port: a whole number up to 65535.')
  return port
}

/** Text without a name in it would mean every partition: `--partition "$UNSET"` must not wipe an asset. */
export function somePartitions(text: string): string {
  if (!/[^\s,/]/.test(text)) throw new InvalidArgumentError('It names no partition; say which, e.g. 2024-01-01.')
  return text
}
