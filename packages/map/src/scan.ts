import type { ScanResult } from './graph-schema.ts'
import { builtInPlugins } from './built-in/plugins.ts'
import type { ExtensionKind } from './kernel/manifest-schema.ts'
import { runScan, type Scan, type ScanRequest } from './kernel/run-scan.ts'

/** Scans with the built-in plugins, or with exactly the extensions that are given. */
export const scan = (request: Omit<ScanRequest, 'extensions'> & Partial<ScanRequest>): Promise<Scan> =>
  runScan({ extensions: builtInPlugins, ...request })

/** A result as `--json` prints it. Equal results are equal bytes. */
export const scanJson = (result: ScanResult): string => `${JSON.stringify(result, null, 2)}\n`

const SWITCHES: readonly [variable: string, kind: ExtensionKind][] = [
  ['SKILL_MAP_DISABLE_ALL_PROVIDERS', 'provider'],
  ['SKILL_MAP_DISABLE_ALL_EXTRACTORS', 'extractor'],
  ['SKILL_MAP_DISABLE_ALL_RULES', 'rule'],
]

/** The kinds of extension that the environment switches off, for `options.disabled.kinds`. */
export const disabledKinds = (env: Readonly<Record<string, string | undefined>>): ExtensionKind[] =>
  SWITCHES.filter(([variable]) => env[variable] === '1').map(([, kind]) => kind)
