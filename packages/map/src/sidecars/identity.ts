import type { JsonObject, Problem } from '@tenon/contract'
import type { Node } from '../graph-schema.ts'

/** How a sidecar names its node, and what the node was like when that was written. */
export const identityOf = ({ path, bodyHash, frontmatterHash }: Node): JsonObject => ({
  path,
  bodyHash,
  frontmatterHash,
})

/** Nobody may say of a node what it is not: an identity stays what it was or becomes that of now, value by value. */
export function identityProblems(node: Node, before: JsonObject | undefined, after: JsonObject): Problem[] {
  const [held, wanted] = [Object(before?.['identity']), Object(after['identity'])] as [JsonObject, JsonObject]
  return Object.entries(identityOf(node))
    .filter(([key, live]) => wanted[key] !== live && wanted[key] !== held[key])
    .map(([key]) => ({
      ...{ pointer: `/identity/${key}`, code: 'SIDECAR_INVALID' },
      message: `is neither what it was nor what it is for ${node.path}`,
    }))
}
