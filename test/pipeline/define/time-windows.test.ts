import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { TimeDimension } from '#pipeline'
import { daily, hourly, monthly, oncePerWindow, weekly, windows } from '#pipeline'

const zone = {
  newYork: { since: '2020-01-01', timezone: 'America/New_York' },
  berlin: { since: '2020-01-01', timezone: 'Europe/Berlin' },
  kolkata: { since: '2020-01-01', timezone: 'Asia/Kolkata' },
  lordHowe: { since: '2020-01-01', timezone: 'Australia/Lord_Howe' },
  apia: { since: '2011-01-01', timezone: 'Pacific/Apia' },
  saoPaulo: { since: '2018-01-01', timezone: 'America/Sao_Paulo' },
  havana: { since: '2024-01-01', timezone: 'America/Havana' },
}
const since = { since: '2020-01-01' }

const utc = {
  hour: hourly(since),
  'hour at :15': hourly({ ...since, minuteOffset: 15 }),
  day: daily(since),
  'day at 02:15': daily({ ...since, hourOffset: 2, minuteOffset: 15 }),
  week: weekly(since),
  'week from Monday': weekly({ ...since, dayOffset: 1 }),
  'week from Wednesday 04:15': weekly({ ...since, dayOffset: 3, hourOffset: 4, minuteOffset: 15 }),
  month: monthly(since),
  'month from the 12th 03:15': monthly({ ...since, dayOffset: 12, hourOffset: 3, minuteOffset: 15 }),
  'month from the 29th': monthly({ ...since, dayOffset: 29 }),
  'month from the 31st': monthly({ ...since, dayOffset: 31 }),
  '0 0,11 * * *': windows({ ...since, cron: '0 0,11 * * *' }),
  '0 7 * * *': windows({ ...since, cron: '0 7 * * *' }),
  '0 9 * * 1-5': windows({ ...since, cron: '0 9 * * 1-5' }),
  '*/7 * * * *': windows({ ...since, cron: '*/7 * * * *' }),
  '*/5 * * * *': windows({ ...since, cron: '*/5 * * * *' }),
  '0 0 L * *': windows({ ...since, cron: '0 0 L * *' }),
  '0 0 */30 * *': windows({ ...since, cron: '0 0 */30 * *' }),
  '0 0 1,15 * 5': windows({ ...since, cron: '0 0 1,15 * 5' }),
  '15 10 29 2 *': windows({ ...since, cron: '15 10 29 2 *' }),
  '@weekly': windows({ ...since, cron: '@weekly' }),
  '0 0 1 JAN,JUL *': windows({ ...since, cron: '0 0 1 JAN,JUL *' }),
}
const newYork = {
  hour: hourly(zone.newYork),
  'hour at :30': hourly({ ...zone.newYork, minuteOffset: 30 }),
  day: daily(zone.newYork),
  'day at 01:00': daily({ ...zone.newYork, hourOffset: 1 }),
  'day at 02:00': daily({ ...zone.newYork, hourOffset: 2 }),
  'day at 02:30': daily({ ...zone.newYork, hourOffset: 2, minuteOffset: 30 }),
  week: weekly(zone.newYork),
  month: monthly(zone.newYork),
}
const berlin = {
  hour: hourly(zone.berlin),
  day: daily(zone.berlin),
  'day at 02:00': daily({ ...zone.berlin, hourOffset: 2 }),
  'week from Monday': weekly({ ...zone.berlin, dayOffset: 1 }),
  month: monthly(zone.berlin),
  '30 2 * * *': windows({ ...zone.berlin, cron: '30 2 * * *' }),
  '*/30 * * * *': windows({ ...zone.berlin, cron: '*/30 * * * *' }),
  '0 */6 * * *': windows({ ...zone.berlin, cron: '0 */6 * * *' }),
  '0 1,2,3 * * *': windows({ ...zone.berlin, cron: '0 1,2,3 * * *' }),
}
const kolkata = {
  hour: hourly(zone.kolkata),
  'hour at :15': hourly({ ...zone.kolkata, minuteOffset: 15 }),
  day: daily(zone.kolkata),
  week: weekly(zone.kolkata),
  month: monthly(zone.kolkata),
  '*/15 * * * *': windows({ ...zone.kolkata, cron: '*/15 * * * *' }),
  '45 9 * * 1-5': windows({ ...zone.kolkata, cron: '45 9 * * 1-5' }),
}
/** Clocks go back from 02:00 to 01:30 in April and on from 02:00 to 02:30 in October. */
const lordHowe = {
  hour: hourly(zone.lordHowe),
  'hour at :30': hourly({ ...zone.lordHowe, minuteOffset: 30 }),
  'hour at :45': hourly({ ...zone.lordHowe, minuteOffset: 45 }),
  day: daily(zone.lordHowe),
  'day at 02:00': daily({ ...zone.lordHowe, hourOffset: 2 }),
  month: monthly(zone.lordHowe),
}
/** Moved over the date line after 2011-12-29: Friday the 30th never was. */
const apia = {
  hour: hourly(zone.apia),
  day: daily(zone.apia),
  'day at 12:00': daily({ ...zone.apia, hourOffset: 12 }),
  'week from Friday': weekly({ ...zone.apia, dayOffset: 5 }),
  month: monthly(zone.apia),
  '0 12 * * *': windows({ ...zone.apia, cron: '0 12 * * *' }),
}
/** Clocks went on and back at midnight. */
const saoPaulo = { hour: hourly(zone.saoPaulo), day: daily(zone.saoPaulo) }
/** Midnight comes twice in November. */
const havana = { hour: hourly(zone.havana), day: daily(zone.havana) }

