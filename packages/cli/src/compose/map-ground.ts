import type { Problem, World } from '@tenon/contract'
import type { MapPlace } from '../commands/map/place.ts'
import type { Io } from '../io.ts'
import { printComplaint, printNote, problemLine } from '../printer.ts'

/** Where a map is worked on, and who is told what is amiss with it: a verb of `sm`, or a host. */
export type MapGround = {
  world: World
  place: MapPlace
  /** The folder of the master key that opens the secrets of settings. */
  home: string
  /** The database that holds what `sm plugins` switched. */
  switchesDb: string
  tell: MapTeller
}

/** Told what stops nothing. */
export type MapTeller = {
  /** What settings say and is not taken. */
  setting(problem: Problem): void
  /** A secret of a plugin that does not open. */
  secret(plugin: string, text: string): void
  /** A plugin that takes no part. */
  plugin(id: string, status: string, reason: string): void
  /** What an extension did wrong. */
  extension(id: string, kind: string, message: string): void
}

/** Tells it to the person at the command line. */
export function printingTeller(io: Io, isQuiet: boolean): MapTeller {
  const complain = (id: string, what: string, why: string): void => printComplaint(io, `plugin ${id}: ${what} — ${why}`)
  return {
    setting: (problem) => {
      if (!isQuiet) printNote(io, notTaken(problem))
    },
    secret: (_, text) => printComplaint(io, text),
    plugin: complain,
    extension: complain,
  }
}

/** Tells it to the log of a host, under the name of what it is about. */
export const loggingTeller = (log: (about: string, level: string, message: string) => void): MapTeller => ({
  setting: (problem) => log('map', 'warn', notTaken(problem)),
  secret: (plugin, text) => log(plugin, 'warn', text),
  plugin: (id, _, reason) => log(id, 'warn', `takes no part in the scan: ${reason}`),
  extension: (id, _, message) => log(id, 'warn', message),
})

/** For who asks for settings that were told already. */
export const untold = <Ground extends MapGround>(ground: Ground): Ground => ({
  ...ground,
  tell: { ...ground.tell, setting: () => undefined },
})

const notTaken = (problem: Problem): string =>
  `not taken: ${problemLine(problem)}${problem.pointer === '' ? '' : ` (at ${problem.pointer})`}`
