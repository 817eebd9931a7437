import { join } from 'node:path'
import { readJson, type Json } from '@tenon/contract'
import { inline } from '../../printer.ts'
import { smCommand } from './sm-command.ts'

export const configSet = smCommand<object, [string, string]>({
  brief: 'Write one value into the settings of the project, or with -g of the user',
  example: 'map config set scan.tokenize false',
  args: ['key', 'value'],
  async run({ place }, _, key, text) {
    const { changeConfigFile, pathOf, refuseValue, SETTINGS_FILE, withValue } = await import('@tenon/map')
    const [path, value] = [pathOf(key), valueIn(text)]
    refuseValue(path, value, place.scope === 'project')
    const file = join(place.folder, SETTINGS_FILE)
    await changeConfigFile(file, (document) => withValue(document, path, value))
    return { data: { key, value, file }, text: `${key} = ${inline(JSON.stringify(value))} in ${file}` }
  },
})

/** JSON, or else the text itself. */
function valueIn(text: string): Json {
  const { value, problems } = readJson(text)
  return value === undefined || problems.length > 0 ? text : value
}
