import type { Node } from '../../graph-schema.ts'
import { normalizeTrigger } from '../../text/trigger.ts'

/** The name in a node's front matter, where it has one. */
export const nameOf = ({ frontmatter }: Node): string[] =>
  typeof frontmatter?.['name'] === 'string' ? [frontmatter['name']] : []

const normalized = new WeakMap<object, string[]>()

/** The same in the form in which triggers are compared. What is asked of one front matter again is remembered. */
export function normalNameOf(node: Node): string[] {
  const { frontmatter = NO_FRONT_MATTER } = node
  const known = normalized.get(frontmatter)
  if (known !== undefined) return known
  const names = nameOf(node).map(normalizeTrigger)
  if (Object.isFrozen(frontmatter)) normalized.set(frontmatter, names)
  return names
}

const NO_FRONT_MATTER = Object.freeze({})
