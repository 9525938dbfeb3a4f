/** Cases that we answer differently on purpose, with the reason; `docs/coming-from-dagster.md` shows the same list. */
export const skips: Readonly<Record<string, string>> = {}
