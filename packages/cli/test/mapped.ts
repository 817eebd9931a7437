import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '@tenon/testkit'
import { tenonIn, type Parsed, type Surroundings } from './in-process.ts'

export type Sm = (words: string, surroundings?: Surroundings) => ReturnType<ReturnType<typeof tenonIn>>

export const smIn = (home: string): Sm => {
  const tenon = tenonIn(home)
  return (words, surroundings) => tenon(words.split(' '), { binary: 'sm', ...surroundings })
}

export const HOSTILE = 'docs/a\nb\u001b[2J.md'

/** A folder of agent files, scanned. */
export async function mapped(more: Record<string, string> = {}): Promise<{ home: string; sm: Sm }> {
  const home = temporaryFolder()
  const files = {
    '.claude/agents/one.md': '---\nname: one\ndescription: First.\ntags: [hot]\n---\nSee [two](two.md) and /none.\n',
    '.claude/agents/two.md': '---\nname: two\ndescription: Second.\n---\n@one\n',
    [HOSTILE]: 'Odd.\n',
    ...more,
  }
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(home, path, '..'), { recursive: true })
    writeFileSync(join(home, path), text)
  }
  const sm = smIn(home)
  await sm('scan')
  return { home, sm }
}

export const paths = (nodes: Parsed): string[] => nodes.map(({ path }: { path: string }) => path)
