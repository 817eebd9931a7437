import type { Issue } from './graph-schema.ts'

/**
 * An issue with its keys in one order and without those that say nothing, so that equal issues are equal text; and that
 * text such as UTF-8 can hold, which is what the store keeps.
 */
export function issueForm({ ruleId, severity, nodeIds, message, linkIndices, detail, fix, data }: Issue): Issue {
  return {
    ruleId,
    severity,
    nodeIds,
    message: message.toWellFormed(),
    ...(linkIndices ? { linkIndices } : {}),
    ...(typeof detail === 'string' ? { detail: detail.toWellFormed() } : {}),
    ...(fix ? { fix } : {}),
    ...(data ? { data } : {}),
  }
}
