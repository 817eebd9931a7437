import { type ReactNode, useEffect, useRef } from 'react'

type PageProps = { title: string; heading?: ReactNode; about?: ReactNode; actions?: ReactNode; children: ReactNode }

let pagesShown = 0

/** A page with its heading. Moving to another page puts the focus on its heading, as a page load would. */
export function Page({ title, heading = title, about, actions, children }: PageProps): ReactNode {
  const ref = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    if (pagesShown > 0) ref.current?.focus({ preventScroll: true })
    pagesShown += 1
  }, [])
  return (
    <>
      <title>{`${title} · Tenon`}</title>
      <div className="page-head">
        <div>
          <h1 ref={ref} tabIndex={-1}>
            {heading}
          </h1>
          {about && <p className="dimmed">{about}</p>}
        </div>
        {actions !== undefined && <div className="page-actions">{actions}</div>}
      </div>
      {children}
    </>
  )
}
