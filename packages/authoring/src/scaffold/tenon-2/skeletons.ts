import type { PluginSpec } from '@tenon/contract'
import type { TextFile } from '../../folder/text-file.ts'
import { containerFiles } from './container.ts'
import { mapFiles } from '../tenon-1/map.ts'
import { nodeFiles } from './node.ts'
import { pythonFiles } from './python.ts'
import { remoteFiles } from './remote.ts'
import { scanScenario } from './scenarios.ts'

/** What the template `tenon@2` writes for a spec. */
export const skeletons = (spec: PluginSpec): TextFile[] => [
  { path: '.gitattributes', text: '* text=auto eol=lf\n' },
  { path: 'CHANGELOG.md', text: `# Changelog\n\n## ${spec.version}\n\nFirst version.\n` },
  { path: 'conformance/behavior/README.md', text: 'Scenarios of what users see, in Gherkin, as `*.feature`.\n' },
  ...laneFiles(spec),
]

function laneFiles(spec: PluginSpec): TextFile[] {
  const { runtime } = spec
  if (runtime.kind === 'node') return nodeFiles(spec, runtime.entry)
  if (runtime.kind === 'python') return pythonFiles(runtime.entryPoint)
  if (runtime.kind === 'container') return containerFiles()
  return runtime.kind === 'remote' ? remoteFiles(spec) : [...mapFiles(), scanScenario()]
}
