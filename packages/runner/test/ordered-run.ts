import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Description, Disk, Json, World } from '@tenon/contract'
import { listRuns, runPlugin, type Run, type RunOrder, type RunRecord } from '@tenon/runner'
import { chooseLevel, levelProbe } from '@tenon/sandbox'
import { collectAudit, nodeDisk, type CollectedAudit } from '@tenon/testkit'

const PYTHON = `import json
import os
import sys
import time


def run(dataset_dir, out_dir, config, *, work_dir=None, dry_run=False):
    for path, text in config.get("write", {"result.txt": "done"}).items():
        target = out_dir / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    print("printed by the plugin", flush=True)
    for statement in config.get("do", []):
        exec(statement, {"dataset": dataset_dir, "out": out_dir, "work": work_dir, "dry_run": dry_run,
                         "os": os, "sys": sys, "time": time, "json": json})
`

/** Where a run of a test keeps its things, and who hears of it. */
export type Stage = {
  home: string
  dataset: string
  out: string
  workspace: string
  audit: CollectedAudit
  run(changes?: Partial<RunOrder> & { disk?: Disk }): Promise<Run>
  list(isLive?: (runId: string) => boolean): Promise<RunRecord[]>
}

let probed: ReturnType<typeof levelProbe> | undefined

/** A Python plugin, a dataset with one file, and an order that succeeds unless it is changed. */
export function stageIn(home: string, world: World): Stage {
  const [dataset, out, workspace] = [join(home, 'dataset'), join(home, 'out'), join(home, 'project')]
  const code = join(home, 'code')
  const stateDir = join(home, 'state')
  for (const folder of [dataset, workspace, stateDir, join(code, 'src/sample')]) mkdirSync(folder, { recursive: true })
  writeFileSync(join(dataset, 'rows.csv'), 'a,b\n1,2\n')
  writeFileSync(join(code, 'src/sample/run.py'), PYTHON)
  const audit = collectAudit()
  const ports = { world, audit, stateDir, workspace, toolchain: { tenon: '0.1.0' } }
  return {
    ...{ home, dataset, out, workspace, audit },
    run: async ({ disk = nodeDisk, ...changes } = {}) => {
      const level = await chooseLevel((probed ??= levelProbe(world)), { required: [], signed: false })
      const order: RunOrder = {
        ...{ runId: world.newId(), traceId: world.newId(), description: describe(), manifestDigest: null, code, level },
        ...{ dataset, out, work: null, config: {}, dryRun: false, configSchema: undefined },
        ...{ signal: new AbortController().signal, policySnapshot: null, retentionDays: null },
        ...changes,
      }
      return runPlugin({ ...ports, disk }, order)
    },
    list: (isLive = () => false) => listRuns(nodeDisk, workspace, isLive),
  }
}

/** The plugin as its spec describes it. */
export const describe = (changes: Partial<Description> = {}): Description => ({
  dialect: 'tenon',
  original: null,
  id: 'sample',
  publisher: 'acme',
  name: 'Sample',
  version: '1.0.0',
  runtime: { kind: 'python', entryPoint: 'sample.run:run' },
  ...changes,
})

export const doing = (...statements: string[]): Json => ({ do: statements })

export function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}
