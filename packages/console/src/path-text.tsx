import { Fragment, type ReactNode } from 'react'

/** A path that breaks between its folders when it is too long for a line. */
export const PathText = ({ path }: { path: string }): ReactNode =>
  path.split('/').map((part, index) => (
    <Fragment key={index}>
      {index > 0 && (
        <>
          /<wbr />
        </>
      )}
      {part}
    </Fragment>
  ))