const places: Readonly<Record<string, Readonly<Record<string, TimeDimension>>>> = {
  UTC: utc,
  'New York': newYork,
  Berlin: berlin,
  Kolkata: kolkata,
  'Lord Howe': lordHowe,
  Apia: apia,
  'São Paulo': saoPaulo,
  Havana: havana,
}

/** A window's own key, and its start and end in UTC. */
const spans = [
  ['UTC', 'hour', '2024-01-31T23', '2024-01-31T23:00', '2024-02-01T00:00'],
  ['UTC', 'hour', '2024-02-28T23', '2024-02-28T23:00', '2024-02-29T00:00'],
  ['UTC', 'hour', '2024-12-31T23', '2024-12-31T23:00', '2025-01-01T00:00'],
  ['UTC', 'hour', '1969-12-31T23', '1969-12-31T23:00', '1970-01-01T00:00'],
  ['UTC', 'hour at :15', '2024-01-31T23:15', '2024-01-31T23:15', '2024-02-01T00:15'],
  ['UTC', 'day', '2024-02-28', '2024-02-28T00:00', '2024-02-29T00:00'],
  ['UTC', 'day', '2024-02-29', '2024-02-29T00:00', '2024-03-01T00:00'],
  ['UTC', 'day', '2023-02-28', '2023-02-28T00:00', '2023-03-01T00:00'],
  ['UTC', 'day', '2000-02-29', '2000-02-29T00:00', '2000-03-01T00:00'],
  ['UTC', 'day', '2100-02-28', '2100-02-28T00:00', '2100-03-01T00:00'],
  ['UTC', 'day', '2024-12-31', '2024-12-31T00:00', '2025-01-01T00:00'],
  ['UTC', 'day at 02:15', '2024-02-29', '2024-02-29T02:15', '2024-03-01T02:15'],
  ['UTC', 'week', '2024-01-28', '2024-01-28T00:00', '2024-02-04T00:00'],
  ['UTC', 'week', '2023-12-31', '2023-12-31T00:00', '2024-01-07T00:00'],
  ['UTC', 'week', '2024-02-25', '2024-02-25T00:00', '2024-03-03T00:00'],
  ['UTC', 'week from Monday', '2024-01-01', '2024-01-01T00:00', '2024-01-08T00:00'],
  ['UTC', 'week from Monday', '2024-02-26', '2024-02-26T00:00', '2024-03-04T00:00'],
  ['UTC', 'week from Wednesday 04:15', '2021-05-05', '2021-05-05T04:15', '2021-05-12T04:15'],
  ['UTC', 'month', '2024-02', '2024-02-01T00:00', '2024-03-01T00:00'],
  ['UTC', 'month', '2023-02', '2023-02-01T00:00', '2023-03-01T00:00'],
  ['UTC', 'month', '2024-12', '2024-12-01T00:00', '2025-01-01T00:00'],
  ['UTC', 'month', '1999-12', '1999-12-01T00:00', '2000-01-01T00:00'],
  ['UTC', 'month from the 12th 03:15', '2021-05', '2021-05-12T03:15', '2021-06-12T03:15'],
  ['UTC', 'month from the 29th', '2024-02', '2024-02-29T00:00', '2024-03-29T00:00'],
  ['UTC', 'month from the 29th', '2023-01', '2023-01-29T00:00', '2023-03-29T00:00'],
  ['UTC', 'month from the 31st', '2021-05', '2021-05-31T00:00', '2021-07-31T00:00'],
  ['UTC', 'month from the 31st', '2021-07', '2021-07-31T00:00', '2021-08-31T00:00'],
  ['UTC', 'month from the 31st', '2022-01', '2022-01-31T00:00', '2022-03-31T00:00'],
  ['UTC', '0 0,11 * * *', '2021-05-08T00:00', '2021-05-08T00:00', '2021-05-08T11:00'],
  ['UTC', '0 0,11 * * *', '2021-05-08T11:00', '2021-05-08T11:00', '2021-05-09T00:00'],
  ['UTC', '0 9 * * 1-5', '2024-01-05T09:00', '2024-01-05T09:00', '2024-01-08T09:00'],
  ['UTC', '0 9 * * 1-5', '2024-01-08T09:00', '2024-01-08T09:00', '2024-01-09T09:00'],
  ['UTC', '*/7 * * * *', '2024-01-01T00:56', '2024-01-01T00:56', '2024-01-01T01:00'],
  ['UTC', '*/5 * * * *', '2024-02-29T23:55', '2024-02-29T23:55', '2024-03-01T00:00'],
  ['UTC', '0 0 L * *', '2024-01-31T00:00', '2024-01-31T00:00', '2024-02-29T00:00'],
  ['UTC', '0 0 L * *', '2023-02-28T00:00', '2023-02-28T00:00', '2023-03-31T00:00'],
  ['UTC', '0 0 */30 * *', '2024-01-31T00:00', '2024-01-31T00:00', '2024-02-01T00:00'],
  ['UTC', '0 0 */30 * *', '2024-02-01T00:00', '2024-02-01T00:00', '2024-03-01T00:00'],
  ['UTC', '0 0 1,15 * 5', '2024-01-12T00:00', '2024-01-12T00:00', '2024-01-15T00:00'],
  ['UTC', '0 0 1,15 * 5', '2024-01-15T00:00', '2024-01-15T00:00', '2024-01-19T00:00'],
  ['UTC', '15 10 29 2 *', '2024-02-29T10:15', '2024-02-29T10:15', '2028-02-29T10:15'],
  ['UTC', '15 10 29 2 *', '2096-02-29T10:15', '2096-02-29T10:15', '2104-02-29T10:15'],
  ['UTC', '@weekly', '2024-01-28T00:00', '2024-01-28T00:00', '2024-02-04T00:00'],
  ['UTC', '0 0 1 JAN,JUL *', '2024-01-01T00:00', '2024-01-01T00:00', '2024-07-01T00:00'],

  ['New York', 'hour', '2024-01-04T00', '2024-01-04T05:00', '2024-01-04T06:00'],
  ['New York', 'hour', '2024-07-04T00', '2024-07-04T04:00', '2024-07-04T05:00'],
  ['New York', 'hour', '2024-12-31T23', '2025-01-01T04:00', '2025-01-01T05:00'],
  ['New York', 'hour', '2024-03-10T01', '2024-03-10T06:00', '2024-03-10T07:00'],
  ['New York', 'hour', '2024-03-10T03', '2024-03-10T07:00', '2024-03-10T08:00'],
  ['New York', 'hour', '2024-11-03T00', '2024-11-03T04:00', '2024-11-03T05:00'],
  ['New York', 'hour', '2024-11-03T01', '2024-11-03T05:00', '2024-11-03T06:00'],
  ['New York', 'hour', '2024-11-03T01-0500', '2024-11-03T06:00', '2024-11-03T07:00'],
  ['New York', 'hour', '2024-11-03T02', '2024-11-03T07:00', '2024-11-03T08:00'],
  ['New York', 'hour', '2021-11-07T01-0500', '2021-11-07T06:00', '2021-11-07T07:00'],
  ['New York', 'hour at :30', '2024-03-10T01:30', '2024-03-10T06:30', '2024-03-10T07:30'],
  ['New York', 'hour at :30', '2024-03-10T03:30', '2024-03-10T07:30', '2024-03-10T08:30'],
  ['New York', 'hour at :30', '2024-11-03T01:30', '2024-11-03T05:30', '2024-11-03T06:30'],
  ['New York', 'hour at :30', '2024-11-03T01:30-0500', '2024-11-03T06:30', '2024-11-03T07:30'],
  ['New York', 'day', '2024-03-09', '2024-03-09T05:00', '2024-03-10T05:00'],
  ['New York', 'day', '2024-03-10', '2024-03-10T05:00', '2024-03-11T04:00'],
  ['New York', 'day', '2024-07-04', '2024-07-04T04:00', '2024-07-05T04:00'],
  ['New York', 'day', '2024-11-03', '2024-11-03T04:00', '2024-11-04T05:00'],
  ['New York', 'day', '2024-11-04', '2024-11-04T05:00', '2024-11-05T05:00'],
  ['New York', 'day', '2019-11-03', '2019-11-03T04:00', '2019-11-04T05:00'],
  ['New York', 'day at 01:00', '2024-11-02', '2024-11-02T05:00', '2024-11-03T06:00'],
  ['New York', 'day at 01:00', '2024-11-03', '2024-11-03T06:00', '2024-11-04T06:00'],
  ['New York', 'day at 02:00', '2024-03-09', '2024-03-09T07:00', '2024-03-10T07:00'],
  ['New York', 'day at 02:00', '2024-03-10', '2024-03-10T07:00', '2024-03-11T06:00'],
  ['New York', 'day at 02:00', '2024-11-02', '2024-11-02T06:00', '2024-11-03T07:00'],
  ['New York', 'day at 02:00', '2024-11-03', '2024-11-03T07:00', '2024-11-04T07:00'],
  ['New York', 'day at 02:30', '2024-03-10', '2024-03-10T07:00', '2024-03-11T06:30'],
  ['New York', 'day at 02:30', '2024-03-09', '2024-03-09T07:30', '2024-03-10T07:00'],
  ['New York', 'week', '2024-03-03', '2024-03-03T05:00', '2024-03-10T05:00'],
  ['New York', 'week', '2024-03-10', '2024-03-10T05:00', '2024-03-17T04:00'],
  ['New York', 'week', '2024-11-03', '2024-11-03T04:00', '2024-11-10T05:00'],
  ['New York', 'month', '2024-02', '2024-02-01T05:00', '2024-03-01T05:00'],
  ['New York', 'month', '2024-03', '2024-03-01T05:00', '2024-04-01T04:00'],
  ['New York', 'month', '2024-11', '2024-11-01T04:00', '2024-12-01T05:00'],

  ['Berlin', 'hour', '2024-03-31T01', '2024-03-31T00:00', '2024-03-31T01:00'],
  ['Berlin', 'hour', '2024-03-31T03', '2024-03-31T01:00', '2024-03-31T02:00'],
  ['Berlin', 'hour', '2024-10-27T01', '2024-10-26T23:00', '2024-10-27T00:00'],
  ['Berlin', 'hour', '2024-10-27T02', '2024-10-27T00:00', '2024-10-27T01:00'],
  ['Berlin', 'hour', '2024-10-27T02+0100', '2024-10-27T01:00', '2024-10-27T02:00'],
  ['Berlin', 'hour', '2024-10-27T03', '2024-10-27T02:00', '2024-10-27T03:00'],
  ['Berlin', 'day', '2024-02-29', '2024-02-28T23:00', '2024-02-29T23:00'],
  ['Berlin', 'day', '2024-03-31', '2024-03-30T23:00', '2024-03-31T22:00'],
  ['Berlin', 'day', '2024-10-27', '2024-10-26T22:00', '2024-10-27T23:00'],
  ['Berlin', 'day at 02:00', '2024-03-31', '2024-03-31T01:00', '2024-04-01T00:00'],
  ['Berlin', 'day at 02:00', '2024-10-26', '2024-10-26T00:00', '2024-10-27T01:00'],
  ['Berlin', 'day at 02:00', '2024-10-27', '2024-10-27T01:00', '2024-10-28T01:00'],
  ['Berlin', 'week from Monday', '2024-03-25', '2024-03-24T23:00', '2024-03-31T22:00'],
  ['Berlin', 'week from Monday', '2024-10-21', '2024-10-20T22:00', '2024-10-27T23:00'],
  ['Berlin', 'month', '2023-12', '2023-11-30T23:00', '2023-12-31T23:00'],
  ['Berlin', 'month', '2024-03', '2024-02-29T23:00', '2024-03-31T22:00'],
  ['Berlin', 'month', '2024-10', '2024-09-30T22:00', '2024-10-31T23:00'],
  ['Berlin', '30 2 * * *', '2024-03-31T03:00', '2024-03-31T01:00', '2024-04-01T00:30'],
  ['Berlin', '30 2 * * *', '2024-10-27T02:30', '2024-10-27T01:30', '2024-10-28T01:30'],
  ['Berlin', '*/30 * * * *', '2024-03-31T01:30', '2024-03-31T00:30', '2024-03-31T01:00'],
  ['Berlin', '*/30 * * * *', '2024-03-31T03:00', '2024-03-31T01:00', '2024-03-31T01:30'],
  ['Berlin', '*/30 * * * *', '2024-10-27T02:30', '2024-10-27T00:30', '2024-10-27T01:00'],
  ['Berlin', '*/30 * * * *', '2024-10-27T02:00+0100', '2024-10-27T01:00', '2024-10-27T01:30'],
  ['Berlin', '*/30 * * * *', '2024-10-27T02:30+0100', '2024-10-27T01:30', '2024-10-27T02:00'],
  ['Berlin', '*/30 * * * *', '2024-10-27T03:00', '2024-10-27T02:00', '2024-10-27T02:30'],
  ['Berlin', '0 */6 * * *', '2024-03-31T00:00', '2024-03-30T23:00', '2024-03-31T04:00'],
  ['Berlin', '0 */6 * * *', '2024-10-27T00:00', '2024-10-26T22:00', '2024-10-27T05:00'],
  ['Berlin', '0 1,2,3 * * *', '2024-03-31T01:00', '2024-03-31T00:00', '2024-03-31T01:00'],
  ['Berlin', '0 1,2,3 * * *', '2024-03-31T03:00', '2024-03-31T01:00', '2024-03-31T23:00'],
  ['Berlin', '0 1,2,3 * * *', '2024-10-27T01:00', '2024-10-26T23:00', '2024-10-27T01:00'],
  ['Berlin', '0 1,2,3 * * *', '2024-10-27T02:00', '2024-10-27T01:00', '2024-10-27T02:00'],

  ['Kolkata', 'hour', '2024-01-31T23', '2024-01-31T17:30', '2024-01-31T18:30'],
  ['Kolkata', 'hour', '2024-02-01T00', '2024-01-31T18:30', '2024-01-31T19:30'],
  ['Kolkata', 'hour at :15', '2024-01-31T23:15', '2024-01-31T17:45', '2024-01-31T18:45'],
  ['Kolkata', 'day', '2024-02-29', '2024-02-28T18:30', '2024-02-29T18:30'],
  ['Kolkata', 'week', '2024-01-28', '2024-01-27T18:30', '2024-02-03T18:30'],
  ['Kolkata', 'month', '2024-02', '2024-01-31T18:30', '2024-02-29T18:30'],
  ['Kolkata', '*/15 * * * *', '2024-01-01T00:15', '2023-12-31T18:45', '2023-12-31T19:00'],
  ['Kolkata', '45 9 * * 1-5', '2024-01-05T09:45', '2024-01-05T04:15', '2024-01-08T04:15'],

  ['Lord Howe', 'hour', '2024-04-07T00', '2024-04-06T13:00', '2024-04-06T14:00'],
  ['Lord Howe', 'hour', '2024-04-07T01', '2024-04-06T14:00', '2024-04-06T15:30'],
  ['Lord Howe', 'hour', '2024-04-07T02', '2024-04-06T15:30', '2024-04-06T16:30'],
  ['Lord Howe', 'hour', '2024-10-06T01', '2024-10-05T14:30', '2024-10-05T16:00'],
  ['Lord Howe', 'hour', '2024-10-06T03', '2024-10-05T16:00', '2024-10-05T17:00'],
  ['Lord Howe', 'hour at :30', '2024-04-07T00:30', '2024-04-06T13:30', '2024-04-06T14:30'],
  ['Lord Howe', 'hour at :30', '2024-04-07T01:30', '2024-04-06T14:30', '2024-04-06T15:00'],
  ['Lord Howe', 'hour at :30', '2024-04-07T01:30+1030', '2024-04-06T15:00', '2024-04-06T16:00'],
  ['Lord Howe', 'hour at :30', '2024-10-06T01:30', '2024-10-05T15:00', '2024-10-05T15:30'],
  ['Lord Howe', 'hour at :30', '2024-10-06T02:30', '2024-10-05T15:30', '2024-10-05T16:30'],
  ['Lord Howe', 'hour at :45', '2024-04-07T01:45', '2024-04-06T14:45', '2024-04-06T15:15'],
  ['Lord Howe', 'hour at :45', '2024-04-07T01:45+1030', '2024-04-06T15:15', '2024-04-06T16:15'],
  ['Lord Howe', 'day', '2024-04-07', '2024-04-06T13:00', '2024-04-07T13:30'],
  ['Lord Howe', 'day', '2024-10-06', '2024-10-05T13:30', '2024-10-06T13:00'],
  ['Lord Howe', 'day at 02:00', '2024-10-05', '2024-10-04T15:30', '2024-10-05T15:30'],
  ['Lord Howe', 'day at 02:00', '2024-10-06', '2024-10-05T15:30', '2024-10-06T15:00'],
  ['Lord Howe', 'month', '2024-04', '2024-03-31T13:00', '2024-04-30T13:30'],

  ['Apia', 'hour', '2011-12-29T23', '2011-12-30T09:00', '2011-12-30T10:00'],
  ['Apia', 'hour', '2011-12-31T00', '2011-12-30T10:00', '2011-12-30T11:00'],
  ['Apia', 'day', '2011-12-28', '2011-12-28T10:00', '2011-12-29T10:00'],
  ['Apia', 'day', '2011-12-29', '2011-12-29T10:00', '2011-12-30T10:00'],
  ['Apia', 'day', '2011-12-31', '2011-12-30T10:00', '2011-12-31T10:00'],
  // Friday's noon never was, so Friday's window starts with Saturday; Saturday's own needs a longer key.
  ['Apia', 'day at 12:00', '2011-12-29', '2011-12-29T22:00', '2011-12-30T10:00'],
  ['Apia', 'day at 12:00', '2011-12-31', '2011-12-30T10:00', '2011-12-30T22:00'],
  ['Apia', 'day at 12:00', '2011-12-31T12:00', '2011-12-30T22:00', '2011-12-31T22:00'],
  ['Apia', 'week from Friday', '2011-12-23', '2011-12-23T10:00', '2011-12-30T10:00'],
  ['Apia', 'week from Friday', '2011-12-31', '2011-12-30T10:00', '2012-01-05T10:00'],
  ['Apia', 'month', '2011-12', '2011-12-01T10:00', '2011-12-31T10:00'],
  ['Apia', '0 12 * * *', '2011-12-29T12:00', '2011-12-29T22:00', '2011-12-30T10:00'],
  ['Apia', '0 12 * * *', '2011-12-31T00:00', '2011-12-30T10:00', '2011-12-30T22:00'],
  ['Apia', '0 12 * * *', '2011-12-31T12:00', '2011-12-30T22:00', '2011-12-31T22:00'],

  ['São Paulo', 'day', '2018-11-03', '2018-11-03T03:00', '2018-11-04T03:00'],
  ['São Paulo', 'day', '2018-11-04', '2018-11-04T03:00', '2018-11-05T02:00'],
  ['São Paulo', 'day', '2019-02-16', '2019-02-16T02:00', '2019-02-17T03:00'],
  ['São Paulo', 'day', '2019-02-17', '2019-02-17T03:00', '2019-02-18T03:00'],
  ['São Paulo', 'hour', '2019-02-16T23', '2019-02-17T01:00', '2019-02-17T02:00'],
  ['São Paulo', 'hour', '2019-02-16T23-0300', '2019-02-17T02:00', '2019-02-17T03:00'],
  ['Havana', 'day', '2024-11-02', '2024-11-02T04:00', '2024-11-03T05:00'],
  ['Havana', 'day', '2024-11-03', '2024-11-03T05:00', '2024-11-04T05:00'],
  ['Havana', 'hour', '2024-11-03T00', '2024-11-03T04:00', '2024-11-03T05:00'],
  ['Havana', 'hour', '2024-11-03T00-0500', '2024-11-03T05:00', '2024-11-03T06:00'],
] as const

