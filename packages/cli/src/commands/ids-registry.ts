import { defineCommand, switchFlag } from '../command.ts'
import { problemLine } from '../printer.ts'

export const idsRegistry = defineCommand<{ check: boolean }>({
  brief: 'Write ids/registry.yaml from what was sealed',
  example: 'ids registry --check',
  flags: { check: switchFlag('Write nothing; fail when the registry differs') },
  async run({ world }, { check }) {
    const { registryDrift, writeRegistry } = await import('@tenon/authoring')
    const { nodeDisk, openRepository } = await import('@tenon/bundle')
    const repository = await openRepository(world)
    if (!check) {
      const written = await writeRegistry(nodeDisk, repository)
      return {
        data: { written },
        text: written ? 'wrote ids/registry.yaml' : 'the registry is what the ledger implies',
      }
    }
    const { problems } = await registryDrift(nodeDisk, repository)
    return {
      data: { problems },
      text: problems.length === 0 ? 'the registry is what the ledger implies' : problems.map(problemLine).join('\n'),
      exit: problems.length === 0 ? 0 : 1,
    }
  },
})
