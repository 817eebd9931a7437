import type { JsonObject } from '@tenon/contract'
import type { ActionInput, ExtractorInput, FormatterInput, Graph, HookInput, ProviderInput } from './inputs.ts'

/**
 * How the kernel reaches the code of an extension. Only plain JSON crosses, in batches, so that the code may run in this
 * process or in a contained one. There is one answer for each input, in order; a rejected call costs its whole batch.
 * The kernel checks whatever comes back.
 */
export type ProviderRunner = (files: readonly ProviderInput[]) => Promise<Answer<string | null>[]>
/**
 * Goes through one root for a Provider that finds and reads its files itself. The records come in parts, each of which
 * may be anything.
 */
export type WalkRunner = (request: WalkRequest) => AsyncIterable<unknown>
/** The folder, and the paths in it of all files and folders that may be looked at. */
export type WalkRequest = { root: string; kept: readonly string[] }
export type ExtractorRunner = (nodes: readonly ExtractorInput[], settings: JsonObject) => Promise<Answer<Emission[]>[]>
export type RuleRunner = (graph: Graph, settings: JsonObject) => Promise<Answer<RuleFindings>>
export type ActionRunner = (input: ActionInput, settings: JsonObject) => Promise<Answer<unknown>>
export type FormatterRunner = (graph: FormatterInput, settings: JsonObject) => Promise<Answer<string>>
export type HookRunner = (told: HookInput, settings: JsonObject) => Promise<Answer<null>>

export type Runners = {
  provider: ProviderRunner
  walk: WalkRunner
  extractor: ExtractorRunner
  rule: RuleRunner
  action: ActionRunner
  formatter: FormatterRunner
  hook: HookRunner
}

/** What one call came to, or why it came to nothing. */
export type Answer<T> = { value: T; failure?: never } | { value?: never; failure: string }

export type Emission = { link: unknown } | { enrichment: unknown } | { contribution: { id: string; payload: unknown } }

export type RuleFindings = {
  issues: unknown[]
  contributions: { nodePath: string; id: string; payload: unknown }[]
}
