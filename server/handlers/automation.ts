import { switchAutomation } from '../command/switch-automation.ts'
import type { automationEndpoints } from '../contract/automation.ts'
import { listAutomations, listTicks, oneAutomation } from '../query/automations.ts'
import { tryTick } from '../query/try-tick.ts'
import type { Handlers } from '../served.ts'

export const automationHandlers: Handlers<keyof typeof automationEndpoints> = {
  automations: ({ engine }) => listAutomations(engine),
  automation: ({ engine }, { name }) => oneAutomation(engine, name),
  ticks: ({ engine }, asked) => listTicks(engine, asked),
  switchAutomation: ({ engine }, { name, isOn }) => switchAutomation(engine, name, isOn),
  tryTick: ({ engine }, asked, { signal }) => tryTick(engine, asked, signal),
}
