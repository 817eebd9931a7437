const RULE = 'forbidden-keyword'

/** Warns of each forbidden word that the extractor of this plugin has marked. */
export default {
  id: RULE,
  kind: 'rule',
  version: '0.1.0',
  description: 'Warns when a node uses a forbidden word.',
  emitsRuleIds: [RULE],
  defaultSeverity: 'warn',
  consumes: 'links',
  evaluate({ links }) {
    return links.flatMap((link, index) => (isMark(link) ? [issueOf(link, index)] : []))
  },
}

const isMark = ({ source, target, sources, raw }) =>
  source === target && sources.includes('keyword-count') && typeof raw === 'string'

const issueOf = ({ source, raw, location }, index) => ({
  ruleId: RULE,
  severity: 'warn',
  nodeIds: [source],
  message: `uses the forbidden word "${raw}"`,
  linkIndices: [index],
  data: { word: raw, line: location?.line ?? null },
})
