export { runPlugin, type Run, type RunOrder, type RunPorts } from './run.ts'
export { runRecordSchema, type RunRecord } from './run-record.ts'
export { listRuns } from './run-pointer.ts'
export { pythonJson } from './python-json.ts'
