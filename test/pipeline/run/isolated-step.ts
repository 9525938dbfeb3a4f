/** The program of an isolated step in tests: `node isolated-step.ts FOLDER CODE_VERSION`. */
import { serveStep } from '#pipeline'
import { isolatedAssets } from './isolated-assets.ts'

await serveStep(isolatedAssets(process.argv[2]!, true, process.argv[3]).all())
