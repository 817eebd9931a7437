import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Navigate } from '@tanstack/react-router'
import { AdministratorsPage } from './administrators-page.tsx'
import { AuditPage } from './audit-page.tsx'
import { isName, readAuditSearch } from './audit.ts'
import { Frame } from './frame.tsx'
import { NotFoundPage } from './not-found-page.tsx'
import { OverridesPage } from './overrides-page.tsx'
import { PluginPage } from './plugin-page.tsx'
import { PluginsPage } from './plugins-page.tsx'
import { ProblemNotice } from './problem-notice.tsx'
import { SettingsPage } from './settings-page.tsx'
import { StoragePage } from './storage-page.tsx'
import { TrustPage } from './trust-page.tsx'

const asError = (thrown: unknown): Error => (thrown instanceof Error ? thrown : new Error(String(thrown)))

const root = createRootRoute({ component: Frame, notFoundComponent: NotFoundPage })
const getParentRoute = () => root

const home = createRoute({ getParentRoute, path: '/', component: () => <Navigate to="/plugins" replace /> })
const plugins = createRoute({ getParentRoute, path: '/plugins', component: PluginsPage })
const plugin = createRoute({ getParentRoute, path: '/plugins/$id', component: PluginPage })
const settings = createRoute({
  getParentRoute,
  path: '/plugins/$id/settings',
  component: SettingsPage,
  validateSearch: ({ environment }): { environment?: string } =>
    isName(environment) ? { environment: String(environment) } : {},
})
const overrides = createRoute({
  getParentRoute,
  path: '/overrides',
  component: OverridesPage,
  validateSearch: ({ plugin: id, finding }): { plugin?: string; finding?: string } => ({
    ...(isName(id) ? { plugin: String(id) } : {}),
    ...(isName(finding) ? { finding: String(finding) } : {}),
  }),
})
const trust = createRoute({ getParentRoute, path: '/trust', component: TrustPage })
const storage = createRoute({ getParentRoute, path: '/storage', component: StoragePage })
const administrators = createRoute({ getParentRoute, path: '/administrators', component: AdministratorsPage })
const audit = createRoute({ getParentRoute, path: '/audit', component: AuditPage, validateSearch: readAuditSearch })
const map = createRoute({
  getParentRoute,
  path: '/map',
  component: lazyRouteComponent(() => import('./map-page.tsx'), 'MapPage'),
  validateSearch: ({ node }): { node?: string } => (typeof node === 'string' ? { node } : {}),
})

export const router = createRouter({
  routeTree: root.addChildren([home, plugins, plugin, settings, overrides, trust, storage, administrators, audit, map]),
  basepath: '/ui',
  defaultErrorComponent: ({ error }) => <ProblemNotice problem={asError(error)} onRetry={() => location.reload()} />,
  defaultPreload: 'intent',
  scrollRestoration: true,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
