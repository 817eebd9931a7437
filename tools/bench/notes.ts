import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

export const notePath = (index: number): string => `.claude/agents/area-${index % 40}/note-${index}.md`

/** Writes so many files of agents of ordinary size, each with links to three others. */
export function writeNotes(folder: string, count: number): void {
  const words = 'the agent reads a note and follows its links to what it needs to know before it acts '
  for (let index = 0; index < count; index += 1) {
    const linked = [1, 7, 40].map((step) => (index + step) % count)
    const links = linked.map((other) => `- [note ${other}](../area-${other % 40}/note-${other}.md)`)
    const path = join(folder, notePath(index))
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(
      path,
      `---\nname: note-${index}\ndescription: Note number ${index}\n---\n\n# Note ${index}\n\n${words.repeat(20)}\n\n${links.join('\n')}\n`,
    )
  }
}
