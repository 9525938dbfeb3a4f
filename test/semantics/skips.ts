/** Cases that we answer differently on purpose, with the reason; `docs/coming-from-dagster.md` shows the same list. */
export const skips: Readonly<Record<string, string>> = {
  'sel-neighbors-mixed': 'One function makes one asset, so no asset has neighbours that must be made with it.',
  'twp-firstWindow-14':
    'Upstream names a first window that its own list of keys does not have yet. Here a window exists where the list has it.',
}
