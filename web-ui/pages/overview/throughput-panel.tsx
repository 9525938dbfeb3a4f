import { useAnswer } from '../../api/use-answer.ts'
import { Choice } from '../../kit/fields.tsx'
import { Answered, Panel } from '../../kit/page.tsx'
import { useAddress } from '../../kit/use-address.ts'
import { ThroughputPlot } from './throughput-plot.tsx'

const spans = [
  ['6', '6 h'],
  ['24', '24 h'],
  ['168', '7 d'],
] as const

export function ThroughputPanel() {
  const [address, change] = useAddress()
  const hours = spans.find(([value]) => value === address.hours)?.[0] ?? '24'
  const throughput = useAnswer('throughput', { hours: Number(hours) }, { keep: true })
  return (
    <Panel
      title="Partitions made"
      actions={
        <Choice
          label="How far back"
          value={hours}
          options={spans}
          onChange={(value) => change({ hours: value === '24' ? undefined : value })}
        />
      }
    >
      <Answered query={throughput}>{(data) => <ThroughputPlot throughput={data} />}</Answered>
    </Panel>
  )
}
