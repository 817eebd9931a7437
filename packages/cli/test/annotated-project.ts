import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { temporaryFolder } from '@tenon/testkit'
import { tenonIn, type Ended, type Surroundings } from './in-process.ts'

export type Project = {
  cwd: string
  sm(argv: readonly string[], surroundings?: Surroundings): Promise<Ended>
  write(files: Record<string, string>): void
  read(path: string): string | undefined
  /** What the sidecar of a node holds. */
  sidecar(nodePath: string): Promise<{ annotations?: object; audit?: object; identity?: Record<string, string> }>
}

/** A project whose files these are, scanned, below a home of its own. */
export async function annotatedProject(files: Record<string, string>, folder = 'work'): Promise<Project> {
  const home = temporaryFolder()
  const cwd = join(home, folder)
  mkdirSync(cwd, { recursive: true })
  const tenon = tenonIn(home)
  const project: Project = {
    cwd,
    sm: (argv, surroundings = {}) => tenon(argv, { cwd, binary: 'sm', ...surroundings }),
    write(given) {
      for (const [path, text] of Object.entries(given)) {
        mkdirSync(dirname(join(cwd, path)), { recursive: true })
        writeFileSync(join(cwd, path), text)
      }
    },
    read: (path) => (existsSync(join(cwd, path)) ? readFileSync(join(cwd, path), 'utf8') : undefined),
    async sidecar(nodePath) {
      const { nodes } = (await project.sm(['scan', '--no-tokens', '--dry-run', '--json'])).json()
      return nodes.find(({ path }: { path: string }) => path === nodePath).sidecar.root
    },
  }
  project.write(files)
  await project.sm(['scan', '--no-tokens'])
  return project
}

export const STALE = (path: string, more = ''): string =>
  `identity: {path: ${JSON.stringify(path)}, bodyHash: x, frontmatterHash: y}\n${more}`
