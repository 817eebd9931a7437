import type { Capability, Description, Digest, TenonError } from '@tenon/contract'

/** Only what is active takes part. What did not start is quarantined, until it is enabled again or updated. */
export type PluginStatus = 'registered' | 'active' | 'disabled' | 'quarantined'

/** Where the host knows a plugin from: it registered itself, or it is installed in the workspace. */
export type Origin = 'registered' | 'installed'

export type PluginRecord = {
  id: string
  description: Description
  origin: Origin
  status: PluginStatus
  registeredAt: string
  /** Of a plugin that registered itself: the id of the one token that is good. */
  tokenId: string | undefined
  /** Where the operator says a remote plugin answers. */
  address: string | undefined
  /** Why it is disabled or quarantined. */
  statusReason: string | undefined
}

/** A plugin as the workspace has it installed, opened and verified. */
export type InstalledPlugin = {
  description: Description
  manifestDigest: Digest
  signer: Digest
  /** What certification checked and found, by the signer's word. */
  gates: readonly { gate: string; checked: number; problems: number }[]
  /** JavaScript of each code file, as verified: a node plugin's entry, a map plugin's extensions. */
  modules: readonly Uint8Array[]
  /** A file of the bundle, as verified. */
  file(path: string): Uint8Array | undefined
}

export type Installations = {
  /** All that is installed, also what cannot be read and is missing from `list`. */
  ids(): readonly string[]
  list(): readonly InstalledPlugin[]
  get(id: string): InstalledPlugin | undefined
  /** What the workspace grants, and this machine has accepted. */
  granted(id: string): readonly Capability[]
  /**
   * Checks anew, before code of the plugin runs, that it is what was installed, byte for byte, and signed by a key that
   * is trusted here, whether by the word of an operator of this machine or only of a registry; throws when it is not. The
   * findings are what else speaks against running it.
   */
  verify(id: string): Promise<{ plugin: InstalledPlugin; byOperator: boolean; findings: readonly TenonError[] }>
}

/** Whether plugin code of this kind runs in a sandbox of ours. */
export const isContained = (description: Description): boolean => description.runtime.kind !== 'remote'
