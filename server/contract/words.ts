/** Words that answers use, in the order in which they are shown. Without schemas, so that a browser need not load them. */

export const partitionStatuses = ['fresh', 'stale', 'missing', 'failed', 'rejected', 'running'] as const

export const eventTypes = [
  'published',
  'unchanged',
  'skipped',
  'failed',
  'rejected',
  'canceled',
  'log',
  'rolled-back',
  'wiped',
  'observed',
] as const
