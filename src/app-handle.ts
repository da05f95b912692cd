import type { App } from './app.ts'

const appKey = Symbol.for('smart-library.app')

/**
 * Hands the one app of this process over to the web build, which is a bundle of its own and can't import
 * the instance; a global symbol is the plainest bridge.
 */
export function publishApp(app: App): void {
  ;(globalThis as Record<symbol, unknown>)[appKey] = app
}

export function publishedApp(): App {
  const app = (globalThis as Record<symbol, unknown>)[appKey]
  if (!app) throw new Error('the app is not started')
  return app as App
}
