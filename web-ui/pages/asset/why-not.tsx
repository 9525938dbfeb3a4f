import { ChevronDown, ChevronRight, CircleCheck, CircleX } from 'lucide-react'
import { useState } from 'react'
import type { Answer } from '../../../server/contract/contract.ts'
import { useAnswer } from '../../api/use-answer.ts'
import { Button } from '../../kit/button.tsx'
import { count } from '../../kit/format.ts'
import { Answered } from '../../kit/page.tsx'

type Clause = NonNullable<Answer<'why'>['explained']>

/** The condition of an asset, clause by clause: of how many partitions each holds right now. */
export function WhyNot({ asset, partition }: { readonly asset: string; readonly partition?: string }) {
  const [isOpen, setOpen] = useState(false)
  const answer = useAnswer('why', { asset, ...(partition !== undefined && { key: partition }) }, { when: isOpen })
  return (
    <div>
      <Button aria-expanded={isOpen} icon={isOpen ? ChevronDown : ChevronRight} onClick={() => setOpen(!isOpen)}>
        Why did it not run?
      </Button>
      {isOpen && (
        <div className="mt-2">
          <Answered query={answer}>
            {({ explained }) =>
              explained ? (
                <>
                  <p className="mb-1 text-xs text-ink-faint">
                    {explained.trueOf > 0
                      ? `It asks for ${count(explained.trueOf)} of ${count(explained.of)} partitions right now.`
                      : 'It asks for nothing right now: not all that it demands holds of any partition.'}
                  </p>
                  <ul>
                    <ClauseRow clause={explained} depth={0} />
                  </ul>
                </>
              ) : (
                <p className="text-ink-faint">It has no condition.</p>
              )
            }
          </Answered>
        </div>
      )}
    </div>
  )
}

function ClauseRow({ clause, depth }: { readonly clause: Clause; readonly depth: number }) {
  const [isOpen, setOpen] = useState(depth < 2)
  const holds = clause.trueOf > 0
  const Mark = holds ? CircleCheck : CircleX
  return (
    <li>
      <div className="flex items-start gap-1.5 py-0.5" style={{ paddingLeft: depth * 12 }}>
        {clause.parts.length > 0 ? (
          <button
            type="button"
            aria-expanded={isOpen}
            aria-label={isOpen ? 'Hide its parts' : 'Show its parts'}
            onClick={() => setOpen(!isOpen)}
            className="mt-0.5 rounded text-ink-faint hover:text-ink"
          >
            {isOpen ? <ChevronDown size={13} aria-hidden /> : <ChevronRight size={13} aria-hidden />}
          </button>
        ) : (
          <span className="w-[13px] shrink-0" />
        )}
        <Mark
          size={14}
          role="img"
          aria-label={holds ? 'holds' : 'does not hold'}
          className={`mt-0.5 shrink-0 ${holds ? 'text-fresh' : 'text-missing'}`}
        />
        <span className="min-w-0 flex-1 text-xs break-words" title={clause.partitions}>
          {clause.clause}
        </span>
        <span className="tabular shrink-0 text-xs text-ink-faint">
          {count(clause.trueOf)} of {count(clause.of)}
        </span>
      </div>
      {isOpen && clause.parts.length > 0 && (
        <ul>
          {clause.parts.map((part, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a condition keep their places
            <ClauseRow key={index} clause={part} depth={depth + 1} />
          ))}
        </ul>
      )}
    </li>
  )
}
