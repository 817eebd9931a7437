export { newPlugin } from './scaffold/new-plugin.ts'
export { SCAFFOLD_KINDS, type ScaffoldKind } from './scaffold/starting-spec.ts'
export { skeletonsOf, TEMPLATE } from './scaffold/skeletons.ts'
export { derive, deriveFiles, deriveFolder, driftDiffs, driftOf, isAdoptable } from './derive/derive.ts'
export { addOperation, type NewOperation } from './operations/add-operation.ts'
export { removeOperation } from './operations/remove-operation.ts'
export { renameOperation } from './operations/rename-operation.ts'
export { writeDocs } from './docs/plugin-docs.ts'
export type { Mention } from './operations/mentions.ts'
export type { TextFile } from './folder/text-file.ts'
export { policiesFor, validateFolder, validatePlugin, type GateReport, type Validation } from './gates/validate.ts'
export { bumpPlugin, type Bumped } from './contract/bump-plugin.ts'
export { diffContracts, type ContractDiff, type PluginVersion } from './contract/contract-diff.ts'
export { contractOf } from './contract/plugin-contract.ts'
export {
  committedPath,
  readRelease,
  relevantReleases,
  releasedVersions,
  type Release,
} from './contract/releases.ts'
export { builtPlugin, packPlugin, writePacked, type BuiltPlugin, type PackedPlugin } from './pack/pack.ts'
export {
  committedFolder,
  folderOf,
  readPluginFolder,
  requireSpec,
  specOf,
  type PluginFolder,
} from './folder/plugin-folder.ts'
export { committedPolicies, readPolicies, requirePolicies, type Policies } from './policy/policies.ts'
export { readPack, type PolicyPack } from './policy/policy-pack.ts'
export { policySnapshot, type PolicySnapshot } from './policy/policy-snapshot.ts'
export { explainPolicy, type PolicyExplanation } from './policy/explain.ts'
export { policyImpact, type PolicyImpact } from './policy/impact.ts'
export { probesOf } from './derive/healthcheck.ts'
export { validateRepository, type RepositoryValidation } from './repository/validate-repository.ts'
export { sarifOf } from './gates/sarif.ts'
export { newCards, type MadeCards } from './identity/new-cards.ts'
export { seal, type Sealed } from './identity/seal.ts'
export { registryDrift, sealedIdentities, writeRegistry } from './identity/sealed.ts'
export { makeTags, pushTags } from './identity/tags.ts'
export { codeModules } from './pack/module-bundle.ts'
export { laidOut } from './conformance/candidate.ts'
export { shownOf } from './conformance/scene.ts'
export { checkBehavior } from './conformance/behavior.ts'
export { checkerVersions } from './conformance/installed-packages.ts'
export { checkTypes } from './conformance/types.ts'
export { checkLint } from './conformance/lint.ts'
export { checkFixtures } from './conformance/fixtures.ts'
export { runOn, type Ground } from './conformance/ground.ts'
export { checkUnitTests } from './conformance/unit-tests.ts'
export { TEST_GATES, worst, type TestGate, type TestOutcome, type Verdict } from './conformance/gate.ts'
export type {
  Candidate,
  DatasetScene,
  HostScene,
  HttpScene,
  OpenScene,
  Published,
  Scene,
} from './conformance/scene.ts'
export { checkPerf, type Baseline } from './conformance/perf.ts'
export { folderAtMergeBase } from './conformance/merge-base.ts'
export { judgeTrials, type Trial, type Trials } from './conformance/perf-judgement.ts'
export { STEP_WORDS } from './conformance/step-words.ts'
export { STEPS } from './conformance/steps.ts'
export { guardChange, guardState, type GuardReport } from './guard/guard.ts'
export { guardOfBase, type GuardVerdict } from './guard/guard-of-base.ts'
export { initRepository, repositoryDrift } from './guard/init-repository.ts'
export { guardText } from './guard/guard-file.ts'
export { TOOLKIT } from './guard/toolkit-version.ts'
export { certified, certifiedGate, reportOf, type CertifiedGate } from './certify/certification.ts'
export { checkLedger } from './certify/ledger-gate.ts'
export { checkStart } from './certify/start.ts'
export { verifyCertified, type CertifiedFiles, type NamedBytes, type Verification } from './certify/verify.ts'
export { lyingFiles } from './identity/identity-store.ts'
