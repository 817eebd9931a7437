import { pluginSpecSchema } from './spec-schema.ts'
import { auditSchema, eventSchema, problemSchema } from './records-schema.ts'
import { perfSchema, startSchema } from './conformance-schema.ts'
import { manifestSchema } from './manifest-schema.ts'
import { certificationReportSchema } from './certification-schema.ts'
import { cardSchema } from './card-schema.ts'
import { identityLineSchema } from './identity-line-schema.ts'
import { policyPackSchema, waiverSchema } from './policy-pack-schema.ts'
import { runSnapshotSchema } from './run-snapshot-schema.ts'
import { envelopeSchema, statementSchema } from './statement-schema.ts'
import { catalogSchema, scenariosSchema, workspaceSchema } from './workspace-schema.ts'

const DIALECT = 'https://json-schema.org/draft/2020-12/schema'

/** File name under `schemas/` → the JSON Schema document published there. */
export const publishedSchemas: Readonly<Record<string, object>> = Object.fromEntries(
  Object.entries({
    'plugin.spec.schema.json': pluginSpecSchema,
    'manifest.schema.json': manifestSchema,
    'policy-pack.schema.json': policyPackSchema,
    'card.schema.json': cardSchema,
    'identity-line.schema.json': identityLineSchema,
    'policy-waiver.schema.json': waiverSchema,
    'perf.schema.json': perfSchema,
    'start.schema.json': startSchema,
    'run-snapshot.schema.json': runSnapshotSchema,
    'certification-report.schema.json': certificationReportSchema,
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
