import type { automationEndpoints } from '../contract/automation.ts'
import type { Handlers } from '../served.ts'

export const automationHandlers: Partial<Handlers<keyof typeof automationEndpoints>> = {}
