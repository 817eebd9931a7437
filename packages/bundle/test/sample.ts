import { gzipSync } from 'node:zlib'
import { pack, type Header } from 'tar-stream'
import type { PluginFile } from '@tenon/bundle'
import { prettyJson, type Manifest, type Statement } from '@tenon/contract'
import { manifestOf } from '@tenon/testkit'
import { expect } from 'vitest'

export const code = (name: string) => expect.objectContaining({ code: name })
export const bytes = (text: string): Uint8Array => Buffer.from(text)

export const spec = {
  specVersion: 1,
  id: 'demo',
  publisher: 'acme',
  name: 'Demo',
  version: '1.0.0',
  runtime: { kind: 'node', entry: 'src/a.ts' },
} as const

/** The files of a small plugin, without its manifest. */
export const plain: PluginFile[] = [
  { path: 'plugin.spec.json', bytes: bytes(JSON.stringify(spec)) },
  { path: 'src/a.ts', bytes: bytes('export {}') },
]

/** The files with the manifest that lists them. */
export function withManifest(files: PluginFile[], changes: Partial<Manifest> = {}): PluginFile[] {
  const manifest = { ...manifestOf(spec, files), ...changes }
  return [...files, { path: 'manifest.json', bytes: bytes(prettyJson(manifest)) }]
}

export const statementOn = (sha256: string): Statement => ({
  _type: 'https://in-toto.io/Statement/v1',
  predicateType: 'urn:tenon:certification:1',
  subject: [{ name: 'demo@1.0.0', digest: { sha256 } }],
  predicate: { plugin: 'demo', version: '1.0.0', gates: [] },
})

type Entry = Partial<Header> & { name: string; body?: string }

/** A `.tar` as anybody may make one. */
export async function tarOf(entries: Entry[]): Promise<Buffer> {
  const tar = pack()
  for (const { body = '', ...header } of entries) tar.entry(header, body)
  tar.finalize()
  return Buffer.concat(await Array.fromAsync(tar as unknown as AsyncIterable<Buffer>))
}

export const tgzOf = async (entries: Entry[]): Promise<Uint8Array> => gzipSync(await tarOf(entries))
