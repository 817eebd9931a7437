import type { Extension, ExtensionSource, MapPlugin } from '../kernel/extension.ts'
import { annotations } from './annotations-extractor.ts'
import { ascii } from './formatters/ascii.ts'
import { dot } from './formatters/dot.ts'
import { json } from './formatters/json.ts'
import { md } from './formatters/md.ts'
import { mermaid } from './formatters/mermaid.ts'
import { bump, bumpReport } from './bump-action.ts'
import { externalUrlCounter, markdownLink } from './link-extractors.ts'
import { agentSkillsProvider, claudeProvider, geminiProvider, markdownProvider } from './providers.ts'
import { annotationOrphan } from './rules/annotation-orphan.ts'
import { annotationStale } from './rules/annotation-stale.ts'
import { brokenRef } from './rules/broken-ref.ts'
import { contributionOrphan } from './rules/contribution-orphan.ts'
import { linkConflict } from './rules/link-conflict.ts'
import { linkCounts } from './rules/link-counts.ts'
import { superseded } from './rules/superseded.ts'
import { triggerCollision } from './rules/trigger-collision.ts'
import { unknownContract } from './rules/unknown-contract.ts'
import { unknownField } from './rules/unknown-field.ts'
import { validateAll } from './rules/validate-all.ts'
import { atDirective, slash } from './trigger-extractors.ts'

const plugin = (
  id: string,
  granularity: MapPlugin['granularity'],
  extensions: readonly Extension[],
): ExtensionSource[] =>
  extensions.map((extension) => ({ plugin: { id, version: '1.0.0', granularity }, module: { default: extension } }))

/** What ships with the map. It comes in by the same door as any other plugin. */
export const builtInPlugins: readonly ExtensionSource[] = [
  ...plugin('claude', 'bundle', [claudeProvider]),
  ...plugin('gemini', 'bundle', [geminiProvider]),
  ...plugin('agent-skills', 'bundle', [agentSkillsProvider]),
  ...plugin('core', 'extension', [
    markdownProvider,
    annotations,
    atDirective,
    externalUrlCounter,
    markdownLink,
    slash,
    triggerCollision,
    brokenRef,
    superseded,
    linkConflict,
    annotationStale,
    annotationOrphan,
    unknownField,
    unknownContract,
    contributionOrphan,
    validateAll,
    linkCounts,
    ascii,
    json,
    md,
    mermaid,
    dot,
  ]),
  ...plugin('core', 'extension', [bump]).map((source) => ({ ...source, reportSchema: bumpReport })),
]
