import { defineCommand, switchFlag } from '../command.ts'

export const idsTag = defineCommand<{ push: boolean }>({
  brief: 'Make the tags plugin/<id>/v<version> of all sealed versions',
  example: 'ids tag --push',
  flags: { push: switchFlag('Push these tags, and nothing else, to origin') },
  async run({ world }, { push }) {
    const { makeTags, pushTags, sealedIdentities } = await import('@tenon/authoring')
    const { nodeDisk, openRepository } = await import('@tenon/bundle')
    const repository = await openRepository(world)
    const { made, kept } = await makeTags(repository, await sealedIdentities(nodeDisk, repository))
    if (push) await pushTags(repository, [...made, ...kept])
    const told = made.map((tag) => `made ${tag}`)
    const lines = push ? [...told, `pushed ${made.length + kept.length} tag(s) to origin`] : told
    return { data: { made, kept, pushed: push }, text: lines.length === 0 ? 'no tag to make' : lines.join('\n') }
  },
})
