import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { scan } from '@tenon/map'
import { wallWorld } from '@tenon/testkit'
import { writeNotes } from './notes.ts'
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
