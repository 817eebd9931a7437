import {
  decodeUtf8,
  digestFromHex,
  TenonError,
  type Digest,
  type Manifest,
  type PluginSpec,
  type Problem,
  type Statement,
} from '@tenon/contract'
import { manifestSchema, readAs, readSpec, validatorOf } from '@tenon/contract/schema'
import type { PluginFile } from './archive.ts'
import { digestBytes, digestJson } from './digests.ts'
import { mismatch } from './mismatch.ts'

export type Bundle = { manifest: Manifest; manifestDigest: Digest; spec: PluginSpec; files: readonly PluginFile[] }

const manifests = validatorOf(manifestSchema)

/** Checks that the files are exactly those that their manifest lists, byte for byte, and that spec and manifest agree. */
export function openBundle(files: readonly PluginFile[]): Bundle {
  const byPath = new Map(files.map((file) => [file.path, file.bytes]))
  const manifest = readPart(byPath, 'manifest.json', (text) => readAs(text, manifests))
  const spec = readPart(byPath, 'plugin.spec.json', readSpec)
  const problems = [...contentProblems(manifest, byPath), ...identityProblems(manifest, spec)]
  const [first] = problems
  if (first !== undefined)
    throw new TenonError('BUNDLE_CONTENT_MISMATCH', first.message, {
      problems,
      hint: 'Run "tenon plugin pack" again; a bundle is never edited.',
    })
  return { manifest, manifestDigest: digestJson(manifest), spec, files }
}

function readPart<T>(
  files: Map<string, Uint8Array>,
  path: string,
  read: (text: string) => { value: T | undefined; problems: Problem[] },
): T {
  const bytes = files.get(path)
  if (bytes === undefined) throw new TenonError('BUNDLE_CONTENT_MISMATCH', `the bundle has no ${path}`)
  const { value, problems } = read(decodeUtf8(bytes, path))
  if (value === undefined)
    throw new TenonError('BUNDLE_CONTENT_MISMATCH', `${path} of the bundle is invalid`, { problems })
  return value
}

function contentProblems(manifest: Manifest, files: Map<string, Uint8Array>): Problem[] {
  const listed = Object.entries(manifest.files).flatMap(([path, digest]) => {
    const bytes = files.get(path)
    if (bytes === undefined) return [mismatch(path, 'is listed but missing')]
    return digestBytes(bytes) === digest ? [] : [mismatch(path, 'does not have the digest that manifest.json gives')]
  })
  const unlisted = [...files.keys()].filter((path) => path !== 'manifest.json' && !Object.hasOwn(manifest.files, path))
  return [...listed, ...unlisted.map((path) => mismatch(path, 'is not listed in manifest.json'))]
}

function identityProblems(manifest: Manifest, spec: PluginSpec): Problem[] {
  const pairs: [string, unknown, unknown][] = [
    ['id', manifest.id, spec.id],
    ['version', manifest.version, spec.version],
    ['publisher', manifest.publisher, spec.publisher],
    ['spec digest', manifest.digests.spec, digestJson(spec)],
  ]
  return pairs
    .filter(([, inManifest, inSpec]) => inManifest !== inSpec)
    .map(([what]) => mismatch('manifest.json', `and plugin.spec.json differ in ${what}`))
}

type About = Pick<Statement, 'subject'> & { predicate: Pick<Statement['predicate'], 'plugin' | 'version'> }

/** Refuses a statement that speaks of another manifest, plugin or version than the bundle's. */
export function refuseForeignStatement({ subject: [subject], predicate }: About, bundle: Bundle): void {
  const isAbout = subject !== undefined && digestFromHex(subject.digest.sha256) === bundle.manifestDigest
  if (isAbout && predicate.plugin === bundle.manifest.id && predicate.version === bundle.manifest.version) return
  throw new TenonError(
    'BUNDLE_SIGNATURE_INVALID',
    `the signed statement is not about ${bundle.manifest.id}@${bundle.manifest.version}`,
  )
}
