// Runs on Node 20: what the machine itself must have.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const NEEDS = [
  { name: 'bubblewrap', command: 'bwrap', tests: false, linuxOnly: true },
  { name: 'python3', command: 'python3', tests: false },
  { name: 'git', command: 'git', tests: true },
  { name: 'chromium', command: 'chromium', tests: true },
  ...['podman', 'runc', 'catatonit'].map((name) => ({
    name,
    command: name,
    of: 'podman',
    tests: true,
    linuxOnly: true,
  })),
  { name: 'postgresql', command: 'postgres', folder: '/usr/lib/postgresql', tests: true },
]

/**
 * Installs what is missing when root on Debian, announced by name first; says in one sentence what to install elsewhere.
 * TENON_TEST_INSTALL=0 forbids installing; TENON_TEST_WITHOUT names needs the tests shall do without.
 */
export function bringSystemPackages({ tests }) {
  const without = (process.env.TENON_TEST_WITHOUT ?? '').split(',')
  const missing = NEEDS.filter(
    (need) =>
      (tests || !need.tests) &&
      (!need.linuxOnly || process.platform === 'linux') &&
      !isThere(need) &&
      !without.includes(need.of ?? need.name),
  ).map((need) => need.name)
  if (missing.length === 0) return
  const mayInstall =
    process.getuid?.() === 0 && existsSync('/etc/debian_version') && process.env.TENON_TEST_INSTALL !== '0'
  if (!mayInstall) refuse(missing, tests)
  console.error(`installing the system packages ${missing.join(', ')} …`)
  apt(['update', '-qq'])
  apt(['install', '-y', '-qq', '--no-install-recommends', ...missing])
}

/** Debian keeps some programs in a folder that is in nobody's PATH. */
const isThere = ({ command, folder }) => onPath(command) || (folder !== undefined && existsSync(folder))

const onPath = (command) =>
  (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, command)))

function refuse(missing, tests) {
  const way = tests ? `, or name it in TENON_TEST_WITHOUT to do without` : ''
  console.error(`Tenon needs ${missing.join(', ')}: install it with your system's package manager${way}.`)
  process.exit(2)
}

function apt(args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const { status } = spawnSync('apt-get', args, { env, stdio: ['ignore', 'ignore', 2] })
  if (status === 0) return
  console.error(`"apt-get ${args.join(' ')}" failed with exit status ${status}.`)
  process.exit(2)
}
