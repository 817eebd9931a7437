import { definePlugin } from '@tenon/sdk'
import { judge } from './kinds.ts'
import type { Types } from './plugin-types.ts'
// <auto:begin id=operations gen=node@2 sha256=0d1b7db6096a19784c19f328d36754f855a7cadff23f890c1f8499c3afc69c62>
import { mint } from './mint.ts'
import { validate } from './validate.ts'
import { transform } from './transform.ts'

const operations = { mint, validate, transform }
// <auto:end id=operations>

export default definePlugin<Types>({ operations, services: { judge: ({ id }) => judge(id) } })
