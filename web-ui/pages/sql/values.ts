/** What the types of DuckDB mean for how values are shown. */

import type { Answer } from '../../../server/contract/contract.ts'

export type Result = Answer<'sql'>
export type Value = Result['rows'][number][number]

export const isNumeric = (type: string): boolean =>
  /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|DOUBLE|FLOAT|REAL|DECIMAL)/i.test(type)

export const isTemporal = (type: string): boolean => /^(DATE|TIMESTAMP)/i.test(type)

/** As it stands in a cell. */
export function textOf(value: Value): string {
  if (value === null) return 'null'
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

/** The same for people: times, which are all in UTC, without the signs of machines. */
export const shownAs = (value: Value, type: string): string =>
  isTemporal(type) && typeof value === 'string'
    ? value.replace(/^(\d{4}-\d\d-\d\d)T([\d:]+)(?:\.0+)?(\.\d+)?Z?$/, '$1 $2$3')
    : textOf(value)

/** Large integers and decimals come as text, so that no digit is lost. */
export function numberOf(value: Value): number | null {
  if (value === null || value === '' || typeof value === 'object') return null
  const number = Number(value)
  return Number.isFinite(number) ? number : null
}

/** ms since 1970 UTC. */
export function instantOf(value: Value): number | null {
  if (typeof value === 'number') return value
  if (typeof value !== 'string') return null
  const text = value.trim().replace(' ', 'T')
  const ms = Date.parse(
    /(Z|[+-]\d\d(:?\d\d)?)$/.test(text) || text.length <= 10 ? text.replace(/([+-]\d\d)$/, '$1:00') : `${text}Z`,
  )
  return Number.isNaN(ms) ? null : ms
}

/** For a spreadsheet: what has a tab or a line's end in it loses it. */
export const tabbed = (row: readonly Value[]): string =>
  row.map((value) => (value === null ? '' : textOf(value).replaceAll(/[\t\r\n]+/g, ' '))).join('\t')

/** As people write it. */
export const typeName = (type: string): string =>
  type
    .toLowerCase()
    .replace('timestamp with time zone', 'timestamptz')
    .replace(/^(struct|map|union)\(.*/s, '$1')
