import { localQueue } from '../../../pipeline/queue/local.ts'
import { testQueue } from './conformance.ts'

testQueue('local queue', localQueue)
