/** Builds the pages into dist/web-ui if what they are made of is newer; `true` if it did. */
export function buildWebUi(): Promise<boolean>
