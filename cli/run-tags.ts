import { BadInput } from '../config.ts'

/** `['team=research']` to `{ team: 'research' }`. Throws `BadInput`. */
export function tagsFrom(texts: readonly string[]): Readonly<Record<string, string>> {
  const entries = texts.map((text) => {
    const at = text.indexOf('=')
    if (at < 1) throw new BadInput(`expected a tag such as --tag team=research, got "${text}"`)
    return [text.slice(0, at), text.slice(at + 1)] as const
  })
  return Object.fromEntries(entries)
}