test(`a table of ${spans.length} windows holds, of every unit and in zones of every kind`, () => {
  expect(spans.length).toBeGreaterThanOrEqual(150)
})

test.each(spans)('%s, %s: the window "%s" is from %s to %s', (place, unit, key, start, end) => {
  const dimension = places[place]![unit]!

  const window = dimension.decode(key)

  expect([window.start.toISOString(), window.end.toISOString()]).toEqual([`${start}:00.000Z`, `${end}:00.000Z`])
  expect(dimension.encode(window)).toBe(key)
  expect(dimension.at(dimension.indexOf(window))).toEqual(window)
})

test.each([
  [utc.week, '2021-05-01', '2021-05-02'],
  [utc['hour at :15'], '2021-05-05T01:00', '2021-05-05T01:15'],
  [utc['month from the 31st'], '2021-06', '2021-07'],
  [utc['0 7 * * *'], '2021-05-05T08:00', '2021-05-06T07:00'],
  [utc['0 9 * * 1-5'], '2024-01-06T09:00', '2024-01-08T09:00'],
  [newYork.hour, '2024-03-10T02', '2024-03-10T03'],
  [apia.day, '2011-12-30', '2011-12-31'],
  [newYork.week, '2024-03-04', '2024-03-10'],
] satisfies [TimeDimension, string, string][])(
  '%# a time at which no window starts means the next one',
  (dimension: TimeDimension, text, key) => {
    const window = dimension.decode(text)

    expect(dimension.encode(window)).toBe(key)
  },
)

