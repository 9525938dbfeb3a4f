import { messageOf, useCommand } from '../../api/use-answer.ts'
import { Toggle } from '../../kit/fields.tsx'
import { Tip } from '../../kit/tip.tsx'

/** Switches a schedule or sensor; it shows at once what it will be. */
export function OnOff({ automation: { name, isOn } }: { readonly automation: { name: string; isOn: boolean } }) {
  const change = useCommand('switchAutomation')
  const shown = change.isPending ? change.variables.isOn : isOn
  const toggle = (
    <Toggle
      checked={shown}
      disabled={change.isPending}
      label={`${name} is ${shown ? 'on' : 'off'}`}
      onChange={(isOn) => change.mutate({ name, isOn })}
    />
  )
  if (change.error === null) return toggle
  return (
    <Tip text={messageOf(change.error)}>
      <span role="alert" className="rounded-full outline-2 outline-failed">
        {toggle}
      </span>
    </Tip>
  )
}
