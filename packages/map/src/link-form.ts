import type { Link } from './graph-schema.ts'

/** A link as `issueForm` has an issue. */
export function linkForm({ source, target, kind, confidence, sources, trigger, location, raw }: Link): Link {
  return {
    source: source.toWellFormed(),
    target: target.toWellFormed(),
    kind,
    confidence,
    sources,
    ...(trigger ? { trigger: triggerForm(trigger) } : {}),
    ...(location ? { location: locationForm(location) } : {}),
    ...(typeof raw === 'string' ? { raw: raw.toWellFormed() } : {}),
  }
}

type Trigger = NonNullable<Link['trigger']>
type Location = NonNullable<Link['location']>

const triggerForm = ({ originalTrigger, normalizedTrigger }: Trigger): Trigger => ({
  originalTrigger: originalTrigger.toWellFormed(),
  normalizedTrigger: normalizedTrigger.toWellFormed(),
})

const locationForm = ({ line, column, offset }: Location): Location => ({
  line,
  ...(column === undefined ? {} : { column }),
  ...(offset === undefined ? {} : { offset }),
})
