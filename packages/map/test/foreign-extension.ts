import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { builtInPlugins, type Extractor, type Provider, type Rule, type ScanOptions } from '@tenon/map'
import { pluginOf, scanFolder, type Files } from './folder-scan.ts'

export const extractor = (more: Partial<Extractor> = {}): Extractor => ({
  id: 'mine',
  kind: 'extractor',
  version: '1.0.0',
  emitsLinkKinds: ['mentions'],
  defaultConfidence: 'low',
  viewContributions: {
    total: { contract: 'node-counter', icon: '🔍' },
    breakdown: { contract: 'node-breakdown', emitWhenEmpty: true },
  },
  extract: ({ emitLink }) => emitLink({ target: 'x', kind: 'mentions' }),
  ...more,
})

export const rule = (more: Partial<Rule> = {}): Rule => ({
  id: 'judge',
  kind: 'rule',
  version: '1.0.0',
  emitsRuleIds: ['bad-node'],
  defaultSeverity: 'info',
  evaluate: ({ nodes }) => nodes.map(({ path }) => ({ ruleId: 'bad-node', nodeIds: [path], message: 'It is bad.' })),
  ...more,
})

export const provider = (more: Partial<Provider> = {}): Provider => ({
  id: 'notes',
  kind: 'provider',
  version: '1.0.0',
  kinds: {
    note: {
      schema: { type: 'object' },
      defaultRefreshAction: 'p/summarize-note',
      ui: { label: 'N', color: '#000000' },
    },
  },
  explorationDir: '.',
  classify: (path) => (path.startsWith('notes/') ? 'note' : null),
  ...more,
})

/** Has of each file below `c/` what its folder holds for the front matter, and the text in upper case for the body. */
export const walkingProvider = (more: Partial<Provider> = {}): Provider =>
  provider({
    id: 'walker',
    classify: (path) => (path.startsWith('c/') ? 'note' : null),
    async *walk([root = ''], { ignoreFilter }) {
      for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
        const path = relative(root, join(entry.parentPath, entry.name))
        if (!entry.isFile() || path.endsWith('.sm') || ignoreFilter.ignores(path)) continue
        const names = readdirSync(entry.parentPath).join()
        const body = readFileSync(join(root, path), 'utf8').toUpperCase()
        yield { path, body, frontmatterRaw: `names: ${names}`, frontmatter: { names } }
      }
    },
    ...more,
  })

export const scanWith = (
  extensions: (Extractor | Rule | Provider | object)[],
  files: Files = { 'a.md': 'one', 'b.md': 'two' },
  options: ScanOptions = {},
) => scanFolder({ files, options, extensions: [...builtInPlugins, ...pluginOf('p', extensions)] })

export const messages = (errors: { data: object }[]) =>
  errors.map(({ data }) => ('message' in data ? data.message : ''))
