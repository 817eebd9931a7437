import Type, { type TSchema } from 'typebox'
import { validatorOf, type Validator } from '@tenon/contract/schema'
import { strictObject } from '../strict-object.ts'

const textOf = (minLength: number, maxLength: number) => Type.String({ minLength, maxLength })
const count = Type.Integer({ minimum: 0 })
const severity = Type.Optional(Type.Enum(['info', 'warn', 'success', 'danger']))
const tooltip = Type.Optional(Type.String({ maxLength: 256 }))
const scalar = (maxLength: number) =>
  Type.Union([Type.String({ maxLength }), Type.Number(), Type.Boolean(), Type.Null()])

const TREE_DEPTH_MAX = 6
const TREE_NODES_MAX = 200

/** A tree of bounded depth is written out level by level, which keeps its schema free of recursion. */
const treeSchema = (depth: number): TSchema =>
  strictObject({
    label: textOf(1, 64),
    marker: Type.Optional(Type.String({ maxLength: 64 })),
    tooltip,
    children: Type.Optional(
      depth === 1 ? Type.Array(Type.Unknown(), { maxItems: 0 }) : Type.Array(treeSchema(depth - 1)),
    ),
  })

type Payload = Record<string, unknown>

type ViewContract = {
  summary: string
  payload: TSchema
  isEmpty(payload: Payload): boolean
  /** What a schema cannot say. */
  fault?(payload: Payload): string | undefined
}

const isListEmpty =
  (key: string) =>
  (payload: Payload): boolean =>
    Array.isArray(payload[key]) && payload[key].length === 0

const never = (): boolean => false

/** The closed catalogue of what an extension may say about a node. */
const catalog = {
  'node-counter': {
    summary: 'a number beside the node, with an icon',
    payload: strictObject({ value: count, severity, tooltip }),
    isEmpty: ({ value }) => value === 0,
  },
  'node-tag': {
    summary: 'a short label on the node',
    payload: strictObject({ label: textOf(0, 32), severity, tooltip }),
    isEmpty: ({ label }) => label === '',
  },
  'node-breakdown': {
    summary: 'up to 20 labelled counts',
    payload: strictObject({
      entries: Type.Array(strictObject({ label: textOf(1, 32), value: count, tooltip }), { maxItems: 20 }),
    }),
    isEmpty: isListEmpty('entries'),
  },
  'node-records': {
    summary: 'a table of up to 50 rows',
    payload: strictObject({
      columns: Type.Array(strictObject({ key: textOf(1, 32), label: textOf(1, 32) }), { minItems: 1, maxItems: 6 }),
      rows: Type.Array(Type.Record(Type.String(), scalar(256)), { maxItems: 50 }),
    }),
    isEmpty: isListEmpty('rows'),
  },
  'node-tree': {
    summary: 'a tree of up to 200 labels, six levels deep',
    payload: treeSchema(TREE_DEPTH_MAX),
    isEmpty: (payload) => payload['children'] === undefined || isListEmpty('children')(payload),
    fault: (payload) => (treeSize(payload) > TREE_NODES_MAX ? `holds more than ${TREE_NODES_MAX} nodes` : undefined),
  },
  'node-key-values': {
    summary: 'up to 50 keys with their values',
    payload: strictObject({
      entries: Type.Array(strictObject({ key: textOf(1, 64), value: scalar(512), tooltip }), { maxItems: 50 }),
    }),
    isEmpty: isListEmpty('entries'),
  },
  'node-link-list': {
    summary: 'up to 100 nodes to go to',
    payload: strictObject({
      entries: Type.Array(
        strictObject({
          path: textOf(1, 512),
          label: Type.Optional(textOf(1, 128)),
          kind: Type.Optional(textOf(1, 32)),
        }),
        { maxItems: 100 },
      ),
    }),
    isEmpty: isListEmpty('entries'),
  },
  'node-markdown': {
    summary: 'a passage of Markdown, shown without anything that runs',
    payload: strictObject({ markdown: Type.String({ maxLength: 4096 }) }),
    isEmpty: ({ markdown }) => String(markdown).trim() === '',
  },
  'node-alert': {
    summary: 'a mark that draws attention to the node',
    payload: strictObject({
      icon: Type.Optional(textOf(1, 64)),
      severity,
      count: Type.Optional(Type.Integer({ minimum: 1, maximum: 99 })),
      tooltip,
    }),
    isEmpty: ({ icon, count: number }) => icon === undefined && number === undefined,
    fault: (payload) =>
      ['icon', 'severity', 'count'].some((key) => payload[key] !== undefined)
        ? undefined
        : 'needs an icon, a severity or a count',
  },
  'scope-stat': {
    summary: 'one figure for the whole map, from rules only',
    payload: strictObject({
      value: Type.Union([count, textOf(1, 64)]),
      label: Type.Optional(textOf(1, 32)),
      tooltip,
      severity,
    }),
    isEmpty: never,
  },
} satisfies Record<string, ViewContract>

export type ViewContractName = keyof typeof catalog

export const VIEW_CONTRACTS = Object.keys(catalog) as ViewContractName[]

/** The contracts in one line each. */
export const VIEW_CONTRACT_SUMMARIES = VIEW_CONTRACTS.map((id) => ({ id, summary: catalog[id].summary }))

const validators = new Map<string, Validator<unknown>>(
  Object.entries(catalog).map(([name, { payload }]) => [name, validatorOf(payload)]),
)

/** Why a payload does not fit the contract, or undefined when it does. */
export function payloadFault(name: ViewContractName, payload: unknown): string | undefined {
  const contract: ViewContract = catalog[name]
  const problem = validators.get(name)?.problems(payload)[0]
  if (problem !== undefined) return `${problem.pointer}: ${problem.message}`
  // The schema has shown that it is an object.
  return contract.fault?.(payload as Payload)
}

export const isPayloadEmpty = (name: ViewContractName, payload: unknown): boolean =>
  // Only asked of payloads without a fault, and every contract's payload is an object.
  catalog[name].isEmpty(payload as Payload)

const treeSize = (tree: Payload): number => {
  const children = Array.isArray(tree['children']) ? (tree['children'] as Payload[]) : []
  return children.reduce((sum, child) => sum + treeSize(child), 1)
}
