import type { Issue } from './graph-schema.ts'

/** An issue with its keys in one order and without those that say nothing, so that equal issues are equal text. */
export function issueForm({ ruleId, severity, nodeIds, message, linkIndices, detail, fix, data }: Issue): Issue {
  return {
    ruleId,
    severity,
    nodeIds,
    message,
    ...(linkIndices ? { linkIndices } : {}),
    ...(typeof detail === 'string' ? { detail } : {}),
    ...(fix ? { fix } : {}),
    ...(data ? { data } : {}),
  }
}
