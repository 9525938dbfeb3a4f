import { appendFile, rm } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { PublishTarget } from '../../../resources/targets/port.ts'
import { PublishError } from '../../../resources/targets/port.ts'
import type { Desk } from './a-release.ts'
import { aDesk, contents, never } from './a-release.ts'

export interface TargetUnderTest {
  readonly target: PublishTarget
  /** What a reader finds at the target: path → bytes. */
  show(): Promise<ReadonlyMap<string, Buffer>>
  close(): Promise<void>
}

/** What every publish target promises. */
export function testTarget(name: string, make: () => Promise<TargetUnderTest>): void {
  describe(`the ${name} target`, () => {
    let desk: Desk
    let on: TargetUnderTest
    beforeEach(async () => {
      desk = await aDesk()
      on = await make()
    })
    afterEach(async () => {
      await on.close()
      await desk.clear()
    })
    const shown = async () => Object.fromEntries([...(await on.show())].map(([path, bytes]) => [path, String(bytes)]))

    test('shows exactly the files of the first release', async () => {
      const published = await on.target.publish(await desk.release('r1', contents('r1')), never)

      expect(await shown()).toEqual(contents('r1'))
      expect(published).toMatchObject({ outcome: 'published', sentFiles: 4, keptFiles: 0, removedFiles: 0 })
      expect(published.sentBytes).toBe(Buffer.byteLength(Object.values(contents('r1')).join('')))
    })

    test('sends nothing when the same release is published again', async () => {
      await on.target.publish(await desk.release('r1', contents('r1')), never)

      const again = await on.target.publish(await desk.release('r1', contents('r1')), never)

      expect(again).toMatchObject({ outcome: 'unchanged', sentFiles: 0, sentBytes: 0, keptFiles: 4 })
    })

    test('sends the current month and keeps the closed one', async () => {
      await on.target.publish(await desk.release('r1', contents('r1')), never)

      const next = await on.target.publish(await desk.release('r2', contents('r2', 'more rows')), never)

      expect(next).toMatchObject({ outcome: 'published', sentFiles: 3, keptFiles: 1, removedFiles: 0 })
      expect(await shown()).toEqual(contents('r2', 'more rows'))
    })

    test('removes the data that a release no longer lists', async () => {
      const first = contents('r1')
      const { 'data/1h/binance/2024-01.parquet': _, ...rest } = first
      await on.target.publish(await desk.release('r1', first), never)

      const next = await on.target.publish(await desk.release('r2', rest), never)

      expect(next).toMatchObject({ sentFiles: 0, keptFiles: 3, removedFiles: 1 })
      expect(await shown()).toEqual(rest)
    })

    test('goes back to an older release', async () => {
      for (const id of ['r1', 'r2', 'r1']) await on.target.publish(await desk.release(id, contents(id, id)), never)

      expect(await shown()).toEqual(contents('r1', 'r1'))
    })

    test('publishes an empty file and a name that needs quoting', async () => {
      const odd = { 'README.md': '', 'data/1h/a b%#é/2024.parquet': 'x' }

      await on.target.publish(await desk.release('r1', odd), never)
      const again = await on.target.publish(await desk.release('r1', odd), never)

      expect(await shown()).toEqual(odd)
      expect(again.outcome).toBe('unchanged')
    })

    test('refuses a source that is not what the release declares, and changes nothing', async () => {
      await on.target.publish(await desk.release('r1', contents('r1')), never)
      const spoiled = await desk.release('r2', contents('r2', 'more rows'))
      const source = spoiled.files.find(({ path }) => path.endsWith('2024-02.parquet'))!.content as { file: string }
      await appendFile(source.file, '!')

      const publishing = on.target.publish(spoiled, never)

      await expect(publishing).rejects.toThrow(PublishError)
      await expect(publishing).rejects.toThrow(/"r2".*2024-02\.parquet" is expected to have 9 bytes .* got 10 bytes/)
      expect(await shown()).toEqual(contents('r1'))
    })

    test('refuses a source that is not there, and changes nothing', async () => {
      await on.target.publish(await desk.release('r1', contents('r1')), never)
      const lost = await desk.release('r2', contents('r2', 'more rows'))
      const source = lost.files.find(({ path }) => path.endsWith('2024-02.parquet'))!.content as { file: string }
      await rm(source.file)

      await expect(on.target.publish(lost, never)).rejects.toThrow(PublishError)
      expect(await shown()).toEqual(contents('r1'))
    })

    test.each(['../README.md', '/etc/passwd', 'data/../../x', 'data//x', 'a\\b', 'C:/x', './x', 'x/', 'a\nb', ''])(
      'refuses the path %j',
      async (path) => {
        const publishing = on.target.publish(await desk.release('r1', { [path]: 'x' }), never)

        await expect(publishing).rejects.toThrow(PublishError)
      },
    )

    test('refuses one path twice, and a file that is also a folder', async () => {
      const { files } = await desk.release('r1', { 'a.txt': 'x' })
      const twice = { id: 'r1', summary: '', files: [...files, ...files] }

      await expect(on.target.publish(twice, never)).rejects.toThrow('"a.txt" is listed twice')
      await expect(on.target.publish(await desk.release('r1', { a: 'x', 'a/b': 'y' }), never)).rejects.toThrow(
        '"a" is a file and also the folder of "a/b"',
      )
    })

    test('ends with the reason of an aborted signal, and shows the release before', async () => {
      await on.target.publish(await desk.release('r1', contents('r1')), never)
      const reason = new Error('the run was cancelled')

      const publishing = on.target.publish(await desk.release('r2', contents('r2')), AbortSignal.abort(reason))

      await expect(publishing).rejects.toBe(reason)
      expect(await shown()).toEqual(contents('r1'))
    })

    test('two publications at once end with one whole release', async () => {
      const ids = ['r1', 'r2']
      const releases = await Promise.all(ids.map((id) => desk.release(id, contents(id, id))))

      await Promise.all(releases.map((release) => on.target.publish(release, never)))

      const last = await shown()
      expect(ids.map((id) => contents(id, id))).toContainEqual(last)
    })
  })
}
