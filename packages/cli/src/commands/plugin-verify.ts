import { defineCommand, switchFlag, textsFlag } from '../command.ts'
import type { VerifiedBundle } from '../compose/verify-bundle.ts'
import { problemLine } from '../printer.ts'

type Flags = { key?: string[]; level?: string[]; acceptInconclusive: boolean }

export const pluginVerify = defineCommand<Flags, [string]>({
  brief: 'Check, with nothing but the files, that a bundle is what was certified, and by whom',
  example: 'plugin verify dist/id-mint-1.0.0.tgz --key acme.pem',
  flags: {
    key: textsFlag('The file of a public key, in PEM, beside those that are known on this machine; may be repeated'),
    level: textsFlag('An isolation level that the certification may have been run at; may be repeated'),
    acceptInconclusive: switchFlag('Take what a gate could not tell for passed'),
  },
  args: ['bundle or folder'],
  async run({ world }, { key: keys = [], level: levels, acceptInconclusive }, named) {
    const { verifyBundle } = await import('../compose/verify-bundle.ts')
    const { levelNamed } = await import('../compose/level-named.ts')
    levels?.forEach(levelNamed)
    const verified = await verifyBundle(world, { named, keys, levels, acceptInconclusive })
    const exit = verified.integrity.length > 0 ? 5 : verified.gates.length > 0 ? 1 : 0
    return { data: { ok: exit === 0, ...verified }, text: textOf(verified), exit }
  },
})

function textOf(verified: VerifiedBundle): string {
  const { plugin, version, level, signer, ledger, report, integrity, gates } = verified
  const problems = [...integrity, ...gates].map((problem) => `${problem.code} ${problemLine(problem)}`)
  const name = `${plugin ?? '?'}@${version ?? '?'}`
  return [
    problems.length === 0 ? `${name} is what was certified, at level ${level}` : `${name} is not certified`,
    ...(signer === undefined ? [] : [`signed by ${signer.keyId} (${signer.source}), ${trustOf(signer)}`]),
    ...(ledger === undefined
      ? []
      : [
          `its card is in the ledger signed by ${ledger.keyId}, ${ledger.known ? 'known' : 'not known'} on this machine`,
        ]),
    ...(report === 'absent' ? ['no report lies beside it'] : []),
    ...problems,
  ].join('\n')
}

const trustOf = ({ trusted }: { trusted: boolean }): string =>
  trusted ? 'which is trusted on this machine' : 'which is not trusted on this machine (tenon key trust)'