const ny = { timezone: 'America/New_York' }
test.each([
  ['no day has ended', daily({ since: '2021-05-05' }), '2021-05-05T23:59:59.999Z', 0, undefined],
  ['a day exists at the instant it ends', daily({ since: '2021-05-05' }), '2021-05-06T00:00Z', 1, '2021-05-05'],
  ['two days', daily({ since: '2021-05-05' }), '2021-05-07T00:00Z', 2, '2021-05-06'],
  ['two more than have ended', daily({ since: '2021-05-05', endOffset: 2 }), '2021-05-07T00:00Z', 4, '2021-05-08'],
  ['two fewer', daily({ since: '2021-05-01', endOffset: -2 }), '2021-05-07T00:00Z', 4, '2021-05-04'],
  ['fewer than none', daily({ since: '2021-05-01', endOffset: -2 }), '2021-05-02T00:00Z', 0, undefined],
  ['the one going on', daily({ since: '2021-05-05', endOffset: 1 }), '2021-05-05T00:00Z', 1, '2021-05-05'],
  ['the first before its day', daily({ since: '2021-05-05', endOffset: 1 }), '2021-05-04T12:00Z', 1, '2021-05-05'],
  ['the first long before', daily({ since: '2021-05-05', endOffset: 2 }), '2020-01-01T00:00Z', 2, '2021-05-06'],
  ['none before since', daily({ since: '2021-05-05', endOffset: -1 }), '2020-01-01T00:00Z', 0, undefined],
  ['none after until', daily({ since: '2021-05-05', until: '2021-05-08' }), '2022-01-01T00:00Z', 3, '2021-05-07'],
  [
    'none that ends after until',
    daily({ since: '2021-05-05', until: '2021-05-08T12' }),
    '2022-01-01T00:00Z',
    3,
    '2021-05-07',
  ],
  [
    'until, also ahead',
    daily({ since: '2021-05-05', until: '2021-05-08', endOffset: 1 }),
    '2021-05-08T12:00Z',
    3,
    '2021-05-07',
  ],
  ['until before since', daily({ since: '2021-05-05', until: '2021-05-01' }), '2022-01-01T00:00Z', 0, undefined],
  ['hours of a month', hourly({ since: '2022-01-01', until: '2022-02-01' }), '2023-01-01T00:00Z', 744, '2022-01-31T23'],
  ['months of a year', monthly({ since: '2022-01', until: '2023-01' }), '2024-01-01T00:00Z', 12, '2022-12'],
  ['weeks', weekly({ since: '2021-01-01' }), '2021-01-31T01:20Z', 4, '2021-01-24'],
  ['a month that has begun before since', monthly({ since: '2021-01-03' }), '2021-03-01T00:00Z', 1, '2021-02'],
  [
    'an hour that has begun before since',
    hourly({ since: '2021-01-01T00:02' }),
    '2021-01-01T02:00Z',
    1,
    '2021-01-01T01',
  ],
  ['an hour skipped', hourly({ since: '2024-03-10', ...ny }), '2024-03-10T08:00Z', 3, '2024-03-10T03'],
  ['since in the hour skipped', hourly({ since: '2024-03-10T02', ...ny }), '2024-03-10T08:00Z', 1, '2024-03-10T03'],
  ['an hour twice', hourly({ since: '2024-11-03', ...ny }), '2024-11-03T08:00Z', 4, '2024-11-03T02'],
  ['a day of 23 hours', daily({ since: '2024-03-10', ...ny }), '2024-03-11T04:00Z', 1, '2024-03-10'],
  ['not yet a day of 25', daily({ since: '2024-11-03', ...ny }), '2024-11-04T04:00Z', 0, undefined],
  [
    'until in its zone',
    daily({ since: '2024-03-09', until: '2024-03-11', ...ny }),
    '2025-01-01T00:00Z',
    2,
    '2024-03-10',
  ],
  ['half an hour', daily({ since: '2024-01-01', timezone: 'Asia/Kolkata' }), '2024-01-01T18:30Z', 1, '2024-01-01'],
  ['a day that never was', daily({ ...zone.apia, since: '2011-12-28' }), '2011-12-31T10:00Z', 3, '2011-12-31'],
  ['since on that day', daily({ ...zone.apia, since: '2011-12-30' }), '2011-12-31T10:00Z', 1, '2011-12-31'],
] satisfies [string, TimeDimension, string, number, string | undefined][])(
  '%s',
  (_, dimension: TimeDimension, now, count, last) => {
    const got = dimension.count(new Date(now))

    expect(got).toBe(count)
    if (last !== undefined) expect(dimension.encode(dimension.at(got - 1))).toBe(last)
  },
)

