import { isObject, isStringArray } from './description.ts'
import { pointerTo, type Json } from './json-text.ts'
import { patternFault } from './regular-expression.ts'

/** What the value of a keyword must be, and the schemas inside it with their places below the keyword. */
export type KeywordForm = {
  what: string
  is(this: void, value: Json): boolean
  schemas(this: void, value: Json): [string, Json][]
}

const TYPES = ['array', 'boolean', 'integer', 'null', 'number', 'object', 'string']

const isNumber = (value: Json): value is number => typeof value === 'number'
const isText = (value: Json): value is string => typeof value === 'string'
const isType = (value: Json): boolean => TYPES.includes(value as string)
const isPattern = (value: Json): boolean => isText(value) && patternFault(value, 'u') === undefined
const isSchema = (value: Json): boolean => isObject(value) || typeof value === 'boolean'
const areDifferent = (value: Json): value is string[] => isStringArray(value) && new Set(value).size === value.length
const areNames = (value: Json): boolean => isObject(value) && Object.values(value).every(areDifferent)

const plain = (what: string, is: KeywordForm['is']): KeywordForm => ({ what, is, schemas: () => [] })
const inList = (value: Json): [string, Json][] => (value as Json[]).map((one, index) => [pointerTo('', index), one])
const inObject = (value: Json): [string, Json][] =>
  Object.entries(value as object).map(([key, one]) => [pointerTo('', key), one as Json])

const FORMS: [KeywordForm, string][] = [
  [plain('anything', () => true), '$vocabulary const default'],
  [plain('text', isText), '$anchor $comment $dynamicAnchor $dynamicRef $recursiveRef $ref $schema'],
  [plain('text', isText), 'contentEncoding contentMediaType description format title'],
  [plain('a URI', (value) => isText(value) && URL.canParse(value, 'x:/')), '$id'],
  [
    plain('true or false', (value) => typeof value === 'boolean'),
    '$recursiveAnchor deprecated readOnly uniqueItems writeOnly',
  ],
  [plain('a list', Array.isArray), 'enum examples'],
  [plain('a number', isNumber), 'exclusiveMaximum exclusiveMinimum maximum minimum'],
  [plain('a number above 0', (value) => isNumber(value) && value > 0), 'multipleOf'],
  [
    plain('a whole number from 0', (value) => isNumber(value) && Number.isInteger(value) && value >= 0),
    'maxContains maxItems maxLength maxProperties minContains minItems minLength minProperties',
  ],
  [
    plain(
      `one of ${TYPES.join(', ')}, or a list of some`,
      (value) => isType(value) || (areDifferent(value) && value.length > 0 && value.every(isType)),
    ),
    'type',
  ],
  [plain('a regular expression', isPattern), 'pattern'],
  [plain('a list of different names', areDifferent), 'required'],
  [plain('an object of lists of different names', areNames), 'dependentRequired'],
  [
    { what: 'a schema', is: isSchema, schemas: (value) => [['', value]] },
    'additionalItems additionalProperties contains contentSchema else if not propertyNames then unevaluatedItems unevaluatedProperties',
  ],
  [
    { what: 'a list of schemas', is: (value) => Array.isArray(value) && value.length > 0, schemas: inList },
    'allOf anyOf oneOf prefixItems',
  ],
  [
    {
      what: 'a schema',
      is: (value) => isSchema(value) || Array.isArray(value),
      schemas: (value) => (Array.isArray(value) ? inList(value) : [['', value]]),
    },
    'items',
  ],
  [{ what: 'an object of schemas', is: isObject, schemas: inObject }, '$defs definitions dependentSchemas properties'],
  [
    {
      what: 'an object of schemas by regular expression',
      is: (value) => isObject(value) && Object.keys(value).every(isPattern),
      schemas: inObject,
    },
    'patternProperties',
  ],
  [
    {
      what: 'an object of schemas or lists of names',
      is: (value) => isObject(value) && Object.values(value).every((one) => isSchema(one) || areDifferent(one)),
      schemas: (value) => inObject(value).filter(([, one]) => isSchema(one)),
    },
    'dependencies',
  ],
]

/** Keyword → form. A validator passes over a keyword whose value has another form, and then checks nothing. */
export const KEYWORDS: ReadonlyMap<string, KeywordForm> = new Map(
  FORMS.flatMap(([form, words]) => words.split(' ').map((word): [string, KeywordForm] => [word, form])),
)

/** Keywords whose schemas judge the very value that the schema around them judges. */
export const IN_PLACE: readonly string[] = [
  'allOf',
  'anyOf',
  'dependencies',
  'dependentSchemas',
  'else',
  'if',
  'not',
  'oneOf',
  'then',
]

/** Keywords of older drafts, which the validator still honours, and what the draft of today has instead. */
export const OLDER: ReadonlyMap<string, string> = new Map([
  ['$recursiveAnchor', '$dynamicAnchor'],
  ['$recursiveRef', '$dynamicRef'],
  ['additionalItems', 'items'],
  ['definitions', '$defs'],
  ['dependencies', 'dependentRequired or dependentSchemas'],
])
