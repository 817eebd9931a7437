import { resolve } from 'node:path'
import { defineCommand, switchFlag } from '../command.ts'
import { problemLine } from '../printer.ts'

export const repoInit = defineCommand<{ check: boolean }, [string?]>({
  brief: 'Write what governs a repository of plugins: identity stores, guards, workflows and a policy pack',
  example: 'repo init my-repository',
  flags: { check: switchFlag('Write nothing; fail when a file is missing or not what would be written') },
  args: ['folder?'],
  async run({ world }, { check }, named = '.') {
    const { initRepository, repositoryDrift } = await import('@tenon/authoring')
    const { nodeDisk } = await import('@tenon/bundle')
    const root = resolve(world.cwd, named)
    if (!check) {
      const { written, kept } = await initRepository(nodeDisk, root)
      const lines = written.map((path) => `  ${path}`)
      const text = lines.length === 0 ? 'nothing to write' : ['wrote', ...lines].join('\n')
      return { data: { root, written, kept }, text }
    }
    const problems = await repositoryDrift(nodeDisk, root)
    const text = problems.length === 0 ? 'everything is what the toolkit writes' : problems.map(problemLine).join('\n')
    return { data: { root, problems }, text, exit: problems.length === 0 ? 0 : 1 }
  },
})
