import { isObject, parseJson, settingFromText, TenonError, type Json, type JsonObject } from '@tenon/contract'
import { defineCommand, textFlag } from '../command.ts'
import { onHost } from './host-work.ts'
import { locationFlags, type LocationFlags } from './location-flags.ts'
import { readNamed } from './named-file.ts'
import { configPath, environmentFlag, type EnvironmentFlag } from './plugin-config-path.ts'
import type { Config } from './plugin-config-show.ts'

type Flags = LocationFlags & EnvironmentFlag & { why: string; file?: string }

export const pluginConfigSet = defineCommand<Flags, string[]>({
  brief: 'Change settings of a plugin; an empty value takes one back',
  example: 'plugin config set id-mint default-prefix=INV --why "a trial"',
  flags: {
    ...locationFlags,
    environment: environmentFlag,
    why: { kind: 'parsed', parse: String, brief: 'Why, for the history' },
    file: textFlag('A file with settings as a JSON object, null for what is taken back; the place for secrets'),
  },
  args: ['id and settings...'],
  async run(cli, { environment, why, file, ...flags }, id, ...words) {
    if (id === undefined) throw new TenonError('USAGE', 'name the plugin whose settings are to change')
    const fromFile = file === undefined ? {} : settingsIn(parseJson(await readNamed(cli.world, file), file), file)
    return onHost(cli, flags, async (ask) => {
      const config = (await ask('GET', configPath(id, environment))) as Config
      const settings = { ...fromFile, ...Object.fromEntries(words.map((word) => settingIn(config, word))) }
      const body = { settings, why, ...(environment === undefined ? {} : { environment }) }
      const done = (await ask('PUT', configPath(id), body)) as { version: number; plugin: string }
      return { data: done, text: `version ${done.version} of the settings of ${id}; the plugin: ${done.plugin}` }
    })
  },
})

function settingsIn(value: Json, file: string): JsonObject {
  if (isObject(value)) return value
  throw new TenonError('USAGE', `${file} holds no object of settings`)
}

/** `id=value`, the value as the setting's type wants it. */
function settingIn({ settings }: Config, word: string): [string, Json] {
  const at = word.indexOf('=')
  if (at < 1) throw new TenonError('USAGE', `"${word}" is no setting with its value`, { hint: 'Write setting=value.' })
  const [id, text] = [word.slice(0, at), word.slice(at + 1)]
  const declaration = settings[id]?.declaration
  if (text === '') return [id, null]
  // What is unknown, the host refuses by name.
  if (declaration === undefined) return [id, text]
  if (declaration.type === 'secret')
    throw new TenonError('USAGE', `"${id}" is a secret, and everybody on this machine sees a command line`, {
      hint: 'Give it in a file, with --file.',
    })
  return [id, settingFromText(declaration, text) ?? text]
}
