import type { Extension, ExtensionSource, MapPlugin } from '../kernel/extension.ts'
import { annotations } from './annotations-extractor.ts'
import { externalUrlCounter, markdownLink } from './link-extractors.ts'
import { agentSkillsProvider, claudeProvider, geminiProvider, markdownProvider } from './providers.ts'
import { brokenRef, linkCounts, superseded } from './rules.ts'
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
    brokenRef,
    superseded,
    linkCounts,
  ]),
]
