import type { PublishTarget } from './port.ts'
export const folderTarget = ({ root }: { root: string }): PublishTarget => ({ name: `folder:${root}`, publish: async (r) => ({ outcome: 'published', target: `folder:${root}`, location: root, commit: null, sentFiles: r.files.length, sentBytes: 0, keptFiles: 0, removedFiles: 0 }) })
