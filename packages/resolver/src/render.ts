import { limits } from '@tenon/contract'
import type { Incompatibility } from './incompatibility.ts'
import { conclusionText, factText, listed } from './clauses.ts'

/** Some facts and earlier conclusions, and what follows from them. */
type Step = { node: Incompatibility; facts: Incompatibility[]; from: Incompatibility[] }

const FACTS_PER_SENTENCE = 3
const LEFT_OUT_CHARS = 60

/**
 * A proof as a paragraph that ends with `end`; a conclusion gets a number only when a later sentence has to point at it.
 */
export function proofText(proof: Incompatibility, rootName: string, end = 'there is no solution'): string {
  const clause = ({ origin, terms }: Incompatibility): string =>
    origin.kind === 'derived' ? conclusionText(terms, end) : factText(origin, rootName)
  if (proof.origin.kind !== 'derived') return shortened([`${capitalized(end)}: ${clause(proof)}.`])
  const steps = stepsTo(proof)
  const numbers = numbersIn(steps)
  return shortened(
    steps.map((step, at) => {
      const number = numbers.get(step.node)
      const text = sentence(step, steps[at - 1]?.node, numbers, clause)
      return number === undefined ? text : `(${number}) ${text}`
    }),
  )
}

function sentence(
  { node, facts, from }: Step,
  previous: Incompatibility | undefined,
  numbers: ReadonlyMap<Incompatibility, number>,
  clause: (one: Incompatibility) => string,
): string {
  const references = from.filter((one) => one !== previous).map((one) => `(${numbers.get(one)})`)
  const grounds = [
    ...(references.length === 0 ? [] : [`by ${listed(references)}`]),
    ...(facts.length === 0 ? [] : [`because ${listed(facts.map(clause))}`]),
  ].join(' and ')
  const lead = references.length === from.length ? '' : 'so'
  const text = [lead, grounds, clause(node)].filter((part) => part !== '').join(', ')
  return `${capitalized(text)}.`
}

const capitalized = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`

/** The steps of a proof, each after those it builds on; a conclusion from few facts melts into the step that uses it. */
function stepsTo(proof: Incompatibility): Step[] {
  const steps = new Map<Incompatibility, Step>()
  const open = [proof]
  for (let node = open.at(-1); node !== undefined; node = open.at(-1)) {
    const step = stepFor(node)
    const missing = step.from.filter((earlier) => !steps.has(earlier))
    if (missing.length > 0) open.push(...missing.toReversed())
    else if (open.pop() !== undefined && !steps.has(node)) steps.set(node, step)
  }
  return [...steps.values()]
}

function stepFor(node: Incompatibility): Step {
  let facts: Incompatibility[] = []
  let from = [node]
  for (;;) {
    const [only] = from
    if (from.length !== 1 || only === undefined || only.origin.kind !== 'derived') break
    const { parents } = only.origin
    const more = parents.filter((parent) => parent.origin.kind !== 'derived')
    if (only !== node && facts.length + more.length > FACTS_PER_SENTENCE) break
    facts = [...more, ...facts]
    from = parents.filter((parent) => parent.origin.kind === 'derived')
  }
  return { node, facts, from }
}

function numbersIn(steps: readonly Step[]): Map<Incompatibility, number> {
  const pointedAt = new Set(steps.flatMap(({ from }, at) => from.filter((node) => node !== steps[at - 1]?.node)))
  const numbered = steps.map(({ node }) => node).filter((node) => pointedAt.has(node))
  return new Map(numbered.map((node, at) => [node, at + 1]))
}

/** Keeps the beginning and the end of what would be too long, in whole sentences. */
function shortened(sentences: readonly string[]): string {
  const end = sentences.at(-1) ?? ''
  const kept: string[] = []
  let room: number = limits.resolveMessageChars - end.length - LEFT_OUT_CHARS
  for (const text of sentences.slice(0, -1)) {
    room -= text.length + 1
    if (room < 0) break
    kept.push(text)
  }
  const leftOut = sentences.length - 1 - kept.length
  return [...kept, ...(leftOut === 0 ? [] : [`(${leftOut} more steps are left out.)`]), end].join(' ')
}
