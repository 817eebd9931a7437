import Type, { type Static } from 'typebox'
import { validatorOf } from '@tenon/contract/schema'
import { strictObject } from '../strict-object.ts'

const keys = Type.Array(Type.String())

/**
 * What the findings of a rule depend on, beside its settings: which parts of nodes, each by the keys that lead to it, and
 * whether links. Without `each`, every node and all links; also which nodes there are, and their order. With it, what is
 * found about a node, the first that an issue names, depends on that node and the links that leave it alone.
 */
const dependenceSchema = strictObject({
  nodes: Type.Optional(Type.Array(keys)),
  links: Type.Optional(Type.Boolean()),
  each: Type.Optional(Type.Boolean()),
})

export type Dependence = Static<typeof dependenceSchema>

export const dependences = validatorOf(dependenceSchema)
