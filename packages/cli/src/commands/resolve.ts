import { ERRORS, TenonError } from '@tenon/contract'
import { defineCommand, textFlag } from '../command.ts'
import { readNamed } from './named-file.ts'

export const resolveCatalog = defineCommand<{ catalog?: string }>({
  brief: 'Solve a catalog document offline, for diagnosis',
  example: 'resolve --catalog catalog.json',
  flags: { catalog: textFlag('The catalog document') },
  async run({ world }, { catalog }) {
    if (catalog === undefined) throw new TenonError('USAGE', 'name a catalog with --catalog')
    const { answerCatalog, readCatalog } = await import('@tenon/resolver')
    const { value, problems } = readCatalog(await readNamed(world, catalog))
    if (value === undefined)
      throw new TenonError('CONFIG_INVALID', `${catalog} has ${problems.length} problem(s)`, { problems })
    const answer = await answerCatalog(value)
    return {
      data: answer,
      text: JSON.stringify(answer, null, 2),
      exit: 'unsat' in answer && answer.unsat === true ? ERRORS.RESOLVE_UNSATISFIABLE.exit : 0,
    }
  },
})
