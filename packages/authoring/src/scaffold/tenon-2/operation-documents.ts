import { prettyJson, type PluginSpec } from '@tenon/contract'
import type { TextFile } from '../../folder/text-file.ts'

export type Operation = NonNullable<PluginSpec['operations']>[number]

const TEXT = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  required: ['text'],
  properties: { text: { type: 'string', maxLength: 10_000 } },
}

/** What an operation that takes nothing answers. */
export const ANSWER = 'done'

/** Schemas and examples of an operation that answers what it is given. Inputs are closed, outputs may grow. */
export function operationDocuments({ name, input, output }: Operation): TextFile[] {
  const file = (path: string, value: object | null): TextFile => ({ path, text: prettyJson(value) })
  return [
    ...(input ? [file(`schemas/${name}.in.schema.json`, { ...TEXT, additionalProperties: false })] : []),
    ...(output ? [file(`schemas/${name}.out.schema.json`, TEXT)] : []),
    file(`examples/${name}_request.json`, input ? { text: 'hello' } : null),
    file(`examples/${name}_response.json`, output ? { text: input ? 'hello' : ANSWER } : null),
  ]
}
