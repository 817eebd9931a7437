import type { Finished } from './draft.ts'
import type { ScanEventData } from './events.ts'

/** Only who asks for its kind has the node of a file read that nobody looked at. */
export const progressOf = (finished: Finished, index: number, cached: boolean): ScanEventData['scan.progress'] => ({
  ...{ index, path: finished.file.path, cached },
  get kind() {
    return finished.node.kind
  },
})