test.each([
  [utc.hour, '2024-01-31', 'partition "2024-01-31" does not fit: expected a UTC hour, e.g. "2024-01-31T23"'],
  [utc.hour, '2024-01-31T23+0000', 'expected a UTC hour'],
  [utc.hour, '2024-01-31T24', 'expected a UTC hour'],
  [utc['hour at :15'], '2024-01-31T23', 'expected a UTC hour, e.g. "2024-01-31T23:15"'],
  [hourly({ ...since, minuteOffset: 5 }), '2024-01-31T23', 'e.g. "2024-01-31T23:05"'],
  [utc.day, '2023-02-29', 'expected a UTC day, e.g. "2024-01-31"'],
  [utc.day, '2024-1-31', 'expected a UTC day'],
  [utc.day, '2024-01-31T00', 'expected a UTC day'],
  [utc.day, '2024/01/31', 'expected a UTC day'],
  [utc.day, '', 'expected a UTC day'],
  [utc.week, '2024-W05', 'expected a UTC week, e.g. "2024-01-28"'],
  [utc.month, '2024-13', 'expected a UTC month, e.g. "2024-01"'],
  [utc['0 7 * * *'], '2024-01-31', 'expected a UTC time, e.g. "2024-01-31T11:00"'],
  [
    newYork.hour,
    '2024-11-03T01-0600',
    'expected a local hour of America/New_York, e.g. "2024-01-31T23", with its offset from UTC',
  ],
  [newYork.hour, '2024-11-03T01-0400', 'expected a local hour of America/New_York'],
  [newYork.day, '2024-11-03T01:00', 'expected a local day of America/New_York'],
] satisfies [TimeDimension, string, string][])(
  '%# what is not a key is refused',
  (dimension: TimeDimension, text, message) => {
    expect(() => dimension.decode(text)).toThrow(message)
  },
)

