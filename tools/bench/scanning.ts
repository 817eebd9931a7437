import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { scan } from '@tenon/map'
import { wallWorld } from '@tenon/testkit'
import { interleaved, timed, type Bench } from './trials.ts'

const FILES = 2_000

export const scanning: Bench = (folder, { trials, quick }) => {
  writeNotes(folder, quick ? FILES / 10 : FILES)
  const world = wallWorld({ cwd: folder })
  return interleaved(
    [
      { name: 'scan, tokens counted', trial: timed(() => scan({ roots: [folder], world })) },
      { name: 'scan without tokens', trial: timed(() => scan({ roots: [folder], world, options: { tokens: false } })) },
      { name: 'walk, read and hash in plain Node', trial: timed(() => walkReadHash(folder)) },
    ],
    trials,
  )
}

function writeNotes(folder: string, count: number): void {
  const words = 'the agent reads a note and follows its links to what it needs to know before it acts '
  for (let index = 0; index < count; index += 1) {
    const parent = join(folder, `.claude/agents/area-${index % 40}`)
    const linked = [1, 7, 40].map((step) => (index + step) % count)
    const links = linked.map((other) => `- [note ${other}](../area-${other % 40}/note-${other}.md)`)
    mkdirSync(parent, { recursive: true })
    writeFileSync(
      join(parent, `note-${index}.md`),
      `---\nname: note-${index}\ndescription: Note number ${index}\n---\n\n# Note ${index}\n\n${words.repeat(20)}\n\n${links.join('\n')}\n`,
    )
  }
}

async function walkReadHash(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  return Promise.all(
    files.map(async ({ parentPath, name }) =>
      createHash('sha256')
        .update(await readFile(join(parentPath, name)))
        .digest('hex'),
    ),
  )
}
