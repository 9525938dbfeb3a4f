const followers = new WeakMap<AbortSignal, Set<() => void>>()

/**
 * Calls `follow` when the signal is aborted, at once if it is already. Returns how to stop following. Thousands may
 * follow one signal: it has one listener, since an event target looks through all of them to remove one.
 */
export function followSignal(signal: AbortSignal, follow: () => void): () => void {
  if (signal.aborted) {
    follow()
    return () => undefined
  }
  const all = followers.get(signal) ?? newFollowers(signal)
  all.add(follow)
  return () => void all.delete(follow)
}

function newFollowers(signal: AbortSignal): Set<() => void> {
  const all = new Set<() => void>()
  followers.set(signal, all)
  const tellAll = () => {
    for (const follow of all) follow()
  }
  signal.addEventListener('abort', tellAll, { once: true })
  return all
}
