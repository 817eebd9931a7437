import type { World } from '@tenon/contract'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  builtInPlugins,
  openActions,
  type Action,
  type ActionContext,
  type ActionRequest,
  type ExtensionSource,
  type Node,
  type ScanEvent,
} from '@tenon/map'
import { temporaryFolder, wallWorld } from '@tenon/testkit'
import { pluginOf, scanFolder, type Files } from './folder-scan.ts'

export const action = (more: Partial<Action> = {}): Action => ({
  id: 'act',
  kind: 'action',
  version: '1.0.0',
  mode: 'deterministic',
  reportSchemaRef: 'report.schema.json',
  invoke: () => ({ report: { ok: true } }),
  ...more,
})

/** Asks for these changes of the sidecar of its node. */
export const writing = (changes: object | ((context: ActionContext) => object), more: Partial<Action> = {}): Action =>
  action({
    invoke: (_, context) => ({
      report: { ok: true },
      writes: [
        {
          ...{ kind: 'sidecar', path: context.nodeAbsolutePath.replace(/md$/, 'sm') },
          changes: (typeof changes === 'function' ? changes(context) : changes) as Record<string, never>,
        },
      ],
    }),
    ...more,
  })

export type Annotated = {
  folder: string
  node: Node
  events: ScanEvent[]
  act(actionId?: string, more?: Partial<ActionRequest>): ReturnType<ReturnType<typeof openActions>['run']>
  /** The text of a sidecar, undefined when there is none. */
  sidecar(path?: string): string | undefined
}

type AnnotatedOptions = { files?: Files; more?: ExtensionSource[]; time?: Partial<World> }

/** A scanned folder whose node `a.md` actions of the plugin `p` may be run on. */
export async function annotated(
  extensions: object[] = [],
  { files = { 'a.md': 'body' }, more = [], time = {} }: AnnotatedOptions = {},
): Promise<Annotated> {
  const folder = temporaryFolder()
  const { result } = await scanFolder({ folder, files })
  const node = result.nodes.find(({ path }) => path === 'a.md') as Node
  const events: ScanEvent[] = []
  const actions = openActions({
    places: { folders: [folder] },
    world: { ...wallWorld({ cwd: folder }), now: () => Date.UTC(2026, 4, 7, 10), ...time },
    extensions: [...builtInPlugins, ...pluginOf('p', extensions), ...more],
    options: { onEvent: (event) => void events.push(event) },
  })
  return {
    ...{ folder, node, events },
    act: (actionId = 'p/act', rest = {}) => actions.run({ actionId, node, invoker: 'cli', ...rest }),
    sidecar: (path = 'a.sm') => (existsSync(join(folder, path)) ? readFileSync(join(folder, path), 'utf8') : undefined),
  }
}
