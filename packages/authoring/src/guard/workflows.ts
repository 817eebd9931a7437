import { TOOLKIT } from './toolkit-version.ts'

const NOTE = '# Written by "tenon repo init", never edited.\n'
const CHECKOUT = 'actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2'
const NODE = 'actions/setup-node@49933ea5288caeca8642d1e84afbd3f7d6820020 # v4.4.0'
const UPLOAD = 'actions/upload-artifact@ea165f8d65b6e75b540449e92b4886f43607fa02 # v4.6.2'
const UPLOAD_PAGES = 'actions/upload-pages-artifact@56afc609e74202658d3ffba0e8f6dda462b719fa # v3.0.1'
const DEPLOY_PAGES = 'actions/deploy-pages@d6db90164ac5ed86f2b6aed7e0febac5b3c0c03e # v4.0.5'

/** Before the checkout, so that nothing of what is checked out says where programs come from. */
const TENON = `      - uses: ${NODE}
        with:
          node-version: 24
      - run: npm install --global @tenon/cli@${TOOLKIT}`

/**
 * For "pull_request_target" the workflow is that of the base, so that a change cannot take its own guard out of it. Nothing
 * of the change is run: what merging it gives is read by a program of this version, and held to the guard of the base.
 */
export const guardWorkflow = `${NOTE}name: id-guard
on:
  pull_request_target:
    branches: [main]
permissions:
  contents: read
jobs:
  guard:
    runs-on: ubuntu-24.04
    steps:
${TENON}
      - uses: ${CHECKOUT}
        with:
          ref: refs/pull/\${{ github.event.number }}/merge
          fetch-depth: 0
          persist-credentials: false
      - run: tenon ids guard --base HEAD^1
      - run: tenon plugin validate .
`

export const postMergeWorkflow = `${NOTE}name: id-post-merge
on:
  push:
    branches: [main]
permissions:
  contents: write
concurrency:
  group: id-post-merge
  cancel-in-progress: false
jobs:
  seal:
    runs-on: ubuntu-24.04
    steps:
${TENON}
      - uses: ${CHECKOUT}
        with:
          ref: main
          fetch-depth: 0
      - name: Seal what was merged
        env:
          TENON_LEDGER_KEY: \${{ secrets.TENON_LEDGER_KEY }}
        run: |
          tenon ids seal --key /dev/stdin <<< "$TENON_LEDGER_KEY"
          tenon ids registry
          git config user.name id-post-merge
          git config user.email id-post-merge@localhost
          git add .ledger ids/registry.yaml
          git diff --cached --quiet || git commit --message "Seal what was merged"
          git push origin HEAD:main
          tenon ids tag --push
          tenon ids guard --merged
`

/** What a workflow pushes starts no other by itself, so that a release follows the end of the sealing. */
export const releaseWorkflow = `${NOTE}name: id-release
on:
  workflow_run:
    workflows: [id-post-merge]
    types: [completed]
  workflow_dispatch:
permissions:
  contents: read
concurrency:
  group: id-release
  cancel-in-progress: false
jobs:
  release:
    if: github.event_name == 'workflow_dispatch' || github.event.workflow_run.conclusion == 'success'
    runs-on: ubuntu-24.04
    permissions:
      contents: read
      pages: write
      id-token: write
    environment: github-pages
    steps:
${TENON}
      - uses: ${CHECKOUT}
        with:
          ref: main
          fetch-depth: 0
          persist-credentials: false
      - run: tenon ids guard --merged
      - name: Pack every plugin
        run: |
          for plugin in plugins/*; do
            tenon plugin pack "$plugin" --out packed
          done
      - uses: ${UPLOAD}
        with:
          name: packed
          path: packed
      - name: Write a page for each plugin
        run: tenon plugin docs plugins/* --out site
      - uses: ${UPLOAD_PAGES}
        with:
          path: site
      - uses: ${DEPLOY_PAGES}
`
