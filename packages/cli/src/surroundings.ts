import { fileURLToPath } from 'node:url'

/** An installed package is one bundle in `lib/`; in the repository the sources run where they are written. */
const isInstalled = !import.meta.url.endsWith('.ts')

const beside = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

export const packageFile = beside('../package.json')

/** Where the console is, once it is built. */
export const consoleFolder = beside(isInstalled ? '../console/' : '../../console/dist/')

/** The conformance suite of the map, and the binary that is run on suites. */
export const conformanceFolder = beside(isInstalled ? '../conformance/' : '../../map/conformance/')
export const smBinary = beside('../bin/sm.mjs')

/** The root of the repository, which holds the sample plugins; an installed package brings none. */
export const repository = isInstalled ? undefined : beside('../../../')
