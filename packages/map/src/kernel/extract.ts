import type { JsonObject } from '@tenon/contract'
import { answersOf } from './answers.ts'
import type { Collector } from './collector.ts'
import type { Draft } from './draft.ts'
import type { ExtractorInput } from './inputs.ts'
import type { LoadedExtractor } from './loaded-extension.ts'

/** Runs an extractor over a batch of nodes and hangs what it finds on their drafts. */
export async function extractFrom(
  drafts: readonly Draft[],
  extractor: LoadedExtractor,
  settings: JsonObject,
  collector: Collector,
): Promise<void> {
  const { applicableKinds, scope = 'both' } = extractor.manifest
  const applicable = drafts.filter(({ input }) => applicableKinds?.includes(input.node.kind) ?? true)
  const inputs = applicable.map(({ input }) => ({ ...input, ...HIDDEN[scope] }))
  if (inputs.length === 0) return
  const { answers, lost } = await answersOf(inputs.length, () => extractor.run(inputs, settings))
  if (lost !== undefined) return collector.lost(extractor, lost)
  for (const [index, draft] of applicable.entries()) {
    const { path, bodyHash } = draft.input.node
    const { value, failure } = answers[index] ?? { value: [] }
    if (failure !== undefined) {
      collector.error(extractor, 'threw', failure, path)
      continue
    }
    collector.runs.push({ nodePath: path, extractorId: extractor.key, bodyHash })
    take(draft, extractor, collector, value)
  }
}

/** What an extractor of a narrower scope does not get to see. */
const HIDDEN: Record<'frontmatter' | 'body' | 'both', Partial<ExtractorInput>> = {
  frontmatter: { body: '', prose: '' },
  body: { frontmatter: {} },
  both: {},
}

function take(draft: Draft, extractor: LoadedExtractor, collector: Collector, value: unknown): void {
  const { path } = draft.input.node
  for (const emission of collector.emissions(extractor, path, value)) {
    if ('enrichment' in emission) {
      collector.enrichment(extractor, draft.input.node, emission.enrichment)
      continue
    }
    if ('contribution' in emission) {
      const { id, payload } = emission.contribution
      collector.contribution(extractor, path, id, payload)
      continue
    }
    const link = collector.link(extractor, path, emission.link)
    if (link !== undefined) draft.links.push(link)
  }
}
