import { CATALOG_VERSION, SPEC_VERSION } from '../versions.ts'

export type NewPluginFile = { path: string; text: string }

const manifestOf = (id: string) => ({
  id,
  version: '0.1.0',
  description: 'Counts words in the files of a map.',
  specCompat: `^${SPEC_VERSION}`,
  catalogCompat: `^${CATALOG_VERSION}`,
  extensions: ['count-words.mjs'],
  settings: {
    words: { type: 'string-list', label: 'Words to count', default: ['TODO'], min: 1 },
  },
})

const EXTRACTOR = `/** Says of each node how often the words of the settings stand in it. */
export default {
  id: 'count-words',
  kind: 'extractor',
  version: '0.1.0',
  description: 'Counts words in the body of a node.',
  scope: 'body',
  emitsLinkKinds: [],
  defaultConfidence: 'medium',
  viewContributions: {
    hits: { contract: 'node-counter', icon: '🔎', label: 'words', tooltip: 'How often the words were found' },
  },
  extract({ body, settings, emitContribution }) {
    const value = settings.words.reduce((sum, word) => sum + body.split(word).length - 1, 0)
    emitContribution('hits', { value })
  },
}
`

const readmeOf = (id: string): string => `# ${id}

Counts words in the files of a map: \`count-words.mjs\` is its one extension, an extractor. It is called once for each file
that changed, and gives what it found to the map.

- \`sm scan\` runs it, in a process of its own that reaches neither files nor network.
- \`sm plugins show ${id}\` shows what the map makes of it, \`sm plugins doctor\` what is amiss.
- \`sm plugins config ${id} words '["TODO", "FIXME"]'\` sets the words; scan again afterwards.
- \`sm plugins disable ${id}\` keeps it from taking part.
- \`sm plugins contracts list\` names all that an extension may say of a node, and all types that a setting may have.
`

/** The files of a plugin that works: a manifest, an extractor with a setting, and a README. */
export const newPluginFiles = (id: string): NewPluginFile[] => [
  { path: 'plugin.json', text: `${JSON.stringify(manifestOf(id), null, 2)}\n` },
  { path: 'count-words.mjs', text: EXTRACTOR },
  { path: 'README.md', text: readmeOf(id) },
]
