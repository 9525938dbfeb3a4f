/** Headings, lists, code, quotes, emphasis and links of markdown as elements; whatever else there is stays text. */

import type { ReactNode } from 'react'

export function Markdown({ text }: { readonly text: string }) {
  return <div className="flex flex-col gap-2 text-sm break-words">{blocksOf(text).map(block)}</div>
}

type Block =
  | { readonly kind: 'code'; readonly lines: readonly string[] }
  | { readonly kind: 'heading' | 'text' | 'quote'; readonly lines: readonly string[] }
  | { readonly kind: 'list'; readonly isNumbered: boolean; readonly lines: readonly string[] }

const item = /^\s*(?:[-*+]|(\d+)[.)])\s+/

function blocksOf(text: string): readonly Block[] {
  const blocks: Block[] = []
  const lines = text.replaceAll('\r\n', '\n').split('\n')
  for (let at = 0; at < lines.length; ) {
    const line = lines[at]!
    const take = (isPart: (line: string) => boolean): readonly string[] => {
      const from = at
      while (at < lines.length && isPart(lines[at]!)) at++
      return lines.slice(from, at)
    }
    if (line.startsWith('```')) {
      at++
      blocks.push({ kind: 'code', lines: take((next) => !next.startsWith('```')) })
      at++
    } else if (/^#{1,6}\s/.test(line)) {
      blocks.push({ kind: 'heading', lines: [line.replace(/^#+\s+/, '')] })
      at++
    } else if (item.test(line)) {
      const isNumbered = item.exec(line)![1] !== undefined
      blocks.push({
        kind: 'list',
        isNumbered,
        lines: take((next) => item.test(next)).map((one) => one.replace(item, '')),
      })
    } else if (line.startsWith('>')) {
      blocks.push({ kind: 'quote', lines: take((next) => next.startsWith('>')).map((one) => one.replace(/^>\s?/, '')) })
    } else if (line.trim() === '') at++
    else {
      const isText = (next: string) => next.trim() !== '' && !/^(```|#{1,6}\s|>)/.test(next) && !item.test(next)
      blocks.push({ kind: 'text', lines: take(isText) })
    }
  }
  return blocks
}

function block(one: Block, index: number): ReactNode {
  switch (one.kind) {
    case 'code':
      return (
        <pre key={index} className="overflow-x-auto rounded border border-line bg-sunken p-2 font-mono text-xs">
          {one.lines.join('\n')}
        </pre>
      )
    case 'heading':
      return (
        <p key={index} className="font-semibold">
          {spans(one.lines[0]!)}
        </p>
      )
    case 'quote':
      return (
        <blockquote key={index} className="border-l-2 border-line-strong pl-3 text-ink-soft">
          {spans(one.lines.join(' '))}
        </blockquote>
      )
    case 'text':
      return <p key={index}>{spans(one.lines.join(' '))}</p>
    case 'list': {
      const List = one.isNumbered ? 'ol' : 'ul'
      return (
        <List key={index} className={`flex flex-col gap-0.5 pl-5 ${one.isNumbered ? 'list-decimal' : 'list-disc'}`}>
          {one.lines.map((line, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the lines of a text keep their places
            <li key={at}>{spans(line)}</li>
          ))}
        </List>
      )
    }
    default:
      return one satisfies never
  }
}

const span = /`([^`]+)`|\*\*([^*]+)\*\*|\*([^*\s][^*]*)\*|\[([^\]]+)\]\(([^)\s]+)\)/g

function spans(text: string): ReactNode {
  const parts: ReactNode[] = []
  let from = 0
  for (const found of text.matchAll(span)) {
    parts.push(text.slice(from, found.index))
    const [whole, code, strong, weak, label, href] = found
    const key = found.index
    if (code !== undefined) {
      parts.push(
        <code key={key} className="rounded bg-sunken px-1 font-mono text-xs">
          {code}
        </code>,
      )
    } else if (strong !== undefined) parts.push(<strong key={key}>{strong}</strong>)
    else if (weak !== undefined) parts.push(<em key={key}>{weak}</em>)
    else parts.push(<SafeLink key={key} href={href!} label={label!} />)
    from = found.index + whole.length
  }
  return [...parts, text.slice(from)]
}

/** A link to elsewhere; what is no web address is shown as the text it is. */
export function SafeLink({ href, label }: { readonly href: string; readonly label: string }) {
  if (!/^https?:\/\//i.test(href)) return <>{label === href ? href : `${label} (${href})`}</>
  return (
    <a href={href} target="_blank" rel="noreferrer noopener" className="text-accent underline">
      {label}
    </a>
  )
}
