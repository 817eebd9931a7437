// <auto:begin id=operations gen=node@1 sha256=65bcbc8e756dd3f7b114c41ff0f3d293115717e86f2c4e5d6203197240b2f9a2>
import { definePlugin } from '@tenon/sdk'
import { mint } from './mint.ts'
import { validate } from './validate.ts'
import { transform } from './transform.ts'

export default definePlugin({ operations: { mint, validate, transform } })
// <auto:end id=operations>
