import { join } from 'node:path'
import type { View } from './bubblewrap-arguments.ts'
import type { ContainerPlace } from './container-place.ts'
import { inOwnRoot } from './layout.ts'
import { megabytes, type Bounds } from './limits.ts'
import type { Mount } from './mount.ts'
import type { Profile } from './profile.ts'
import { coveredMount, type Cover } from './protected-paths.ts'
import { OPEN_FILES } from './resource-limits.ts'

type Container = {
  profile: Profile
  view: View
  bounds: Bounds
  place: ContainerPlace
  /** The group in which the engine makes one of its own. */
  group: string
  isInteractive: boolean
}

/** The arguments of `podman` for one container that is gone when its program ends. */
export function containerArguments({ profile, view, bounds, place, group, isInteractive }: Container): string[] {
  const { runtime } = profile
  return [
    ...engineFlags(place),
    'run',
    ...ISOLATION,
    ...(isInteractive ? ['--interactive'] : []),
    `--cgroup-parent=${group}`,
    `--env-file=${place.env}`,
    `--security-opt=seccomp=${place.seccomp}`,
    ...ulimits(bounds),
    ...mountsOf(profile, view, bounds, place).flatMap((fields) => ['--mount', separatedByCommas(fields)]),
    '--rootfs',
    place.root,
    runtime.command,
    ...profile.argv(inOwnRoot),
  ]
}

/** The engine's own records lie in the room too: other containers of the machine are not touched, and nothing is left of this one. */
const engineFlags = ({ engine, hooks }: ContainerPlace): string[] => [
  ...['root', 'tmpdir'].map((name) => `--${name}=${join(engine, name)}`),
  // It may have 50 characters at most, and is found from the folder in which the engine is started.
  '--runroot=run',
  ...['--storage-driver=vfs', `--hooks-dir=${hooks}`],
]

const ISOLATION = [
  '--rm --network=none --ipc=none --pid=private --uts=private --cgroups=no-conmon --hostname=plugin --no-hosts',
  '--user=0:0 --passwd=false --cap-drop=all --security-opt=no-new-privileges --security-opt=label=disable --security-opt=mask=/sys',
  '--read-only --read-only-tmpfs=false --systemd=false --sdnotify=ignore --no-healthcheck --image-volume=ignore',
  '--unsetenv-all --workdir=/tmp --preserve-fds=1 --init',
].flatMap((line) => line.split(' '))

const ulimits = ({ diskMb, tasks }: Bounds): string[] =>
  Object.entries({ nofile: OPEN_FILES, nproc: tasks, fsize: megabytes(diskMb), core: 0 }).map(
    ([name, bound]) => `--ulimit=${name}=${bound}:${bound}`,
  )

type Fields = readonly string[]

function mountsOf(
  { runtime, files }: Profile,
  { mounts, covers }: View,
  { diskMb }: Bounds,
  { handedIn }: ContainerPlace,
): Fields[] {
  return [
    ...runtime.shown.map((shown) => bind({ ...shown, readOnly: true })),
    ...runtime.hidden.map(emptyFolder),
    ...files.map(({ target }) => bind({ source: join(handedIn, target), target, readOnly: true })),
    memoryFolder('/tmp', diskMb * 0.75),
    memoryFolder('/dev/shm', diskMb * 0.25),
    ...mounts.map(bind),
    ...covers.map((cover) => covered(cover, mounts)),
  ]
}

const bind = ({ source, target, readOnly }: Mount): Fields => [
  ...['type=bind', `source=${source}`, `destination=${target}`],
  ...(readOnly ? ['readonly=true'] : []),
]

const memoryFolder = (target: string, sizeMb: number): Fields => [
  ...['type=tmpfs', `destination=${target}`, `tmpfs-size=${Math.floor(megabytes(sizeMb))}`],
  ...['tmpfs-mode=1777', 'notmpcopyup'],
]

/** Without being told not to, engines copy what lies below into it. */
const emptyFolder = (target: string): Fields => [
  ...['type=tmpfs', `destination=${target}`, 'tmpfs-mode=0555', 'notmpcopyup', 'ro'],
]

function covered(cover: Cover, mounts: readonly Mount[]): Fields {
  const { source, target } = coveredMount(cover, mounts)
  if (cover.how === 'empty') return emptyFolder(join(target, cover.path))
  return bind({ source: join(source, cover.path), target: join(target, cover.path), readOnly: cover.how !== 'pin' })
}

/** As the engine reads them, by the rules of CSV. */
const separatedByCommas = (fields: Fields): string =>
  fields.map((field) => (/[",\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field)).join(',')
