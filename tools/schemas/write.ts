// Writes packages/contract/schemas/ from the source; a test holds the two together.
import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { prettyJson } from '@tenon/contract'
import { publishedSchemas } from '@tenon/contract/schema'

const folder = fileURLToPath(new URL('../../packages/contract/schemas/', import.meta.url))
mkdirSync(folder, { recursive: true })
for (const [name, schema] of Object.entries(publishedSchemas)) writeFileSync(`${folder}${name}`, prettyJson(schema))
