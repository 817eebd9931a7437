import { access, constants } from 'node:fs/promises'
import { delimiter, isAbsolute, join } from 'node:path'
import { TenonError, type World } from '@tenon/contract'

const PACKAGES = {
  bwrap: 'bubblewrap',
  perl: 'perl-base',
  python3: 'python3',
  ldd: 'libc-bin',
  ps: 'procps',
  podman: 'podman',
}

/** The absolute path of a program of the host's PATH, if it is there. */
export async function inPath({ env }: World, name: string): Promise<string | undefined> {
  const folders = (env['PATH'] ?? '').split(delimiter).filter(isAbsolute)
  const paths = folders.map((folder) => join(folder, name))
  const found = await Promise.all(paths.map(isExecutable))
  return paths[found.indexOf(true)]
}

/** As `inPath`; ISOLATION_UNAVAILABLE naming its package when there is none. */
export async function findProgram(world: World, name: keyof typeof PACKAGES): Promise<string> {
  const path = await inPath(world, name)
  if (path !== undefined) return path
  const owner = PACKAGES[name]
  throw new TenonError('ISOLATION_UNAVAILABLE', `there is no ${name} in PATH`, {
    hint: `Install the package ${owner} (on Debian and Ubuntu: apt-get install ${owner}).`,
  })
}

export const isExecutable = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  )