test.each([
  [() => weekly({ since: '2021-01-01', dayOffset: 8 }), 'unusable day of week'],
  [() => monthly({ since: '2021-01-01', dayOffset: 32 }), 'unusable day of month'],
  [() => windows({ since: '2021-01-01', cron: '0 -24 * * *' }), 'unusable hour'],
  [() => daily({ since: '2021-01-01', timezone: 'Europe/Berln' }), 'did you mean "Europe/Berlin"?'],
  [() => daily({ since: '01/02/2021' }), 'expected a time of UTC, e.g.'],
  [() => hourly({ since: '2021-01-01', until: 'tomorrow' }), 'partition "tomorrow" does not fit'],
])('%# is refused when it is declared', (declare, message) => {
  expect(declare).toThrow(message)
})

test('a mistyped year is refused at once instead of being counted to', () => {
  const hours = hourly({ since: '2024-01-01', timezone: 'Europe/Berlin' })

  expect(() => hours.decode('9999-01-01T00')).toThrow('9998-12-31T23:00:00.000Z is more than 8388608 windows away')
  expect(() => hours.decode('0001-01-01T00')).toThrow('is more than 8388608 windows away from the first one')
  expect(() => hours.at(1e12)).toThrow('that window is more than 8388608 windows away')
  expect(utc.hour.encode(utc.hour.decode('9999-01-01T00'))).toBe('9999-01-01T00')
})

