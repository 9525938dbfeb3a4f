/**
 * Remembers the last answers of some kind for as long as what they were made from is the same, as the number of its newest
 * event says. Those who ask at once share one answer. `most` answers are kept of each store.
 */
export function cachedByEvent<T>(most: number) {
  const kept = new WeakMap<object, Map<string, { readonly event: number; readonly answer: Promise<T> }>>()
  return (store: object, name: string, event: number, make: () => Promise<T>): Promise<T> => {
    const answers = kept.get(store) ?? new Map()
    kept.set(store, answers)
    const known = answers.get(name)
    answers.delete(name)
    const answer = known?.event === event ? known.answer : make()
    answers.set(name, { event, answer })
    const [oldest] = answers.keys()
    if (answers.size > most) answers.delete(oldest)
    // What failed is not worth keeping; whoever asked hears of it.
    answer.catch(() => {
      if (answers.get(name)?.answer === answer) answers.delete(name)
    })
    return answer
  }
}
