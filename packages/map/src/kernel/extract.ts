import type { JsonObject } from '@tenon/contract'
import type { Link } from '../graph-schema.ts'
import { answersOf } from './answers.ts'
import type { Collector } from './collector.ts'
import type { Draft } from './draft.ts'
import type { ExtractorInput } from './inputs.ts'
import type { LoadedExtractor } from './loaded-extension.ts'

/** Whether an extractor looks at a node at all. */
export const appliesTo = ({ manifest }: LoadedExtractor, { node }: Pick<Draft, 'node'>): boolean =>
  manifest.applicableKinds?.includes(node.kind) ?? true

/** Runs an extractor over those of a batch whose links it has not found yet, and hangs what it finds on them. */
export async function extractFrom(
  drafts: readonly Draft[],
  extractor: LoadedExtractor,
  settings: JsonObject,
  collector: Collector,
): Promise<void> {
  const { key, manifest } = extractor
  const missing = drafts.filter((draft) => appliesTo(extractor, draft) && !draft.found.has(key))
  const inputs = missing.map(({ input }) => ({ ...input, ...HIDDEN[manifest.scope ?? 'both'] }))
  if (inputs.length === 0) return
  const { answers, lost } = await answersOf(inputs.length, () => extractor.run(inputs, settings))
  if (lost !== undefined) return collector.lost(extractor, lost)
  for (const [index, draft] of missing.entries()) {
    const { value, failure } = answers[index] ?? { value: [] }
    if (failure === undefined) draft.found.set(key, linksIn(draft, extractor, collector, value))
    else collector.error(extractor, 'threw', failure, draft.node.path)
  }
}

/** What an extractor of a narrower scope does not get to see. */
const HIDDEN: Record<'frontmatter' | 'body' | 'both', Partial<ExtractorInput>> = {
  frontmatter: { body: '', prose: '' },
  body: { frontmatter: {} },
  both: {},
}

/** The links among what an extractor emitted for a node; the rest goes to the collector. */
function linksIn({ node }: Draft, extractor: LoadedExtractor, collector: Collector, value: unknown): Link[] {
  const links: Link[] = []
  for (const emission of collector.emissions(extractor, node.path, value)) {
    if ('enrichment' in emission) collector.enrichment(extractor, node, emission.enrichment)
    else if ('contribution' in emission) {
      const { id, payload } = emission.contribution
      collector.contribution(extractor, node.path, id, payload)
    } else links.push(...collector.link(extractor, node.path, emission.link))
  }
  return links
}
