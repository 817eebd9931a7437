import { TenonError, type PluginSpec } from '@tenon/contract'

/** Where in the spec an operation is. Throws OPERATION_UNKNOWN. */
export function operationAt({ id, operations = [] }: PluginSpec, name: string): number {
  const index = operations.findIndex((operation) => operation.name === name)
  if (index < 0)
    throw new TenonError('OPERATION_UNKNOWN', `${id} has no operation "${name}"`, {
      hint: `It has ${operations.map((operation) => operation.name).join(', ') || 'none'}.`,
    })
  return index
}
