import { Dialog } from '../kit/dialog.tsx'
import type { MakeAsk } from './open-make.tsx'

export function MakeDialog({ ask, onClose }: { readonly ask: MakeAsk; readonly onClose: () => void }) {
  return (
    <Dialog title="Materialize" open onClose={onClose} wide>
      {ask.selection}
    </Dialog>
  )
}
