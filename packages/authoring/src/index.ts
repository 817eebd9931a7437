export { newPlugin, SCAFFOLD_KINDS, type ScaffoldKind } from './scaffold.ts'
export { derive, deriveFiles, driftOf, TEMPLATE, type DerivedFile } from './derive.ts'
export { policiesFor, validatePlugin, type GateReport, type Validation } from './validate.ts'
export { packPlugin, writePacked, type PackedPlugin } from './pack.ts'
export { readPluginFolder, requireSpec, specOf, type PluginFolder } from './plugin-folder.ts'
export {
  POLICY_KEYS,
  policySnapshot,
  readPack,
  readPolicyPacks,
  type PolicyPack,
  type PolicySnapshot,
} from './policy.ts'
export { probesOf, type Probe } from './healthcheck.ts'
