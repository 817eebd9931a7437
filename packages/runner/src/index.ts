export { runPlugin, type Run, type RunOrder, type RunPorts } from './run.ts'
export { runRecordSchema, type RunRecord } from './run-record.ts'
export { listRuns, listSnapshots, pruneRuns, runSnapshot, writeSnapshot, type RunFacts } from './run-snapshot.ts'
export { pythonJson } from './python-json.ts'
