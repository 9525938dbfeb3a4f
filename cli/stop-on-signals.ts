import type { Context } from './context.ts'

/** Ctrl-C and SIGTERM stop politely: what is under way is left for the next start, what is published stays. */
export function stopOnSignals(context: Pick<Context, 'close'>): { readonly asked: Promise<void>; forget(): void } {
  let ask = (): void => undefined
  const asked = new Promise<void>((resolve) => {
    ask = resolve
  })
  let isStopping = false
  const onSignal = (signal: NodeJS.Signals): void => {
    // A second Ctrl-C does not wait.
    if (isStopping) process.exit(130)
    isStopping = true
    ask()
    const code = signal === 'SIGINT' ? 130 : 143
    context.close().then(
      () => process.exit(code),
      () => process.exit(code),
    )
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  return {
    asked,
    forget() {
      process.off('SIGINT', onSignal)
      process.off('SIGTERM', onSignal)
    },
  }
}
