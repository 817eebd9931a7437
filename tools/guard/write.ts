// Writes the guard that repositories are given: one file with all that it needs, as the sources have it now.
import { writeFileSync } from 'node:fs'
import { guardAsset, ownGuard } from './guard-asset.ts'

const text = await guardAsset()
for (const path of ownGuard) writeFileSync(path, text)
