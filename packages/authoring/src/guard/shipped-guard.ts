import { readFileSync } from 'node:fs'

/** The guard that this toolkit gives a repository: written by `tools/guard/write.ts` from these sources. */
export const shippedGuard = (): string => readFileSync(new URL('../../assets/guard.mjs', import.meta.url), 'utf8')
