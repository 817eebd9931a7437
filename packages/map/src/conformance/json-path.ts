type Step = string | number

const STEP = /\.([\p{L}_$][\p{L}\p{N}_$-]*)|\[(\d+)\]|\['([^']*)'\]|\["([^"]*)"\]/uy

/**
 * The steps of a path such as `$.nodes[0].path`, or undefined when it is none: names after dots or in quotes, and places
 * in brackets. No other part of JSONPath is understood, so nothing of it is passed over in silence.
 */
export function stepsOf(path: string): Step[] | undefined {
  if (!path.startsWith('$')) return undefined
  const steps: Step[] = []
  STEP.lastIndex = 1
  for (let at = 1; at < path.length; at = STEP.lastIndex) {
    const found = STEP.exec(path)
    if (found === null) return undefined
    const [, name, place, single, double] = found
    steps.push(place === undefined ? (name ?? single ?? double ?? '') : Number(place))
  }
  return steps
}

/** What is at the path, or undefined when nothing is. The `length` of a list or text is how many it holds. */
export const valueAtSteps = (value: unknown, steps: readonly Step[]): unknown =>
  steps.reduce((held, step) => (step === 'length' ? lengthOf(held) : ownValue(held, step)), value)

const lengthOf = (held: unknown): unknown =>
  Array.isArray(held) || typeof held === 'string' ? held.length : ownValue(held, 'length')

const ownValue = (held: unknown, step: Step): unknown =>
  typeof held === 'object' &&
  held !== null &&
  Array.isArray(held) === (typeof step === 'number') &&
  Object.hasOwn(held, step)
    ? (held as Record<Step, unknown>)[step]
    : undefined
