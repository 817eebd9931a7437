import { limits, TenonError } from '@tenon/contract'
import { inOrder, releaseInOrder, type Catalog, type Release } from './catalog.ts'
import { smallestProof } from './core.ts'
import { factBase } from './fact-base.ts'
import { verifiedFixes } from './fixes.ts'
import { withOptional, type DroppedEdge, type WithOptional } from './optional.ts'
import { proofText } from './render.ts'
import type { NamedRequest, ResolveRequest } from './request.ts'
import { edgesOf, solve } from './solve.ts'

/** A chosen version, and the range under which it reaches each plugin that it needs. */
export type Chosen = { version: string; edges: Record<string, string> }

/** Either one version for each plugin, by id in order, or why there is none and what would help. */
export type Resolution =
  | { ok: true; plugins: Record<string, Chosen>; warnings: string[] }
  | { ok: false; message: string; fixes: string[] }

/**
 * Chooses one version for each plugin that the root leads to, the newest that go together, and always the same ones for
 * the same catalog and request. Throws RESOLVE_TOO_HARD when the search takes more steps than the limit allows.
 */
export async function resolve(catalog: Catalog, asked: ResolveRequest): Promise<Resolution> {
  const remembered = rememberingCatalog(catalog)
  const request = { name: 'root', ...asked, deps: inOrder(asked.deps), optionalDeps: inOrder(asked.optionalDeps) }
  const facts = factBase(remembered, request)
  const outcome = await solve(facts, [], { steps: limits.resolveStepsMax })
  if (outcome.kind === 'solved') return resolutionOf(await withOptional(facts, request, outcome.choice), request)
  if (outcome.kind === 'gaveUp')
    throw new TenonError('RESOLVE_TOO_HARD', 'the plugins conflict in more ways than can be searched', {
      hint: 'Narrow the ranges that are wanted, or pin versions that are known to work.',
    })
  const proof = smallestProof(outcome.proof)
  const fixes = await verifiedFixes(remembered, request, proof)
  return { ok: false, message: proofText(proof, request.name), fixes }
}

function resolutionOf({ choice, kept, dropped }: WithOptional, request: NamedRequest): Resolution {
  const plugins = [...choice].map(([id, picked]): [string, Chosen] => {
    const edges = edgesOf(picked, kept).map((wanted): [string, string] => [wanted.id, wanted.range])
    return [id, { version: picked.release.version, edges: Object.fromEntries(edges.sort()) }]
  })
  return {
    ok: true,
    plugins: Object.fromEntries(plugins),
    warnings: dropped.map((one) => warningFor(one, request.name)),
  }
}

function warningFor({ edge: { owner, requirement }, proof }: DroppedEdge, rootName: string): string {
  const by = owner === undefined ? rootName : owner.pkg.id
  const why =
    proof === undefined ? 'The search was given up.' : proofText(smallestProof(proof), rootName, 'it cannot be had')
  return `${requirement.id} ${requirement.range}, optional for ${by}, is left out. ${why}`
}

/** Asks the catalog for each plugin once, and puts what it says in order. */
function rememberingCatalog(catalog: Catalog): Catalog {
  const known = new Map<string, Promise<readonly Release[]>>()
  return {
    releases(id) {
      const releases = known.get(id) ?? catalog.releases(id).then((found) => found.map(releaseInOrder))
      known.set(id, releases)
      return releases
    },
  }
}
