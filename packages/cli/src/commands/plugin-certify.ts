import { resolve } from 'node:path'
import { defineCommand, switchFlag, textFlag } from '../command.ts'
import type { Certified } from '../compose/certify-plugin.ts'
import { problemLine } from '../printer.ts'
import { isolationFlag } from './isolation-flag.ts'
import { signingKeyIn } from './key-file.ts'
import { locationFlags, type LocationFlags } from './location-flags.ts'
import { pluginFolder } from './plugin-folder.ts'

type Flags = LocationFlags & { out?: string; key?: string; isolation?: string; acceptInconclusive: boolean }

export const pluginCertify = defineCommand<Flags, [string?]>({
  brief: 'Hold a plugin to every gate, and sign bundle and report when it passes',
  example: 'plugin certify plugins/id-mint --out dist',
  flags: {
    ...locationFlags,
    out: textFlag('Where to write bundle, report and statement (default: dist)'),
    key: textFlag("The file of the Ed25519 private key that signs, in PEM (default: the publisher's on this machine)"),
    isolation: isolationFlag,
    acceptInconclusive: switchFlag('Sign also what a gate could not tell; the statement says so'),
  },
  args: ['folder?'],
  async run(cli, { out = 'dist', key, acceptInconclusive, ...flags }, named) {
    const { certifyPlugin } = await import('../compose/certify-plugin.ts')
    const { locationsOf } = await import('../compose/locations.ts')
    const { publisherKey } = await import('../compose/machine-keys.ts')
    const { world } = cli
    const order = {
      ...{ root: pluginFolder(world, named), out: resolve(world.cwd, out), acceptInconclusive },
      key: (publisher: string) =>
        key === undefined ? publisherKey(locationsOf(world, flags).home, publisher) : signingKeyIn(world, key),
    }
    const certified = await certifyPlugin(cli, order, flags)
    return { data: certified, text: textOf(certified), exit: exitOf(certified) }
  },
})

const exitOf = ({ report: { verdict }, files }: Certified): number =>
  files.envelope !== undefined ? 0 : verdict === 'fail' ? 1 : 4

const MARKS = { pass: 'ok  ', fail: 'FAIL', inconclusive: '?   ' }

const textOf = ({ report, files }: Certified): string =>
  [
    ...report.gates.flatMap(({ gate, verdict, checked, idle, problems }) => [
      `${MARKS[verdict]} ${gate} (${idle === undefined ? `${checked} checked` : `nothing to check: ${idle}`})`,
      ...(report.measured.gates[gate]?.notes ?? []).filter((note) => note !== idle).map((note) => `     ${note}`),
      ...problems.map((problem) => `     ${problem.code} ${problemLine(problem)}`),
    ]),
    `${files.envelope === undefined ? 'not certified' : 'certified'} ${report.plugin}@${report.version}, level ${report.level}`,
    ...Object.values(files).map((path) => `  ${path}`),
  ].join('\n')
