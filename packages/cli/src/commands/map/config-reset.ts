import { join } from 'node:path'
import { smCommand } from './sm-command.ts'

export const configReset = smCommand<object, [string]>({
  brief: 'Take one value out of the settings of the project, or with -g of the user',
  example: 'map config reset scan.tokenize',
  args: ['key'],
  async run({ place, world }, _, key) {
    const { changeConfigFile, documentIn, pathOf, SETTINGS_FILE, unknownKey, valueAtPath, withoutValue } = await import(
      '@tenon/map'
    )
    const path = pathOf(key)
    const file = join(place.folder, SETTINGS_FILE)
    if (valueAtPath(await documentIn(file), path) === undefined) throw unknownKey(path, `${file} does not set it.`)
    await changeConfigFile(file, world, (document) => withoutValue(document, path))
    return { data: { key, file }, text: `${key} is no longer set in ${file}` }
  },
})
