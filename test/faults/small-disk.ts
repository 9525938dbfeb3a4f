import { execFileSync } from 'node:child_process'
import { onTestFinished } from 'vitest'
import { temporaryFolder } from '../pipeline/temporary-folder.ts'

export interface SmallDisk {
  readonly folder: string
  /** For processes that are started on it: no file of theirs may be larger. */
  readonly mostFileBytes?: number
  /** Makes room. */
  grow(): void
}

/** A folder with so little room: a file system of its own where we may mount one, else a limit on the size of files. */
export function smallDisk(bytes: number): SmallDisk {
  const folder = temporaryFolder()
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', folder], { stdio: 'pipe' })
  } catch {
    return { folder, mostFileBytes: bytes / 4, grow: () => undefined }
  }
  onTestFinished(() => void execFileSync('umount', ['-l', folder]))
  return { folder, grow: () => void execFileSync('mount', ['-o', 'remount,size=500m', folder]) }
}
