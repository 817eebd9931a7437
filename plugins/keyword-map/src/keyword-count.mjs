import { proseOf } from './prose.mjs'
import { wordsIn } from './words.mjs'

/** For kernels that do not resolve settings yet; the same as in plugin.json. */
const DEFAULTS = { keywords: ['must', 'never', 'todo'], forbidden: ['tbd'] }

/**
 * Counts keywords, and marks each forbidden word of a node with a link of the node to itself: links are all that a rule
 * gets to see of a body.
 */
export default {
  id: 'keyword-count',
  kind: 'extractor',
  version: '0.1.0',
  description: 'Counts configured keywords in the prose of each node.',
  emitsLinkKinds: ['mentions'],
  defaultConfidence: 'high',
  scope: 'body',
  viewContributions: {
    total: { contract: 'node-counter', icon: '🔑', label: 'keywords', tooltip: 'Keywords in the prose of this node' },
    counts: { contract: 'node-breakdown', label: 'Keywords', emptyText: 'No keyword.' },
  },
  /** A kernel that hands in the prose has blanked the code of the body already. */
  extract({ node, body, prose = proseOf(body), settings, emitLink, emitContribution }) {
    const { keywords, forbidden } = { ...DEFAULTS, ...settings }
    const entries = wordsIn(prose, keywords)
      .filter(({ count }) => count > 0)
      .map(({ word, count }) => ({ label: word, value: count }))
    if (entries.length > 0) {
      emitContribution('total', { value: entries.reduce((sum, { value }) => sum + value, 0) })
      emitContribution('counts', { entries })
    }
    for (const { word, count, line } of wordsIn(prose, forbidden))
      if (count > 0) emitLink({ target: node.path, kind: 'mentions', raw: word, location: { line } })
  },
}
