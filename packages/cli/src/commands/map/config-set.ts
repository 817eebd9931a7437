import { join } from 'node:path'
import { readJson, TenonError, type Json, type JsonObject } from '@tenon/contract'
import { inline } from '../../printer.ts'
import { smCommand, type SmCli } from './sm-command.ts'

export const configSet = smCommand<object, [string, string]>({
  brief: 'Write one value into the settings of the project, or with -g of the user',
  example: 'map config set scan.tokenize false',
  args: ['key', 'value'],
  async run(cli, _, key, text) {
    const { place } = cli
    const { changeConfigFile, pathOf, refuseValue, SETTINGS_FILE, withValue } = await import('@tenon/map')
    const [path, value] = [pathOf(key), valueIn(text)]
    refuseValue(path, value, place.scope === 'project')
    await refuseSecrets(cli, withValue({}, path, value))
    const file = join(place.folder, SETTINGS_FILE)
    await changeConfigFile(file, cli.world, (document) => withValue(document, path, value))
    const { overriding } = await import('../../compose/map-config.ts')
    const overriddenBy = await overriding(cli, path, value)
    const lines = [`${key} = ${inline(JSON.stringify(value))} in ${file}`]
    if (overriddenBy !== undefined) lines.push(`${overriddenBy} says otherwise, and goes over it.`)
    return { data: { key, value, file, ...(overriddenBy && { overriddenBy }) }, text: lines.join('\n') }
  },
})

async function refuseSecrets(cli: SmCli, document: JsonObject): Promise<void> {
  const { keyOf, secretPathsIn } = await import('@tenon/map')
  const { declaredSecrets } = await import('../../compose/plugin-settings.ts')
  const [path] = secretPathsIn(document, await declaredSecrets(cli))
  if (path === undefined) return
  const [, plugin, , setting] = path
  throw new TenonError('USAGE', `${keyOf(path)} is a secret, and everybody on this machine sees a command line`, {
    hint: `Say "sm plugins config ${plugin} ${setting} -", and give it on standard input.`,
  })
}

/** JSON, or else the text itself. */
function valueIn(text: string): Json {
  const { value, problems } = readJson(text)
  return value === undefined || problems.length > 0 ? text : value
}