test.each([
  [{ day: utc.day }, {}, '0 0 * * *', 'UTC'],
  [{ day: utc['day at 02:15'] }, {}, '15 2 * * *', 'UTC'],
  [{ day: utc['day at 02:15'] }, { hourOfDay: 9 }, '15 9 * * *', 'UTC'],
  [{ hour: newYork.hour }, { minuteOfHour: 10 }, '10 * * * *', 'America/New_York'],
  [{ week: utc.week }, { hourOfDay: 9, minuteOfHour: 30, dayOfWeek: 2 }, '30 9 * * 2', 'UTC'],
  [{ month: utc['month from the 12th 03:15'] }, { dayOfMonth: 13 }, '15 3 13 * *', 'UTC'],
  [{ window: utc['0 9 * * 1-5'] }, {}, '0 9 * * 1-5', 'UTC'],
])('%# a schedule runs once a window', (dimensions, time, cron, timezone) => {
  expect(oncePerWindow(dimensions, time)).toEqual({ cron, timezone })
})

test('a schedule can not ask of windows what they do not have', () => {
  expect(() => oncePerWindow({ window: utc['0 9 * * 1-5'] }, { hourOfDay: 3 })).toThrow('do not take "hourOfDay"')
  expect(() => oncePerWindow({ hour: utc.hour }, { hourOfDay: 3 })).toThrow(
    'windows of one hour do not take "hourOfDay"',
  )
  expect(() => oncePerWindow({})).toThrow('no dimension among none is a time')
})

