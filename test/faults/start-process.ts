import { onTestFinished } from 'vitest'
import type { LaunchOptions, Running } from './launch.ts'
import { launch } from './launch.ts'

/** As `launch`; the process is gone when the test is, or when its `owner` ends it. */
export function startProcess(
  script: string,
  how: unknown,
  { owner = onTestFinished, ...options }: LaunchOptions & { readonly owner?: (end: () => Promise<void>) => void } = {},
): Running {
  const running = launch(script, how, options)
  owner(async () => {
    running.kill('SIGKILL')
    await running.end
  })
  return running
}
