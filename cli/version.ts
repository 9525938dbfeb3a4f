import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The version of this package. */
export function version(): string {
  // As source this file is one folder below the package, as built two.
  const [file] = ['../package.json', '../../package.json']
    .map((path) => fileURLToPath(new URL(path, import.meta.url)))
    .filter((path) => existsSync(path) && 'version' in JSON.parse(readFileSync(path, 'utf8')))
  return (JSON.parse(readFileSync(file!, 'utf8')) as { version: string }).version
}