const zones = fc.constantFrom(
  'UTC',
  'US/Central',
  'America/New_York',
  'America/St_Johns',
  'America/Sao_Paulo',
  'America/Havana',
  'America/Nuuk',
  'America/Santiago',
  'Europe/Berlin',
  'Europe/London',
  'Europe/Dublin',
  'Africa/Casablanca',
  'Africa/Cairo',
  'Asia/Gaza',
  'Asia/Tehran',
  'Asia/Kathmandu',
  'Asia/Kolkata',
  'Australia/Lord_Howe',
  'Australia/Adelaide',
  'Pacific/Chatham',
  'Pacific/Apia',
  'Pacific/Kiritimati',
  'Antarctica/Troll',
)
const start = fc.record({ minuteOffset: fc.nat(59), hourOffset: fc.nat(23), dayOffset: fc.integer({ min: 1, max: 6 }) })
const crons = fc.constantFrom('0 0,11 * * *', '*/20 * * * *', '0 9 * * 1-5', '0 0 L * *', '30 1-3 * * *', '0 0 1 */3 *')
const dimensions = fc
  .tuple(zones, start, crons, fc.constantFrom('hour', 'day', 'week', 'month', 'custom'))
  .map(([timezone, offsets, cron, unit]): TimeDimension => {
    const options = { since: '2010-06-15', timezone, ...offsets }
    if (unit === 'hour') return hourly(options)
    if (unit === 'day') return daily(options)
    if (unit === 'week') return weekly(options)
    return unit === 'month' ? monthly(options) : windows({ ...options, cron })
  })

test('windows follow one another without a hole, and their keys and numbers lead back to them', () => {
  fc.assert(
    fc.property(dimensions, fc.integer({ min: -300, max: 5_000 }), fc.nat(100), (dimension, from, inside) => {
      for (let index = from; index < from + 40; index++) {
        const window = dimension.at(index)
        const within = window.start.getTime() + ((window.end.getTime() - window.start.getTime() - 1) * inside) / 100

        expect(window.end.getTime()).toBeGreaterThan(window.start.getTime())
        expect(dimension.startOf(index + 1)).toBe(window.end.getTime())
        expect(dimension.indexAtOrAfter(dimension.startOf(index))).toBe(index)
        expect(dimension.indexAtOrAfter(dimension.startOf(index) + 1)).toBe(index + 1)
        expect(dimension.indexOf(window)).toBe(index)
        expect(dimension.indexOf({ ...window, start: new Date(within) })).toBe(index)
        expect(dimension.decode(dimension.encode(window))).toEqual(window)
      }
    }),
    { numRuns: 300 },
  )
})

test('as many windows exist as have ended', () => {
  fc.assert(
    fc.property(dimensions, fc.integer({ min: 0, max: 3_000 }), (dimension, index) => {
      const { end } = dimension.at(index)

      expect(dimension.count(end)).toBe(index + 1)
      expect(dimension.count(new Date(end.getTime() - 1))).toBe(index)
    }),
    { numRuns: 300 },
  )
})
