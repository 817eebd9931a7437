import { describe } from 'vitest'
import { careClaims } from './care.ts'
import { configurationClaims } from './configuration.ts'
import { keyValueClaims } from './key-values.ts'
import type { Claims, StorageMeans } from './means.ts'
import { migrationClaims } from './migrations.ts'
import { randomUseClaims } from './random-use.ts'
import { secretClaims } from './secrets.ts'

const CLAIMS: Claims = {
  ...keyValueClaims,
  ...secretClaims,
  ...configurationClaims,
  ...migrationClaims,
  ...careClaims,
  ...randomUseClaims,
}

/** The claims that hold for storage wherever it is kept. */
export function storageSuite(means: StorageMeans): void {
  describe.each(Object.entries(CLAIMS))('%s', (_what, claim) => {
    claim(means)
  })
}
