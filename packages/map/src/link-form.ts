import type { Link } from './graph-schema.ts'

/** A link with its keys in one order and without those that say nothing, so that equal links are equal text. */
export function linkForm({ source, target, kind, confidence, sources, trigger, location, raw }: Link): Link {
  return {
    source,
    target,
    kind,
    confidence,
    sources,
    ...(trigger ? { trigger: triggerForm(trigger) } : {}),
    ...(location ? { location: locationForm(location) } : {}),
    ...(typeof raw === 'string' ? { raw } : {}),
  }
}

type Trigger = NonNullable<Link['trigger']>
type Location = NonNullable<Link['location']>

const triggerForm = ({ originalTrigger, normalizedTrigger }: Trigger): Trigger => ({
  originalTrigger,
  normalizedTrigger,
})

const locationForm = ({ line, column, offset }: Location): Location => ({
  line,
  ...(column === undefined ? {} : { column }),
  ...(offset === undefined ? {} : { offset }),
})
