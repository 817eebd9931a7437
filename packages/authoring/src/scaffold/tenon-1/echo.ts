const SCHEMA = 'https://json-schema.org/draft/2020-12/schema'
const text = {
  $schema: SCHEMA,
  type: 'object',
  required: ['text'],
  properties: { text: { type: 'string', maxLength: 10_000 } },
}

/** Schemas and examples of an operation that answers what it is given. Inputs are closed, outputs may grow. */
export const echoDocuments = (name: string): { path: string; value: object }[] => [
  { path: `schemas/${name}.in.schema.json`, value: { ...text, additionalProperties: false } },
  { path: `schemas/${name}.out.schema.json`, value: text },
  { path: `examples/${name}_request.json`, value: { text: 'hello' } },
  { path: `examples/${name}_response.json`, value: { text: 'hello' } },
]
