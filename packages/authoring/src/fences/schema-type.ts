import { isObject, ownValue, type Json, type JsonObject } from '@tenon/contract'

/** A JSON Schema as a TypeScript type, as near as one comes to the other; `unknown` where that is not at all. */
export const schemaType = (schema: Json | undefined, indent = ''): string =>
  typeOf(schema, { root: schema, indent, within: [] })

/** `within` are the references that are being followed: a type that holds itself is unknown where it does. */
type At = { root: Json | undefined; indent: string; within: readonly string[] }

function typeOf(schema: Json | undefined, at: At): string {
  if (schema === false) return 'never'
  if (!isObject(schema)) return 'unknown'
  const parts = [
    ...referred(schema, at),
    ...constants(schema),
    ...unions(schema, at),
    ...list(schema['allOf']).map((part) => typeOf(part, at)),
    ...structure(schema, at),
  ].filter((part) => part !== 'unknown')
  const [first = 'unknown', ...more] = [...new Set(parts)]
  return more.length === 0 ? first : [first, ...more].map(grouped).join(' & ')
}

const list = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? value : [])

/** A type as it stands among others: in parentheses when it is made of several. */
const grouped = (type: string): string => (isCompound(type) ? `(${type})` : type)

/** Whether a type has a `|` or `&` that is in no braces and no text. */
function isCompound(type: string): boolean {
  const outside = type.replaceAll(/'(?:[^'\\]|\\.)*'/g, '')
  let depth = 0
  for (const character of outside) {
    if ('{[(<'.includes(character)) depth += 1
    else if ('}])>'.includes(character)) depth -= 1
    else if (depth === 0 && '|&'.includes(character)) return true
  }
  return false
}

function referred({ $ref: ref }: JsonObject, at: At): string[] {
  if (typeof ref !== 'string' || at.within.includes(ref)) return []
  const target = ref === '#' ? at.root : pointedAt(at.root, ref)
  return [typeOf(target, { ...at, within: [...at.within, ref] })]
}

function pointedAt(root: Json | undefined, ref: string): Json | undefined {
  if (!ref.startsWith('#/')) return undefined
  const names = ref
    .slice(2)
    .split('/')
    .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'))
  return names.reduce<Json | undefined>((value, name) => (isObject(value) ? ownValue(value, name) : undefined), root)
}

function constants(schema: JsonObject): string[] {
  if (Object.hasOwn(schema, 'const')) return [literal(schema['const'])]
  return Array.isArray(schema['enum']) ? [union(schema['enum'].map(literal))] : []
}

const unions = (schema: JsonObject, at: At): string[] =>
  ['anyOf', 'oneOf'].flatMap((key) => {
    const parts = list(schema[key])
    return parts.length === 0 ? [] : [union(parts.map((part) => typeOf(part, at)))]
  })

function union(types: readonly string[]): string {
  if (types.includes('unknown')) return 'unknown'
  return types.length === 0 ? 'never' : [...new Set(types)].join(' | ')
}

/** Only of texts, numbers and the like there are literal types. */
function literal(value: Json | undefined): string {
  if (typeof value === 'string') return quoted(value)
  return value === null || typeof value === 'number' || typeof value === 'boolean' ? String(value) : 'unknown'
}

const KEYS_OF: Record<string, readonly string[]> = {
  object: ['properties', 'required', 'additionalProperties'],
  array: ['items', 'prefixItems'],
}

function structure(schema: JsonObject, at: At): string[] {
  const named = typeof schema['type'] === 'string' ? [schema['type']] : list(schema['type'])
  const implied = Object.keys(KEYS_OF).filter((type) => KEYS_OF[type]?.some((key) => Object.hasOwn(schema, key)))
  const isConstant = Object.hasOwn(schema, 'const') || Object.hasOwn(schema, 'enum')
  const types = named.length > 0 ? named : implied
  return types.length === 0 || isConstant ? [] : [union(types.map((type) => ofType(type, schema, at)))]
}

function ofType(type: Json, schema: JsonObject, at: At): string {
  switch (type) {
    case 'integer':
      return 'number'
    case 'object':
      return objectType(schema, at)
    case 'array':
      return arrayType(schema, at)
    case 'string':
    case 'number':
    case 'boolean':
    case 'null':
      return type
    default:
      return 'unknown'
  }
}

function arrayType({ items, prefixItems }: JsonObject, at: At): string {
  const rest = items === false ? [] : [`${grouped(typeOf(items, at))}[]`]
  const first = list(prefixItems).map((item) => `${grouped(typeOf(item, at))}?`)
  if (first.length === 0) return rest[0] ?? '[]'
  return `[${[...first, ...rest.map((item) => `...${item}`)].join(', ')}]`
}

function objectType(schema: JsonObject, at: At): string {
  const { properties = {}, additionalProperties: others } = schema
  const inner = { ...at, indent: `${at.indent}  ` }
  const required = list(schema['required'])
  const lines = Object.entries(isObject(properties) ? properties : {}).map(([name, property]) => {
    const optional = required.includes(name) ? '' : '?'
    return `${describing(property, inner.indent)}${inner.indent}${propertyName(name)}${optional}: ${typeOf(property, inner)}`
  })
  if (lines.length > 0) return `{\n${lines.join('\n')}\n${at.indent}}`
  if (others === false) return 'Record<string, never>'
  return `Record<string, ${typeOf(others, at)}>`
}

/** What the schema says of a property, as editors show it. */
function describing(schema: Json, indent: string): string {
  const said = isObject(schema) ? schema['description'] : undefined
  if (typeof said !== 'string' || said === '') return ''
  return `${indent}/** ${said.replaceAll(/\s+/g, ' ').replaceAll('*/', '* /').trim()} */\n`
}

export const propertyName = (name: string): string => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : quoted(name))

/** A text as a literal of TypeScript. */
export const quoted = (text: string): string =>
  `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'").replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')}'`
