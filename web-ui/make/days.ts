/** Days as text, 2024-01-31, and what a month of a calendar holds. */

const dayMs = 86_400_000

const msOf = (day: string): number => Date.parse(`${day.slice(0, 10)}T00:00:00Z`)
const dayAt = (ms: number): string => new Date(ms).toISOString().slice(0, 10)

export const addDays = (day: string, days: number): string => dayAt(msOf(day) + days * dayMs)

export const daysBetween = (from: string, to: string): number => Math.round((msOf(to) - msOf(from)) / dayMs)

/** The first day of the month of `day`, so many months on. */
export function monthOf(day: string, months = 0): string {
  const at = new Date(msOf(day))
  return dayAt(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + months, 1))
}

/** From the first to the last day of the month. */
export function daysOf(month: string): readonly string[] {
  const count = daysBetween(month, monthOf(month, 1))
  return Array.from({ length: count }, (_, index) => addDays(month, index))
}

/** Monday is 0. */
export const weekday = (day: string): number => (new Date(msOf(day)).getUTCDay() + 6) % 7

export const monthName = (month: string): string =>
  new Date(msOf(month)).toLocaleDateString('en-GB', { month: 'long', year: 'numeric', timeZone: 'UTC' })
