/** Cases that we answer differently on purpose, with the reason; `docs/coming-from-dagster.md` shows the same list. */
export const skips: Readonly<Record<string, string>> = {
  'twp-firstWindow-14':
    'Upstream names a first window that its own list of keys does not have yet. Here a window exists where the list has it.',
}
