/** A process to be killed: publishes one release after the other to the folder it is given. */

import { folderTarget } from '../../../resources/targets/folder.ts'
import { aDesk, never } from './a-release.ts'

const [root, from] = process.argv.slice(2)
const desk = await aDesk()
process.stdout.write(`${desk.folder}\n`)
for (let turn = Number(from); ; turn++) {
  const months = Array.from({ length: 12 }, (_, month) => {
    const isCurrent = month % 3 === turn % 3
    return [
      `data/1h/okx/${month + 1}.parquet`,
      Buffer.alloc(50_000, `${month}-${isCurrent ? turn : 'closed'}`),
    ] as const
  })
  const data = await desk.release('data', Object.fromEntries(months))
  const spec = JSON.stringify({ files: data.files.map(({ path, sha256 }) => ({ path, sha256 })) })
  const top = await desk.release('top', { 'README.md': `turn ${turn}`, 'spec.json': spec })
  const release = { id: `turn-${turn}`, summary: '', files: [...data.files, ...top.files] }
  await folderTarget({ root: root! }).publish(release, never)
  process.stdout.write('published\n')
}
