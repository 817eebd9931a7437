import { TenonError, type World } from '@tenon/contract'
import { canonicalYaml } from '../text/canonical-yaml.ts'
import { identityOf } from './identity.ts'
import type { LiveNode } from './live-node.ts'
import { patched } from './patch.ts'
import { rewrite } from './rewrite.ts'

const BANNER = `# What skill-map knows of the file beside this one. Fill in \`annotations\`; the rest is kept by "sm bump" and
# "sm sidecar refresh", which write this file anew: comments and the order of keys do not last.
`

/** Makes the sidecar of a node, with nothing but its identity. Throws SIDECAR_EXISTS when there is one and it is not to go. */
export async function annotateSidecar(
  live: LiveNode,
  world: World,
  { overwrite }: { overwrite: boolean },
): Promise<void> {
  const { node, sidecar } = live
  const text = BANNER + canonicalYaml({ identity: identityOf(node), annotations: {} })
  await rewrite(sidecar.absolute, world, (before) => {
    if (before === undefined || overwrite) return text
    throw new TenonError('SIDECAR_EXISTS', `${sidecar.path} is there already`, { hint: 'Overwrite it with --force.' })
  })
}

/** Gives the sidecar of a node the hashes of now, and says whether it had others. Throws SIDECAR_UNKNOWN when there is none. */
export function refreshSidecar({ node, sidecar }: LiveNode, world: World): Promise<boolean> {
  const { bodyHash, frontmatterHash } = node
  return rewrite(sidecar.absolute, world, (before) => {
    if (before !== undefined)
      return patched({ path: sidecar.path, before, changes: { identity: { bodyHash, frontmatterHash } } })
    throw new TenonError('SIDECAR_UNKNOWN', `${node.path} has no sidecar`, {
      hint: `Make one with "sm sidecar annotate" or "sm bump".`,
    })
  })
}
