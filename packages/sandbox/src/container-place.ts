import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { TenonError } from '@tenon/contract'
import { engineSeccomp } from './engine-seccomp.ts'
import type { GuestFile } from './profile.ts'

/** Where everything of one container lies, the engine's own records included. */
export type ContainerPlace = {
  /** Below it, what is handed in stands as it does inside: whatever its name, the engine reads none of it. */
  handedIn: string
  root: string
  engine: string
  hooks: string
  settings: string
  env: string
  seccomp: string
}

const HANDED_IN = 'handed-in'

/** The files of a profile, as the room of a container holds them. */
export const inPlace = (files: readonly GuestFile[]): GuestFile[] =>
  files.map(({ target, bytes }) => ({ target: join('/', HANDED_IN, target), bytes }))

export const placeIn = (room: string): ContainerPlace => ({
  handedIn: join(room, HANDED_IN),
  root: join(room, 'root'),
  engine: join(room, 'engine'),
  hooks: join(room, 'hooks'),
  settings: join(room, 'containers.conf'),
  env: join(room, 'env'),
  seccomp: join(room, 'seccomp.json'),
})

type Prepared = {
  env: Readonly<Record<string, string>>
  perl: string
  runc: string | undefined
  /** The process lists of the groups that keep its bounds. */
  joins: readonly string[]
}

/** Writes what the engine reads of a container. */
export async function prepare(place: ContainerPlace, { env, perl, runc, joins }: Prepared): Promise<void> {
  for (const folder of [place.root, place.engine, place.hooks]) await mkdir(folder, { mode: 0o700 })
  await writeFile(place.settings, engineSettings(runc))
  await writeFile(join(place.hooks, 'enter-groups.json'), JSON.stringify(enteringHook(perl, joins)))
  await writeFile(place.env, variables(env), { mode: 0o600 })
  await writeFile(place.seccomp, JSON.stringify(engineSeccomp()))
}

/** In place of the machine's own settings, which may add mounts, hooks and devices to every container. */
const engineSettings = (runc: string | undefined): string => `[containers]
default_capabilities = []
log_driver = "none"
[engine]
cgroup_manager = "cgroupfs"
events_logger = "none"
lock_type = "file"
${runc === undefined ? '' : 'runtime = "runc"'}
`

const ENTER_GROUPS = fileURLToPath(new URL('./enter-groups.pl', import.meta.url))

/** The engine's own groups keep no bounds of ours: its first process is put into ours before it runs anything. */
const enteringHook = (perl: string, joins: readonly string[]) => ({
  version: '1.0.0',
  hook: { path: perl, args: [perl, ENTER_GROUPS, ...joins] },
  when: { always: true },
  stages: ['createRuntime'],
})

/** The engine reads one variable a line, so that none may hold a line's end. */
function variables(env: Readonly<Record<string, string>>): string {
  const broken = Object.keys(env).filter((name) => env[name]?.includes('\n'))
  if (broken.length > 0)
    throw new TenonError(
      'PLUGIN_START_FAILED',
      `no container can be given variables of several lines (${broken.join(', ')})`,
      {
        hint: 'Take their grants back, or use another level.',
      },
    )
  return Object.entries(env)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')
}
