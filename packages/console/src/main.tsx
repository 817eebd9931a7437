import { MantineProvider } from '@mantine/core'
import { QueryClientProvider } from '@tanstack/react-query'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import { newQueryClient } from './query-client.ts'
import { signInFromAddress } from './session.ts'
import { theme } from './theme.ts'
import './styles.ts'

const root = document.getElementById('root')
if (root === null) throw new Error('the page has no root element')

const refused = await signInFromAddress()
// A token may also be put into the address of a console that is already open.
addEventListener('hashchange', () => {
  if (location.hash.startsWith('#token=')) location.reload()
})

createRoot(root).render(
  <MantineProvider theme={theme} defaultColorScheme="auto" withCssVariables={false} withGlobalClasses={false}>
    <QueryClientProvider client={newQueryClient()}>
      <App refused={refused} />
    </QueryClientProvider>
  </MantineProvider>,
)
