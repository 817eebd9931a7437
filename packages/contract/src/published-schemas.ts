import { pluginSpecSchema } from './spec-schema.ts'
import { auditSchema, eventSchema, problemSchema } from './records-schema.ts'
import { manifestSchema } from './manifest-schema.ts'
import { policyPackSchema } from './policy-pack-schema.ts'
import { envelopeSchema, statementSchema } from './statement-schema.ts'
import { catalogSchema, scenariosSchema, workspaceSchema } from './workspace-schema.ts'

const DIALECT = 'https://json-schema.org/draft/2020-12/schema'

/** File name under `schemas/` → the JSON Schema document published there. */
export const publishedSchemas: Readonly<Record<string, object>> = Object.fromEntries(
  Object.entries({
    'plugin.spec.schema.json': pluginSpecSchema,
    'manifest.schema.json': manifestSchema,
    'policy-pack.schema.json': policyPackSchema,
    'statement.schema.json': statementSchema,
    'envelope.schema.json': envelopeSchema,
    'workspace.schema.json': workspaceSchema,
    'catalog.schema.json': catalogSchema,
    'scenarios.schema.json': scenariosSchema,
    'event.schema.json': eventSchema,
    'audit.schema.json': auditSchema,
    'problem.schema.json': problemSchema,
  }).map(([name, schema]) => [name, { $schema: DIALECT, ...schema }]),
)
