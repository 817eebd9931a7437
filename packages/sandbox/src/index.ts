export {
  BY_NAME_ONLY,
  chooseLevel,
  hasOwnRoot,
  LEVELS,
  type AvailableLevel,
  type Guarantee,
  type Level,
  type LevelProbe,
  type LevelReport,
} from './level.ts'
export { levelProbe, probeLevels } from './probe.ts'
export { standbyOf, type Standby } from './standby.ts'
export {
  startPlugin,
  type CallOptions,
  type PluginCode,
  type PluginOrder,
  type PluginProcess,
} from './plugin-process.ts'
export {
  explainJob,
  runJob,
  type Command,
  type HostWords,
  type JobOrder,
  type JobProfile,
  type JobReport,
  type PythonFunction,
} from './job.ts'
export type { Streams } from './supervise.ts'
export type { HandlerContext, Handlers, Take } from './channel.ts'
export { handedOver } from './handed-over.ts'
export type { LogStream, OnLog } from './bounded-log.ts'
export type { EndReason, EndReport, Usage } from './end-report.ts'
export type { Limits } from './limits.ts'
export { WORKSPACE_TARGET, type Mount } from './mount.ts'
