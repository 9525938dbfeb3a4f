import type { AnyAsset } from '#pipeline'
import { defineJob, defineSchedule } from '#pipeline'

/** Jobs and schedules of candles. Times are UTC; a day is complete at midnight and final soon after. */
export function ohlcvSchedules(assets: {
  readonly bronze: AnyAsset
  readonly normalized: AnyAsset
  readonly resampled: AnyAsset
  readonly dataset: AnyAsset
  readonly release: AnyAsset
}) {
  const { bronze, normalized, resampled, dataset, release } = assets
  const ingest = defineJob({
    name: 'ohlcv_ingest',
    description: 'candles of a day, from the exchange to silver',
    assets: [bronze, normalized, resampled],
  })
  const publish = defineJob({
    name: 'ohlcv_publish',
    description: 'the dataset and its release',
    assets: [dataset, release],
  })
  const backfill = defineJob({
    name: 'ohlcv_backfill',
    description: 'everything, from the exchange to the published dataset',
    assets: [bronze, normalized, resampled, dataset, release],
  })
  return {
    jobs: [ingest, publish, backfill],
    schedules: [
      defineSchedule({ name: 'ohlcv_daily_ingest', job: ingest, cron: '0 1 * * *' }),
      // Exchanges revise what they sent: yesterday and a week ago are asked for again, and a change is a new version.
      defineSchedule({
        name: 'ohlcv_daily_recheck',
        job: ingest,
        cron: '30 1 * * *',
        windowsBack: [1, 7],
        again: true,
      }),
      defineSchedule({ name: 'ohlcv_daily_publish', job: publish, cron: '0 2 * * *' }),
    ],
  }
}
