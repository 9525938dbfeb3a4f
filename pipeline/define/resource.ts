import type { Shown } from './types.ts'

/**
 * A typed hole for something from the outside world. Assets name the holes they need, `definitions()` fills them,
 * tests fill them with their own. The key under which an asset takes a hole is the key under which it is filled.
 */
export interface Resource<T> {
  readonly '~value'?: T
}

export type Resources = Readonly<Record<string, Resource<any>>>

export type ValuesOf<R extends Resources> = Shown<{
  readonly [K in keyof R]: R[K] extends Resource<infer T> ? T : never
}>

/** Fills a hole: opened at first use in a process, closed when the process stops. */
export interface Provider<T> {
  open(): T | Promise<T>
  close?(value: T): void | Promise<void>
}

/** Declares a hole for a `T`. */
export const resource = <T>(): Resource<T> => ({})

/** A provider that opens by `open` and, if given, closes by `close`. */
export function provide<T>(
  open: () => T | Promise<T>,
  close?: (value: NoInfer<T>) => void | Promise<void>,
): Provider<T> {
  return close ? { open, close } : { open }
}
