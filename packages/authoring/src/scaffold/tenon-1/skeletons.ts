import type { PluginSpec } from '@tenon/contract'
import type { TextFile } from '../../folder/text-file.ts'
import { mapFiles } from './map.ts'
import { nodeFiles } from './node.ts'
import { pythonFiles } from './python.ts'
import { remoteFiles } from './remote.ts'

/** What the template `tenon@1` wrote for a spec. It stays as it was: an upgrade starts from it. */
export const skeletons = (spec: PluginSpec): TextFile[] => [
  { path: '.gitattributes', text: '* text=auto eol=lf\n' },
  { path: 'CHANGELOG.md', text: `# Changelog\n\n## ${spec.version}\n\nFirst version.\n` },
  { path: 'conformance/behavior/README.md', text: 'Scenarios of what users see, in Gherkin, as `*.feature`.\n' },
  ...laneFiles(spec),
]

function laneFiles(spec: PluginSpec): TextFile[] {
  const { kind } = spec.runtime
  if (kind === 'node') return nodeFiles(spec)
  if (kind === 'python') return pythonFiles(spec)
  if (kind === 'remote') return remoteFiles(spec)
  return kind === 'map' ? mapFiles() : []
}
