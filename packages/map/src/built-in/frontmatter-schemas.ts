import Type, { type TProperties } from 'typebox'

const text = Type.String({ minLength: 1 })
const texts = Type.Array(Type.String())
const textOrTexts = Type.Union([Type.String(), texts])
const settings = Type.Object({})
const atLeastOne = Type.Integer({ minimum: 1 })
const effort = Type.Enum(['low', 'medium', 'high', 'xhigh', 'max'])

/** Front matter is the vendor's: keys that are not listed are the author's business. */
const frontmatterSchema = (properties: TProperties) =>
  Type.Object({ name: text, description: text, tags: Type.Optional(Type.Array(text)), ...optional(properties) })

const optional = (properties: TProperties): TProperties =>
  Object.fromEntries(Object.entries(properties).map(([key, schema]) => [key, Type.Optional(schema)]))

export const baseFrontmatter = frontmatterSchema({})

export const claudeAgentFrontmatter = frontmatterSchema({
  tools: texts,
  disallowedTools: texts,
  model: Type.String(),
  permissionMode: Type.Enum(['default', 'acceptEdits', 'auto', 'dontAsk', 'bypassPermissions', 'plan']),
  maxTurns: atLeastOne,
  skills: texts,
  mcpServers: Type.Array(settings),
  hooks: settings,
  memory: Type.Enum(['user', 'project', 'local']),
  background: Type.Boolean(),
  effort,
  isolation: Type.Enum(['worktree']),
  color: Type.Enum(['red', 'blue', 'green', 'yellow', 'purple', 'orange', 'pink', 'cyan']),
  initialPrompt: Type.String(),
})

/** Claude's skills and commands share one form. */
export const claudeSkillFrontmatter = frontmatterSchema({
  when_to_use: Type.String(),
  'argument-hint': Type.String(),
  arguments: textOrTexts,
  'disable-model-invocation': Type.Boolean(),
  'user-invocable': Type.Boolean(),
  'allowed-tools': textOrTexts,
  model: Type.String(),
  effort,
  context: Type.Enum(['fork']),
  agent: Type.String(),
  hooks: settings,
  paths: textOrTexts,
  shell: Type.Enum(['bash', 'powershell']),
})

export const geminiAgentFrontmatter = frontmatterSchema({
  kind: Type.Enum(['local', 'remote']),
  tools: texts,
  mcpServers: settings,
  model: Type.String(),
  temperature: Type.Number({ minimum: 0, maximum: 2 }),
  max_turns: atLeastOne,
  timeout_mins: atLeastOne,
})
