/** What was asked before, and what was kept by name; in this browser only. */

import { useSyncExternalStore } from 'react'

export interface Asked {
  readonly text: string
  readonly at: number
}
export interface Saved {
  readonly name: string
  readonly text: string
}

const mostAsked = 100
const held = { history: 'bullion.sql.history', saved: 'bullion.sql.saved' } as const
const listeners = new Set<() => void>()

function follow(listener: () => void): () => void {
  listeners.add(listener)
  addEventListener('storage', listener)
  return () => {
    listeners.delete(listener)
    removeEventListener('storage', listener)
  }
}

export const useHistory = (): readonly Asked[] => read(useSyncExternalStore(follow, () => raw(held.history)))
export const useSaved = (): readonly Saved[] => read(useSyncExternalStore(follow, () => raw(held.saved)))

export function remember(text: string): void {
  const before = read<Asked>(raw(held.history)).filter((one) => one.text !== text)
  write(held.history, [{ text, at: Date.now() }, ...before].slice(0, mostAsked))
}

/** One that has the name already is replaced. */
export function save(one: Saved): void {
  const others = read<Saved>(raw(held.saved)).filter(({ name }) => name !== one.name)
  write(
    held.saved,
    [...others, one].toSorted((a, b) => a.name.localeCompare(b.name)),
  )
}

export function forget(name: string): void {
  write(
    held.saved,
    read<Saved>(raw(held.saved)).filter((one) => one.name !== name),
  )
}

const raw = (place: string): string => localStorage.getItem(place) ?? '[]'

function read<T extends { readonly text: string }>(text: string): readonly T[] {
  try {
    const list: unknown = JSON.parse(text)
    return Array.isArray(list) ? list.filter((one): one is T => typeof one?.text === 'string') : []
  } catch {
    return []
  }
}

function write(place: string, list: readonly unknown[]): void {
  localStorage.setItem(place, JSON.stringify(list))
  for (const listener of listeners) listener()
}
