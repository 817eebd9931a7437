import { smCommand } from './sm-command.ts'

export const dbShell = smCommand({
  brief: 'Open the database of a map in the sqlite3 shell',
  example: 'map db shell',
  async run({ io, world, place }) {
    const { requireMap } = await import('@tenon/map')
    const { runProgram } = await import('../../compose/program.ts')
    requireMap(place.db)
    const exit = await runProgram({ io, world }, 'sqlite3', [place.db])
    return { data: { exit }, text: '', quiet: true, exit }
  },
})
