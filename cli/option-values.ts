import { InvalidArgumentError } from 'commander'

/** What the command line refuses before it opens anything. */

export function wholeNumber(text: string): string {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('It must be a whole number above 0.')
  return text
}

/** Text without a name in it would mean every partition: `--partition "$UNSET"` must not wipe an asset. */
export function somePartitions(text: string): string {
  if (!/[^\s,/]/.test(text)) throw new InvalidArgumentError('It names no partition; say which, e.g. 2024-01-01.')
  return text
}
