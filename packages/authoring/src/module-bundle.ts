import { join } from 'node:path'
import { TenonError } from '@tenon/contract'
import { rolldown } from 'rolldown'

export type BundledModule = { source: string; path: string; bytes: Uint8Array }

/** Bundles each code file with all it imports into one JavaScript module; only the sdk and Node's own modules stay outside. */
export async function bundleModules(root: string, sources: readonly string[]): Promise<BundledModule[]> {
  return Promise.all(sources.map((source) => bundleModule(root, source)))
}

async function bundleModule(root: string, source: string): Promise<BundledModule> {
  const build = await rolldown({
    input: join(root, source),
    cwd: root,
    platform: 'node',
    external: [/^@tenon\/sdk$/, /^node:/],
    logLevel: 'silent',
  })
  try {
    const { output } = await build.generate({ format: 'esm', codeSplitting: false, comments: false })
    const [entry] = output
    if (output.length !== 1 || entry === undefined)
      throw new TenonError('SPEC_INVALID', `${source} does not become one module`)
    return { source, path: `dist/${source.replace(/\.[cm]?[jt]s$/, '.mjs')}`, bytes: Buffer.from(entry.code) }
  } catch (cause) {
    if (cause instanceof TenonError) throw cause
    throw new TenonError(
      'SPEC_INVALID',
      `${source} cannot be bundled: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    )
  } finally {
    await build.close()
  }
}
