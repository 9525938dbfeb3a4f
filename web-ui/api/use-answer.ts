import type { UseMutationResult } from '@tanstack/react-query'
import { keepPreviousData, useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useMemo } from 'react'
import type { Answer, Given } from '../../server/contract/contract.ts'
import type { EndpointName } from '../../server/contract/paths.ts'
import { ask, Refused } from './ask.ts'

interface Options {
  /** Not asked while false. */
  readonly when?: boolean
  /** The answer to what was asked before stays until the new one is there; for filters and zoom. */
  readonly keep?: boolean
}

/** The answer of an endpoint, kept up to date by the stream of changes (see live.tsx). */
export const useAnswer = <Name extends EndpointName>(name: Name, given: Given<Name>, options: Options = {}) =>
  useQuery<Answer<Name>, Error>({
    queryKey: [name, given],
    queryFn: ({ signal }) => ask(name, given, signal),
    enabled: options.when ?? true,
    ...(options.keep && { placeholderData: keepPreviousData }),
  })

type Paged = {
  [Name in EndpointName]: Answer<Name> extends { items: readonly unknown[]; next: string | null } ? Name : never
}[EndpointName]
type Item<Name extends Paged> = Answer<Name> extends { items: readonly (infer One)[] } ? One : never

/** A list that is read page by page: `items` are those read so far. */
export function usePages<Name extends Paged>(name: Name, given: Given<Name>, options: Options = {}) {
  const pages = useInfiniteQuery({
    queryKey: [name, given, 'pages'],
    queryFn: ({ signal, pageParam }) =>
      ask(name, { ...given, ...(pageParam && { cursor: pageParam }) } as Given<Name>, signal),
    initialPageParam: '',
    getNextPageParam: (last) => (last as { next: string | null }).next,
    enabled: options.when ?? true,
    ...(options.keep && { placeholderData: keepPreviousData }),
  })
  const items = useMemo(
    () => (pages.data?.pages ?? []).flatMap((page) => (page as unknown as { items: Item<Name>[] }).items),
    [pages.data],
  )
  return { ...pages, items }
}

/** Asks for a change; afterwards everything on the screen is asked for anew. */
export function useCommand<Name extends EndpointName>(name: Name): UseMutationResult<Answer<Name>, Error, Given<Name>> {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (given: Given<Name>) => ask(name, given),
    onSuccess: () => client.invalidateQueries(),
  })
}

/** What a person is told of an error. */
export const messageOf = (error: unknown): string =>
  error instanceof Refused || error instanceof Error ? error.message : String(error)
