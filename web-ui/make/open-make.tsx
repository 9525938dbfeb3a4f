/** The dialog that makes partitions can be opened from anywhere. */

import type { ReactNode } from 'react'
import { createContext, lazy, Suspense, useCallback, useContext, useMemo, useState } from 'react'
import type { Given } from '../../server/contract/contract.ts'

/** What the dialog begins with. */
export type MakeAsk = Partial<Given<'startRun'>>

const MakeDialog = lazy(() => import('./make-dialog.tsx').then((module) => ({ default: module.MakeDialog })))
const OpenMake = createContext<(ask: MakeAsk) => void>(() => undefined)

export const useOpenMake = () => useContext(OpenMake)

export function MakeProvider({ children }: { readonly children: ReactNode }) {
  const [ask, setAsk] = useState<MakeAsk>()
  const open = useCallback((ask: MakeAsk) => setAsk(ask), [])
  const close = useCallback(() => setAsk(undefined), [])
  const page = useMemo(() => <OpenMake value={open}>{children}</OpenMake>, [open, children])
  return (
    <>
      {page}
      {ask && (
        <Suspense>
          <MakeDialog ask={ask} onClose={close} />
        </Suspense>
      )}
    </>
  )
}
