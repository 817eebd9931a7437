import type { JsonObject } from '@tenon/contract'
import type { ScanResult } from '../graph-schema.ts'
import type { SkipReason } from '../files/read-text.ts'

/** What a scan tells while it runs, and an action when it is done. */
export type ScanEventData = {
  'scan.started': { roots: string[] }
  /** `cached`: nothing had to be found out about it. */
  'scan.progress': { index: number; path: string; kind: string; cached: boolean }
  'scan.skipped': { path: string; reason: SkipReason | 'path-taken' | 'rule-too-long' }
  'extractor.completed': { extractorId: string }
  'rule.completed': { ruleId: string }
  'action.completed': { actionId: string; nodePath: string; report: JsonObject; wrote: boolean }
  'extension.error': { extensionId: string; kind: ExtensionErrorKind; message: string; nodePath?: string }
  'scan.completed': { stats: ScanResult['stats'] }
}

export type ExtensionErrorKind = 'threw' | 'invalid-output' | 'invalid-settings' | 'hook-error'

export type ScanEvent = {
  [Type in keyof ScanEventData]: { type: Type; timestamp: number; data: ScanEventData[Type] }
}[keyof ScanEventData]

export type Tell = <Type extends keyof ScanEventData>(type: Type, data: ScanEventData[Type]) => void
