import adapter from '@sveltejs/adapter-node'
import { paraglideVitePlugin } from '@inlang/paraglide-js'
import { sveltekit } from '@sveltejs/kit/vite'
import type { Plugin } from 'vite'
import { defineConfig } from 'vite'

/**
 * The reading engine is made of custom elements and can't even be imported outside a browser. Imported
 * statically it is fetched together with its page, which saves a slow line a round trip; so the server's
 * bundle gets an empty one.
 */
const engineInBrowserOnly: Plugin = {
  name: 'engine-in-browser-only',
  load: {
    order: 'pre',
    handler(id, options) {
      if (options?.ssr && id.endsWith('/src/ui/reader/engine.ts')) return 'export const openBook = undefined'
      return undefined
    },
  },
}

/**
 * SvelteKit waits for the error page's code before it brings any page to life, but doesn't name it in the page:
 * a round trip more until the first text of a book. As a part of the app's own entry it comes with the rest.
 */
const errorPageWithApp: Plugin = {
  name: 'error-page-with-app',
  applyToEnvironment: (environment) => environment.name === 'client',
  transform: {
    filter: { id: /\/client-optimized\/app\.js$/ },
    handler(code) {
      const lazy = "() => import('./nodes/1')"
      if (!code.includes(lazy)) throw new Error('SvelteKit names the error page in another way now')
      return `import * as errorPage from './nodes/1'\n${code.replace(lazy, '() => Promise.resolve(errorPage)')}`
    },
  },
}

/**
 * What every page needs of Svelte and SvelteKit is one file, in which it compresses better than in twenty; lists,
 * bound fields and forms are files of their own, which a book's first text doesn't wait for.
 */
const neededByEveryPage = (id: string): boolean => frameworks.test(id) && !neededBySome.test(id)
const frameworks =
  /\/(svelte\/src|devalue\/src|kit\/src\/(exports\/internal|messages|utils|runtime))\/|\/paraglide\/runtime\.js$|vite\/preload-helper/
// SvelteKit looks for its two entries as files of their own.
const neededBySome =
  /\/client\/(client-)?entry\.js$|\/app\/forms\/|\/blocks\/(each|key|html|svelte-element)\.js$|\/bindings\/(?!this|shared)|\/(legacy|stores)\//

export default defineConfig({
  // The oldest browsers that district libraries and readers still use: Windows 7, old iPhones.
  build: {
    target: ['chrome109', 'firefox115', 'safari16'],
    cssTarget: ['chrome109', 'firefox115', 'safari16'],
  },
  environments: {
    client: {
      build: {
        rolldownOptions: {
          output: { codeSplitting: { groups: [{ name: 'every-page', test: neededByEveryPage }] } },
          // Svelte doesn't say so itself: without it each page gets all of Svelte that any page uses.
          treeshake: {
            moduleSideEffects: [{ test: /\/svelte\/src\/internal\/client\//, sideEffects: false }],
          },
        },
      },
    },
  },
  plugins: [
    engineInBrowserOnly,
    errorPageWithApp,
    paraglideVitePlugin({
      project: './project.inlang',
      outdir: './src/paraglide',
      strategy: ['cookie', 'baseLocale'],
      cookieName: 'language',
    }),
    sveltekit({
      adapter: adapter({ precompress: true }),
      compilerOptions: { runes: true, discloseVersion: false },
      // Nonces for what SvelteKit inlines; 'self' for its modules. The reading page has a policy of its own.
      csp: {
        mode: 'nonce',
        directives: {
          'default-src': ['none'],
          'script-src': ['self'],
          'style-src': ['self', 'unsafe-inline'],
          'img-src': ['self', 'data:'],
          'font-src': ['self'],
          'connect-src': ['self'],
          'manifest-src': ['self'],
          'worker-src': ['self'],
          'form-action': ['self'],
          'frame-ancestors': ['none'],
          'base-uri': ['none'],
        },
      },
    }),
  ],
})
