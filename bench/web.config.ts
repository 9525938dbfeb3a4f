import { lake } from '../resources/lake/open-lake.ts'
import { webDefinitions } from './web-definitions.ts'

/** What the server of the bench serves, from its working folder. */
export default webDefinitions({ io: lake({ url: 'lake' }), wait: async () => undefined })
