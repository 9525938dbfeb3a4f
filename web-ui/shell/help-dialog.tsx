import { Dialog } from '../kit/dialog.tsx'
import { Keys } from '../kit/page.tsx'
import { places } from './places.ts'

const keys: readonly (readonly [string, string])[] = [
  ['⌘ K  or  Ctrl K', 'find an asset, a run, a page or a command'],
  ['Tab', 'what can be done with an asset that was found'],
  ['⌘ Enter  or  Ctrl Enter', 'answer the SELECT that is written'],
  ['/', 'go to the search of the page'],
  ['↑ ↓ PgUp PgDn Home End', 'move in a table'],
  ['Enter', 'open the row'],
  ['Space', 'select the row'],
  ['Esc', 'close, or empty the search'],
  ['?', 'this list'],
  ...places.map(({ name, keys }) => [keys, `go to ${name}`] as const),
]

export function HelpDialog({ open, onClose }: { readonly open: boolean; readonly onClose: () => void }) {
  return (
    <Dialog title="Keyboard" open={open} onClose={onClose}>
      <dl className="grid grid-cols-[max-content_1fr] items-center gap-x-6 gap-y-2 text-sm">
        {keys.map(([key, does]) => (
          <div key={key} className="contents">
            <dt>
              <Keys>{key}</Keys>
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  )
}
