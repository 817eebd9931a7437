import type { ReactNode } from 'react'

/** The names of a table's columns; what may be done with a row has a column without one. */
export const TableHead = ({ columns, hasActions = false }: { columns: string[]; hasActions?: boolean }): ReactNode => (
  <thead>
    <tr>
      {columns.map((name) => (
        <th key={name} scope="col">
          {name}
        </th>
      ))}
      {hasActions && (
        <th scope="col">
          <span className="visually-hidden">Actions</span>
        </th>
      )}
    </tr>
  </thead>
)
