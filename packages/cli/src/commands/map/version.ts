import { columns } from '../../printer.ts'
import { version } from '../../version.ts'
import { smCommand } from './sm-command.ts'

export const mapVersion = smCommand({
  brief: 'Tell the versions of the command, the kernel, the specification and the database',
  example: 'map version',
  timed: false,
  async run({ place }) {
    const { readMapShape, SCANNED_BY } = await import('@tenon/map')
    const versions = {
      sm: version,
      kernel: SCANNED_BY.version,
      spec: SCANNED_BY.specVersion,
      dbSchema: readMapShape(place.db) ?? null,
    }
    const rows = Object.entries(versions).map(([what, value]) => [what, value === null ? 'none' : String(value)])
    return { data: versions, text: columns(['WHAT', 'VERSION'], rows) }
  },
})
