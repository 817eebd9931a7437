import { inOwnRoot } from './layout.ts'
import type { Bounds } from './limits.ts'
import type { Mount } from './mount.ts'
import { environmentOf, type Profile } from './profile.ts'
import { coveredMount, type Cover } from './protected-paths.ts'
import type { Shown } from './runtime.ts'

/** What of the host is shown, and what is laid over that. */
export type View = { mounts: readonly Mount[]; covers: readonly Cover[] }

/** Where bubblewrap finds what the profile shows, and the descriptors of its files. */
export type Reach = {
  runtime(shown: Shown, index: number): string
  mount(mount: Mount, index: number): string
  file(index: number): number
}

const INSIDE_USER = '65534'

/** What holds from the first instant, before any other argument is read: on the command line, and first. */
export const ISOLATION = [
  '--unshare-user --unshare-ipc --unshare-pid --unshare-net --unshare-uts --unshare-cgroup-try',
  `--new-session --die-with-parent --cap-drop ALL --clearenv --hostname plugin --uid ${INSIDE_USER} --gid ${INSIDE_USER}`,
].flatMap((line) => line.split(' '))

/** The arguments of bubblewrap but its isolation, the seccomp descriptor and the command. */
export function bubblewrapArguments(profile: Profile, view: View, bounds: Bounds, reach: Reach): string[] {
  const { runtime, files } = profile
  const { mounts, covers } = view
  const bind = ({ readOnly, target }: Omit<Mount, 'source'>, source: string) => [
    readOnly ? '--ro-bind' : '--bind',
    source,
    target,
  ]
  return [
    ...Object.entries(environmentOf(profile, mounts, inOwnRoot)).flatMap(([name, value]) => ['--setenv', name, value]),
    ...runtime.shown.flatMap((shown, index) => bind({ ...shown, readOnly: true }, reach.runtime(shown, index))),
    ...runtime.hidden.flatMap((folder) => ['--tmpfs', folder, '--remount-ro', folder]),
    '--proc',
    '/proc',
    '--dev',
    '/dev',
    ...memoryFolders(bounds.diskMb),
    ...mounts.flatMap((mount, index) => bind(mount, reach.mount(mount, index))),
    ...covers.flatMap((cover) => covered(cover, mounts, reach)),
    ...files.flatMap(({ target }, index) => ['--perms', '0444', '--ro-bind-data', String(reach.file(index)), target]),
    ...['/dev', '/proc', '/'].flatMap((folder) => ['--remount-ro', folder]),
    '--chdir',
    '/tmp',
  ]
}

/** Three quarters for /tmp, the rest for the shared memory that Python's multiprocessing needs. */
function memoryFolders(diskMb: number): string[] {
  const size = (share: number) => ['--size', String(Math.floor(diskMb * share * 1_048_576))]
  return [...size(0.75), '--tmpfs', '/tmp', ...size(0.25), '--tmpfs', '/dev/shm']
}

function covered(cover: Cover, mounts: readonly Mount[], reach: Reach): string[] {
  const { mount: index, path, how } = cover
  const mount = coveredMount(cover, mounts)
  const target = `${mount.target}/${path}`
  if (how === 'empty') return ['--perms', '0555', '--tmpfs', target, '--remount-ro', target]
  return [how === 'pin' ? '--bind' : '--ro-bind', `${reach.mount(mount, index)}/${path}`, target]
}
