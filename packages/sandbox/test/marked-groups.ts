import { readdirSync, readFileSync } from 'node:fs'
import { commandOf, world as wall } from './sandboxed.ts'

let made = 0

/** A world whose groups bear a mark in their names. */
export const marking = (mark: string): typeof wall => ({ ...wall, newId: () => `${mark}-${(made += 1)}` })

/** The processes in groups with a name that holds a mark. */
export const inGroups = (mark: string): string[] =>
  readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && groupsOf(pid).includes(mark))

function groupsOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cgroup`, 'utf8')
  } catch {
    return ''
  }
}

/** Launchers that wait. */
export const launchersIn = (mark: string): string[] =>
  inGroups(mark).filter((pid) => commandOf(pid).includes('launcher.pl'))

/** Guests, whether they have a plugin or wait for one. */
export const guestsIn = (mark: string): string[] =>
  inGroups(mark).filter((pid) => commandOf(pid).startsWith('/bin/node\0'))

/** The groups, in whichever tree, with a name that holds a mark. */
export const groupsThere = (mark: string): string[] =>
  ['/sys/fs/cgroup', ...readdirSync('/sys/fs/cgroup').map((name) => `/sys/fs/cgroup/${name}`)].flatMap((folder) =>
    readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && entry.name.includes(mark))
      .map(({ name }) => `${folder}/${name}`),
  )
