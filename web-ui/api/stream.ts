/** How the page stands to the server; `locked` is one that answers, and no longer knows who asks. */
export type Connection = 'connecting' | 'live' | 'lost' | 'locked'

/** One that is away for longer is said to be. */
const patienceMs = 2_000
/** A browser tries again by itself only where nobody answered. */
const againMs = 3_000

/** The stream of changes, opened again whenever it ends. What it answers ends it for good. */
export function openStream(on: {
  readonly connection: (connection: Connection) => void
  readonly change: (data: string) => void
}): () => void {
  let source: EventSource
  let missing: ReturnType<typeof setTimeout> | undefined
  let reopening: ReturnType<typeof setTimeout> | undefined
  const stop = new AbortController()

  const open = (): void => {
    source = new EventSource('/api/v1/live')
    source.addEventListener('open', () => {
      clearTimeout(missing)
      missing = undefined
      on.connection('live')
    })
    source.addEventListener('error', () => {
      if (missing === undefined) {
        on.connection('connecting')
        missing = setTimeout(() => on.connection('lost'), patienceMs)
      }
      if (source.readyState !== EventSource.CLOSED) return
      void tellWhetherLocked()
      reopening = setTimeout(open, againMs)
    })
    source.addEventListener('change', (event) => on.change(event.data as string))
  }
  const tellWhetherLocked = async (): Promise<void> => {
    const status = await fetch('/api/v1/session', { signal: stop.signal }).then(
      (answer) => answer.status,
      () => undefined,
    )
    if (status !== 401 || source.readyState === EventSource.OPEN) return
    clearTimeout(missing)
    on.connection('locked')
  }

  open()
  return () => {
    stop.abort()
    source.close()
    clearTimeout(missing)
    clearTimeout(reopening)
  }
}
