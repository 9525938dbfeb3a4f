/** Whether it came to an end, good or bad, in time. */
export async function unlessLate(work: Promise<unknown>, ms: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const timer = setTimeout(resolve, ms, false)
  work.then(
    () => resolve(true),
    () => resolve(true),
  )
  const isDone = await promise
  clearTimeout(timer)
  return isDone
}
