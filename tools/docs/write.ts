// Writes the documents that come from the source.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { derivedDocs } from './derived-docs.ts'

for (const [path, text] of Object.entries(derivedDocs)) {
  const target = fileURLToPath(new URL(`../../${path}`, import.meta.url))
  mkdirSync(dirname(target), { recursive: true })
  writeFileSync(target, text())
}
