import { limits } from '@tenon/contract'
import type { Requirement } from './catalog.ts'
import type { FactBase } from './fact-base.ts'
import type { Incompatibility } from './incompatibility.ts'
import type { ResolveRequest } from './request.ts'
import type { Budget } from './search.ts'
import { edgesOf, solve, type Choice, type KeptEdge, type Picked } from './solve.ts'

/** `proof` says why; it is absent when the search was given up. */
export type DroppedEdge = { edge: KeptEdge; proof: Incompatibility | undefined }
export type WithOptional = { choice: Choice; kept: KeptEdge[]; dropped: DroppedEdge[] }

/** One budget for all trials: however many optional dependencies there are, they never make a solution wait long. */
type Trial = { facts: FactBase; request: ResolveRequest; budget: Budget }

/**
 * Meets as many optional dependencies as it can, nearest to the root first, then by id: each is kept if everything
 * required and every one kept before it still has a solution with its owner as it is. None can make a solution fail.
 */
export async function withOptional(facts: FactBase, request: ResolveRequest, first: Choice): Promise<WithOptional> {
  const trial: Trial = { facts, request, budget: { steps: limits.resolveExtraStepsMax } }
  let state: WithOptional = { choice: first, kept: [], dropped: [] }
  const tried = new Set<string>()
  for (;;) {
    const fresh = optionalEdges(state.choice, state.kept, request).filter((edge) => !tried.has(edgeKey(edge)))
    if (fresh.length === 0) break
    for (const edge of fresh) tried.add(edgeKey(edge))
    state = await keepMost(trial, state, fresh)
  }
  return { ...state, dropped: state.dropped.filter(({ edge }) => isCurrent(state.choice, edge)) }
}

/** Tries the edges together, and by halves when that fails, so that one bad edge costs few solves. */
async function keepMost(trial: Trial, state: WithOptional, edges: readonly KeptEdge[]): Promise<WithOptional> {
  const current = edges.filter((edge) => isCurrent(state.choice, edge))
  const [edge] = current
  if (edge === undefined) return state
  const kept = [...state.kept, ...current]
  const outcome = await solve(trial.facts, kept, trial.budget)
  if (outcome.kind === 'solved' && reachable(outcome.choice, kept, trial.request).length === outcome.choice.size)
    return { ...state, choice: outcome.choice, kept }
  if (current.length === 1) {
    const proof = outcome.kind === 'impossible' ? outcome.proof : undefined
    return { ...state, dropped: [...state.dropped, { edge, proof }] }
  }
  const half = Math.ceil(current.length / 2)
  const after = await keepMost(trial, state, current.slice(0, half))
  return keepMost(trial, after, current.slice(half))
}

const isCurrent = (choice: Choice, { owner }: KeptEdge): boolean => {
  if (owner === undefined) return true
  return choice.get(owner.pkg.id)?.set === owner.set
}

const edgeKey = ({ owner, requirement }: KeptEdge): string =>
  `${owner?.pkg.id ?? ''} ${owner?.set ?? ''} ${requirement.publisher ?? ''} ${requirement.id} ${requirement.range}`

/** The optional edges of the root and of the chosen releases, breadth first. */
function optionalEdges(choice: Choice, kept: readonly KeptEdge[], request: ResolveRequest): KeptEdge[] {
  const edges: KeptEdge[] = request.optionalDeps.map((requirement) => ({ owner: undefined, requirement }))
  for (const owner of reachable(choice, kept, request))
    for (const requirement of owner.release.optionalDeps) edges.push({ owner, requirement })
  return edges
}

/** The chosen that the root leads to, breadth first. */
function reachable(choice: Choice, kept: readonly KeptEdge[], request: ResolveRequest): Picked[] {
  const picked = (requirements: readonly Requirement[]): Picked[] =>
    requirements.flatMap(({ id }) => choice.get(id) ?? [])
  const fromRoot = kept.filter(({ owner }) => owner === undefined).map(({ requirement }) => requirement)
  const found = new Set(picked([...request.deps, ...fromRoot]))
  for (const one of found) for (const target of picked(edgesOf(one, kept))) found.add(target)
  return [...found]
}
