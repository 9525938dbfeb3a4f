import type { assetEndpoints } from '../contract/assets.ts'
import type { Handlers } from '../served.ts'

export const assetHandlers: Partial<Handlers<keyof typeof assetEndpoints>> = {}
