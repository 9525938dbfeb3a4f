/** Cases that we answer differently on purpose, with the reason; `docs/coming-from-dagster.md` shows the same list. */
export const skips: Readonly<Record<string, string>> = {
  'sel-neighbors-mixed': 'one function makes one asset, so no asset has neighbours that must be made with it',
}
