export { run } from './partition-mapping-time-window.ts'
