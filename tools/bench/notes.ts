import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

type Kind = 'skill' | 'agent' | 'command' | 'note'

/** Of ten files. */
const KINDS: readonly Kind[] = [
  'skill',
  'agent',
  'note',
  'command',
  'note',
  'skill',
  'agent',
  'note',
  'command',
  'note',
]
const kindOf = (index: number): Kind => KINDS[index % KINDS.length] ?? 'note'

const PLACES: Readonly<Record<Kind, (index: number) => string>> = {
  skill: (index) => `.claude/skills/skill-${index}/SKILL.md`,
  agent: (index) => `.claude/agents/area-${index % 40}/agent-${index}.md`,
  command: (index) => `.claude/commands/area-${index % 40}/command-${index}.md`,
  note: (index) => `docs/area-${index % 40}/note-${index}.md`,
}

export const notePath = (index: number): string => PLACES[kindOf(index)](index)

/**
 * Writes so many skills, agents, commands and notes, of half to eight kilobytes: with front matter, headings, lists, code,
 * links, mentions, addresses, and a sidecar for one in twenty. The same count writes the same files.
 */
export function writeNotes(folder: string, count: number): void {
  const words = vocabulary()
  for (let index = 0; index < count; index += 1) {
    const path = join(folder, notePath(index))
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, noteText(index, count, words))
    if (index % 20 === 0) writeFileSync(path.replace(/\.md$/, '.sm'), sidecarText(index))
  }
}

function noteText(index: number, count: number, words: readonly string[]): string {
  const random = randomFrom(index + 1)
  const sentence = (): string =>
    `${Array.from({ length: 6 + Math.floor(random() * 14) }, () => words[Math.floor(random() * words.length)]).join(' ')}. `
  const paragraphs = Array.from({ length: 2 + Math.floor(random() ** 2 * 24) }, (_, at) => {
    const prose = Array.from({ length: 1 + Math.floor(random() * 4) }, sentence).join('')
    return at % 4 === 0 ? `## ${sentence()}\n\n${prose}` : prose
  })
  const links = [1, 7, 40].map((step) => linkTo(index, (index + step) % count))
  return `---\nname: ${kindOf(index)}-${index}\ndescription: ${sentence()}\ntags: [area-${index % 40}, ${kindOf(index)}]\n---\n\n# ${kindOf(index)} ${index}\n\n${paragraphs.join('\n\n')}\n\n\`\`\`sh\nrun --area ${index % 40} ./files/*.txt\n\`\`\`\n\n${links.join('\n')}\n- <https://example.org/${index}>\n`
}

function linkTo(from: number, to: number): string {
  if (kindOf(to) === 'agent') return `- Ask @agent-${to}`
  if (kindOf(to) === 'command') return `- Use /command-${to}`
  const up = '../'.repeat(notePath(from).split('/').length - 1)
  return `- [${kindOf(to)} ${to}](${up}${notePath(to)})`
}

const sidecarText = (index: number): string =>
  `identity:\n  path: ${notePath(index)}\n  bodyHash: ${'a'.repeat(64)}\n  frontmatterHash: ${'a'.repeat(64)}\nannotations:\n  version: 2\n  tags: [kept]\n`

/** The words of the documents of this repository, as often as they stand there. */
function vocabulary(): readonly string[] {
  const docs = fileURLToPath(new URL('../../docs/', import.meta.url))
  const texts = readdirSync(docs)
    .filter((name) => name.endsWith('.md'))
    .map((name) => readFileSync(join(docs, name), 'utf8'))
  return texts.join('\n').match(/[a-z]+/gi) ?? []
}

/** Numbers from 0 to 1 that depend on a seed only. Source: Park and Miller, "Random number generators: good ones are hard to find", 1988. */
function randomFrom(seed: number): () => number {
  let state = (seed * 7919) % 2_147_483_647
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}
