import type { ComponentProps, ReactNode } from 'react'
import { useCallback, useEffect } from 'react'
import { Failure, Loading } from './page.tsx'
import { Table } from './table.tsx'

interface Pages {
  readonly data: unknown
  readonly error: unknown
  readonly isPending: boolean
  readonly isFetching: boolean
  readonly isFetchingNextPage: boolean
  readonly hasNextPage: boolean
  readonly fetchNextPage: () => unknown
  readonly refetch: () => unknown
}

/** A table of a list that is read page by page, as it is scrolled. */
export function PagedTable<Row>({
  pages,
  empty,
  ...table
}: Omit<ComponentProps<typeof Table<Row>>, 'onEnd' | 'empty'> & { readonly pages: Pages; readonly empty: ReactNode }) {
  const { data, hasNextPage, isFetching, isFetchingNextPage, fetchNextPage } = pages
  // A new function after each page: one that brought too few rows is followed by the next at once.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  const onEnd = useCallback(() => {
    if (hasNextPage && !isFetching) fetchNextPage()
  }, [hasNextPage, isFetching, fetchNextPage, data])
  const isEmpty = table.rows.length === 0
  // A page may hold nothing and still be followed by others.
  useEffect(() => {
    if (isEmpty) onEnd()
  }, [isEmpty, onEnd])
  if (pages.isPending) return <Loading />
  if (pages.error && data === undefined) return <Failure error={pages.error} retry={() => void pages.refetch()} />
  return (
    <div className="relative flex h-full min-h-0 flex-col">
      <div className="min-h-0 flex-1">
        <Table {...table} onEnd={onEnd} empty={hasNextPage ? <Loading what="Looking further back" /> : empty} />
      </div>
      {isFetchingNextPage && !isEmpty && (
        <p role="status" className="border-t border-line px-4 py-1 text-xs text-ink-faint">
          Loading more
        </p>
      )}
    </div>
  )
}
