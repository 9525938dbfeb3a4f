import { partitionStatuses } from '../../server/contract/words.ts'
import { useAnswer } from '../api/use-answer.ts'
import { count } from '../kit/format.ts'
import type { Tone } from '../kit/status.tsx'
import { addDays, daysBetween, monthOf } from './days.ts'
import type { Dimension } from './make-form.ts'

export type DayStatus = readonly (readonly [Tone, number])[]

const tones: readonly Tone[] = partitionStatuses
const placesADay = { day: 1, hour: 24 } as const

/** How the partitions of an asset are, on each day of a month. */
export function useDayStatuses(asset: string, time: Dimension, month: string): ReadonlyMap<string, DayStatus> {
  const each = placesADay[time.unit as keyof typeof placesADay]
  // Some places more at both ends: clocks that change move them.
  const place = (day: string) => daysBetween(time.first ?? day, day) * each
  const from = Math.max(0, Math.min(time.count, place(addDays(month, -1))))
  const to = Math.max(0, Math.min(time.count, place(addDays(monthOf(month, 1), 1))))
  const { data } = useAnswer(
    'grid',
    { asset, columns: time.name, from, to, width: 1_000, height: 1 },
    { when: to > from, keep: true },
  )
  const sums = new Map<string, number[]>()
  data?.columns.stretches.forEach(({ first }, column) => {
    const day = first.slice(0, 10)
    const sum = sums.get(day) ?? tones.map(() => 0)
    for (const row of data.cells) {
      for (const [index, value] of (row[column] ?? []).entries()) sum[index]! += value
    }
    sums.set(day, sum)
  })
  return new Map([...sums].map(([day, sum]) => [day, tones.map((tone, index) => [tone, sum[index]!] as const)]))
}

export const dayTotal = (status: DayStatus): number => status.reduce((sum, [, value]) => sum + value, 0)

export const inWords = (status: DayStatus): string =>
  status
    .filter(([, value]) => value > 0)
    .map(([tone, value]) => `${count(value)} ${tone}`)
    .join(', ') || 'no partition'
