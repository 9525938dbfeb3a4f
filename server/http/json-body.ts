import { Refusal } from '../served.ts'

/** Deeper than any request of ours, and less than what a schema could follow. */
const mostLevels = 64

/** A body as a value; an empty one is none. */
export function readJson(text: string): unknown {
  if (text === '') return undefined
  refuseDeep(text)
  try {
    return JSON.parse(text, refusePrototype)
  } catch (error) {
    if (error instanceof Refusal) throw error
    throw new Refusal(400, 'request.invalid', 'body: expected JSON')
  }
}

// Schemas are followed level by level: a body of brackets alone would be followed too far.
function refuseDeep(text: string): void {
  let levels = 0
  let isText = false
  for (let at = 0; at < text.length; at++) {
    const sign = text.charCodeAt(at)
    if (isText) {
      if (sign === backslash) at++
      else if (sign === quote) isText = false
    } else if (sign === quote) isText = true
    else if (sign === openList || sign === openObject) {
      if (++levels > mostLevels) {
        throw new Refusal(400, 'request.invalid', `body: more than ${mostLevels} lists and objects in each other`)
      }
    } else if (sign === closeList || sign === closeObject) levels--
  }
}

const [quote, backslash, openList, closeList, openObject, closeObject] = [...'"\\[]{}'].map((sign) =>
  sign.charCodeAt(0),
)

function refusePrototype(name: string, value: unknown): unknown {
  if (name === '__proto__') throw new Refusal(400, 'request.invalid', 'body: "__proto__" is no name')
  return value
}
