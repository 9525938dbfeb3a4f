/** What is written along the axes of a partition map. */

import type { Stretch } from '../../kit/use-zoom.ts'
import type { AxisStretch } from './grid-cells.ts'
import { readable } from './grid-cells.ts'

export interface AxisTick {
  /** A place on the axis. */
  readonly at: number
  readonly text: string
  readonly isMajor: boolean
}

interface Level {
  /** Two keys are on the same side of a tick if this is the same of both. */
  readonly of: (key: string) => string
  readonly text: (key: string) => string
  readonly room: number
  /** Characters that a key needs for this level to tell anything. */
  readonly keyLength: number
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const month = (key: string): string => months[Number(key.slice(5, 7)) - 1] ?? key.slice(5, 7)
const year = (key: string): string => key.slice(0, 4)
const dayOf = (key: string): string => `${Number(key.slice(8, 10))} ${month(key)}`

/** Finest first. */
const levels: readonly Level[] = [
  {
    of: (key) => key.slice(0, 16),
    text: (key) => (/T00(:00)?$/.test(key.slice(0, 16)) ? dayOf(key) : hourOf(key)),
    room: 50,
    keyLength: 13,
  },
  {
    of: (key) => key.slice(0, 10),
    text: (key) => (key.slice(8, 10) === '01' ? month(key) : dayOf(key)),
    room: 52,
    keyLength: 10,
  },
  {
    of: (key) => key.slice(0, 7),
    text: (key) => (key.slice(5, 7) === '01' ? year(key) : month(key)),
    room: 40,
    keyLength: 4,
  },
  { of: quarterOf, text: (key) => (key.slice(5, 7) === '01' ? year(key) : month(key)), room: 40, keyLength: 4 },
  { of: year, text: year, room: 40, keyLength: 4 },
]

function hourOf(key: string): string {
  const hour = key.slice(11, 16)
  return hour.length === 2 ? `${hour}:00` : hour
}

function quarterOf(key: string): string {
  return `${year(key)} ${Math.floor((Number(key.slice(5, 7)) - 1) / 3)}`
}

/** As fine as there is room for, between the stretches that are there. */
export function ticksOf(stretches: readonly AxisStretch[], shown: Stretch, width: number): readonly AxisTick[] {
  const inSight = stretches.filter(({ from, to }) => to > shown.from && from < shown.to)
  if (inSight.length === 0) return []
  const scale = width / (shown.to - shown.from)
  if (!/^\d{4}-\d{2}/.test(inSight[0]!.first)) return keyTicks(inSight, scale)
  for (const level of levels) {
    if (inSight[0]!.first.length < level.keyLength) continue
    const changes = inSight.filter(({ from, first }, index) => {
      // The first in sight begins where it was cut, not where a month does.
      const before = inSight[index - 1]
      return before ? level.of(before.first) !== level.of(first) : from === 0 && shown.from <= 0
    })
    const isEach = changes.every(
      ({ from }, index) => index === 0 || (from - changes[index - 1]!.from) * scale >= level.room,
    )
    if (isEach && changes.length > 0) {
      return changes.map(({ from, first }) => ({
        at: from,
        text: level.text(first),
        isMajor: level.text(first) === year(first),
      }))
    }
  }
  // Many years, or a stretch in which nothing changes.
  const years = inSight.filter(({ first }, index) => index > 0 && year(inSight[index - 1]!.first) !== year(first))
  const step = Math.ceil((years.length * 40) / Math.max(40, width))
  const kept = years.filter((_, index) => index % step === 0)
  if (kept.length > 0) return kept.map(({ from, first }) => ({ at: from, text: year(first), isMajor: true }))
  return [{ at: Math.max(inSight[0]!.from, shown.from), text: inSight[0]!.first, isMajor: true }]
}

function keyTicks(stretches: readonly AxisStretch[], scale: number): readonly AxisTick[] {
  let free = Number.NEGATIVE_INFINITY
  return stretches.flatMap(({ from, first }) => {
    if (from * scale < free) return []
    const text = readable(first)
    free = from * scale + text.length * 7 + 16
    return [{ at: from, text, isMajor: false }]
  })
}
