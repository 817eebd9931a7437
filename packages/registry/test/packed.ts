import { digestBytes, digestJson, signStatement, writeArchive, type SigningKey } from '@tenon/bundle'
import { digestHex, prettyJson, type Digest, type Envelope, type PluginSpec } from '@tenon/contract'
import { manifestOf } from '@tenon/testkit'

export type Packed = { id: string; version: string; archive: Uint8Array; digest: Digest; envelope: Envelope }
export type Changes = Partial<PluginSpec> & {
  content?: string
  gates?: { gate: string; checked: number; problems: number }[]
}

/** A small plugin, packed and signed as `tenon plugin pack` would. */
export async function packed(
  key: SigningKey,
  { content = 'export {}', gates, ...changes }: Changes = {},
): Promise<Packed> {
  const spec: PluginSpec = {
    specVersion: 1,
    id: 'notes',
    publisher: 'acme',
    name: 'Notes',
    version: '1.0.0',
    runtime: { kind: 'node', entry: 'src/main.js' },
    ...changes,
  }
  const sources = [
    { path: 'plugin.spec.json', bytes: Buffer.from(prettyJson(spec)) },
    { path: 'src/main.js', bytes: Buffer.from(content) },
  ]
  const manifest = manifestOf(spec, sources)
  const archive = await writeArchive([...sources, { path: 'manifest.json', bytes: Buffer.from(prettyJson(manifest)) }])
  return {
    id: spec.id,
    version: spec.version,
    archive,
    digest: digestBytes(archive),
    envelope: signed(key, spec, digestJson(manifest), gates),
  }
}

export const signed = (
  key: SigningKey,
  spec: { id: string; version: string },
  manifestDigest: Digest,
  gates: Changes['gates'],
) =>
  signStatement(
    {
      _type: 'https://in-toto.io/Statement/v1',
      subject: [{ name: `${spec.id}@${spec.version}`, digest: { sha256: digestHex(manifestDigest) } }],
      predicateType: 'urn:tenon:certification:1',
      predicate: { plugin: spec.id, version: spec.version, gates: gates ?? [{ gate: 'G1', checked: 1, problems: 0 }] },
    },
    key,
  )
