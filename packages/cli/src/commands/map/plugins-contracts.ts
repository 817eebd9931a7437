import { columns } from '../../printer.ts'
import { smCommand } from './sm-command.ts'

export const pluginsContractsList = smCommand({
  brief: 'List what extensions may say of nodes, and which inputs settings may have',
  example: 'map plugins contracts list',
  async run({ world }) {
    const began = world.monotonic()
    const { INPUT_TYPES } = await import('@tenon/contract/schema')
    const { CATALOG_VERSION, VIEW_CONTRACT_SUMMARIES: viewContracts } = await import('@tenon/map')
    const rows = viewContracts.map(({ id, summary }) => [id, summary])
    const elapsedMs = Math.round(world.monotonic() - began)
    return {
      data: { catalogVersion: CATALOG_VERSION, viewContracts, inputTypes: INPUT_TYPES, elapsedMs },
      text: `${columns(['CONTRACT', ''], rows)}\n\ninput types: ${INPUT_TYPES.join(', ')}\ncatalogue ${CATALOG_VERSION}`,
    }
  },
})
