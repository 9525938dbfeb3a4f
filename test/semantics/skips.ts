/** Cases that we answer differently on purpose, with the reason; `docs/coming-from-dagster.md` shows the same list. */
export const skips: Readonly<Record<string, string>> = {
  'sel-neighbors-mixed': 'One function makes one asset, so no asset has neighbours that must be made with it.',
  'twp-firstWindow-14':
    'Upstream names a first window that its own list of keys does not have yet. Here a window exists where the list has it.',
  'backfill-only-existing-downstream':
    'It asks for an hour that has not ended. Here such a partition does not exist yet, and to ask for it is refused.',
  'backfill-cancel': 'It asks for an hour that has not ended, as above.',
  'backfill-multi-asset-internal-deps': 'One function makes one asset here; there is no multi-asset.',
  'graph-exec-set-subsettable': 'One function makes one asset here; there is no multi-asset.',
  'graph-check-exec-in-asset':
    'Checks run inside the step of their asset, always: there is no other set of them to run.',
  'mp-invalid-char-1': 'Keys are percent-encoded, so that any printable character may be in one.',
  'mp-invalid-char-3': 'Keys are percent-encoded, so that any printable character may be in one.',
  'stale-all-partitions-mapping':
    'Upstream does not look through a mapping to all partitions, to save time. Here what one of them changes is known, and is stale.',
}
