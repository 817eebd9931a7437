import type { ReactNode } from 'react'
import mark from './mark.svg'

export function Mark(): ReactNode {
  return <img src={mark} alt="" width={24} height={24} />
}
