import { normalizeTrigger } from '../text/trigger.ts'
import type { Extractor, ExtractorContext } from '../kernel/extension.ts'

const IDENT = '[a-z0-9][a-z0-9_-]*'
const MENTION = new RegExp(`(?<![a-z0-9_@])@${IDENT}(?:[/:]${IDENT})?`, 'gi')
/** A `/` after `<` closes an element of HTML or of a prompt. */
const INVOCATION = new RegExp(`(?<![a-z0-9_/.:?#<])/${IDENT}(?::${IDENT})?`, 'gi')

export const atDirective: Extractor = {
  id: 'at-directive',
  kind: 'extractor',
  version: '1.0.0',
  emitsLinkKinds: ['mentions'],
  defaultConfidence: 'medium',
  scope: 'body',
  extract: (context) => emitTriggers(context, MENTION, 'mentions'),
}

export const slash: Extractor = {
  id: 'slash',
  kind: 'extractor',
  version: '1.0.0',
  emitsLinkKinds: ['invokes'],
  defaultConfidence: 'medium',
  scope: 'body',
  extract: (context) => emitTriggers(context, INVOCATION, 'invokes'),
}

/** One link for each trigger that is not the same as one before. The target stays as it was written. */
function emitTriggers({ prose, emitLink }: ExtractorContext, pattern: RegExp, kind: 'mentions' | 'invokes'): void {
  const seen = new Set<string>()
  for (const [text] of prose.matchAll(pattern)) {
    const normalizedTrigger = normalizeTrigger(text)
    if (seen.has(normalizedTrigger)) continue
    seen.add(normalizedTrigger)
    emitLink({ target: text, kind, trigger: { originalTrigger: text, normalizedTrigger } })
  }
}
