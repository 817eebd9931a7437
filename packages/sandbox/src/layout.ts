import { join } from 'node:path'
import type { Shown } from './runtime.ts'

/** The path at which a program finds what its profile puts at a target; what is no absolute path stays as it is. */
export type At = (target: string) => string

/** In a root of its own, everything is where the profile puts it. */
export const inOwnRoot: At = (target) => target

/** What a profile brings itself, and so lies in the process's room. */
export const BROUGHT = ['plugin', 'tmp']

export const isBrought = (target: string): boolean => BROUGHT.includes(target.split('/')[1] ?? '')

/** On the root of the host, what is shown stays where it is, and what the profile brings lies in a room of the process. */
export function onHostRoot(room: string, shown: readonly Shown[]): At {
  const longestFirst = shown.toSorted((a, b) => b.target.length - a.target.length)
  return (target) => {
    if (!target.startsWith('/')) return target
    const above = longestFirst.find((one) => isWithin(one.target, target))
    if (above !== undefined) return above.source + target.slice(above.target.length)
    return isBrought(target) ? join(room, target) : (wayTo(target, shown) ?? target)
  }
}

/** A folder on the way to what is shown is the one on the way to its source, where both ways are alike. */
function wayTo(folder: string, shown: readonly Shown[]): string | undefined {
  const ways = shown
    .filter(({ target }) => isWithin(folder, target))
    .map(({ source, target }) => ({ source, rest: target.slice(folder.length) }))
  const alike = ways.find(({ source, rest }) => source.endsWith(rest))
  return alike?.source.slice(0, -alike.rest.length)
}

/** Whether a path is a folder, or lies below it. */
const isWithin = (folder: string, path: string): boolean => `${path}/`.startsWith(`${folder}/`)
