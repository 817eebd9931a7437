import type { Provider } from '../kernel/extension.ts'
import {
  baseFrontmatter,
  claudeAgentFrontmatter,
  claudeSkillFrontmatter,
  geminiAgentFrontmatter,
} from './frontmatter-schemas.ts'

type Kinds = Provider['kinds']
type Ui = Kinds[string]['ui']

const icon = (id: string): Pick<Ui, 'icon'> => ({ icon: { kind: 'pi', id } })

/** A Provider that owns folders; letter case does not matter in their paths. */
function folderProvider(id: string, explorationDir: string, folders: Record<string, string>, kinds: Kinds): Provider {
  return {
    id,
    kind: 'provider',
    version: '1.0.0',
    kinds,
    explorationDir,
    classify: (path) => {
      const lower = path.toLowerCase()
      return Object.entries(folders).find(([folder]) => lower.startsWith(folder))?.[1] ?? null
    },
  }
}

export const claudeProvider = folderProvider(
  'claude',
  '~/.claude',
  { '.claude/agents/': 'agent', '.claude/commands/': 'command', '.claude/skills/': 'skill' },
  {
    agent: {
      schema: claudeAgentFrontmatter,
      defaultRefreshAction: 'claude/summarize-agent',
      ui: { label: 'Agents', color: '#3b82f6', colorDark: '#60a5fa', ...icon('pi-user') },
    },
    command: {
      schema: claudeSkillFrontmatter,
      defaultRefreshAction: 'claude/summarize-command',
      ui: { label: 'Commands', color: '#f59e0b', colorDark: '#fbbf24', ...icon('pi-chevron-right') },
    },
    skill: {
      schema: claudeSkillFrontmatter,
      defaultRefreshAction: 'claude/summarize-skill',
      ui: { label: 'Skills', color: '#10b981', colorDark: '#34d399', ...icon('pi-bolt') },
    },
  },
)

export const geminiProvider = folderProvider(
  'gemini',
  '~/.gemini',
  { '.gemini/agents/': 'agent', '.gemini/skills/': 'skill' },
  {
    agent: {
      schema: geminiAgentFrontmatter,
      defaultRefreshAction: 'gemini/summarize-agent',
      ui: { label: 'Gemini Agents', color: '#9b72cb', colorDark: '#b794d4', ...icon('pi-sparkles') },
    },
    skill: {
      schema: baseFrontmatter,
      defaultRefreshAction: 'gemini/summarize-skill',
      ui: { label: 'Gemini Skills', color: '#4285f4', colorDark: '#669df6', ...icon('pi-bolt') },
    },
  },
)

export const agentSkillsProvider = folderProvider(
  'agent-skills',
  '.agents',
  { '.agents/skills/': 'skill' },
  {
    skill: {
      schema: baseFrontmatter,
      defaultRefreshAction: 'agent-skills/summarize-skill',
      ui: { label: 'Agent Skills', color: '#64748b', colorDark: '#94a3b8', ...icon('pi-bolt') },
    },
  },
)

/** Takes every file it is offered, which is every file that nobody else wants. */
export const markdownProvider: Provider = {
  id: 'markdown',
  kind: 'provider',
  version: '1.0.0',
  kinds: {
    markdown: {
      schema: baseFrontmatter,
      defaultRefreshAction: 'core/summarize-markdown',
      ui: { label: 'Markdown', color: '#5b908c', colorDark: '#9bbcb8', ...icon('pi-file') },
    },
  },
  explorationDir: '.',
  classify: () => 'markdown',
}
