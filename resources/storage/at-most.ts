/** Lets work begin when fewer than `most` are going on, in the order in which it came. */
export function atMost(most: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = []
  let running = 0
  return async (work) => {
    if (running >= most) await new Promise<void>((turn) => waiting.push(turn))
    else running += 1
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      // The one that comes next takes the place.
      if (next) next()
      else running -= 1
    }
  }
}

/** What `work` makes of each, in their order, with at most `most` going on. `work` must not throw. */
export async function* eachAtMost<T, R>(
  most: number,
  items: AsyncIterable<T>,
  work: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const going: Promise<R>[] = []
  for await (const item of items) {
    going.push(work(item))
    if (going.length >= most) yield await going.shift()!
  }
  while (going.length > 0) yield await going.shift()!
}
