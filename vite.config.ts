import adapter from '@sveltejs/adapter-node'
import { paraglideVitePlugin } from '@inlang/paraglide-js'
import { sveltekit } from '@sveltejs/kit/vite'
import type { Plugin } from 'vite'
import { defineConfig } from 'vite'

/**
 * The reading engine is made of custom elements and can't even be imported outside a browser. Imported
 * statically it is fetched together with its page, which saves a slow line a round trip; so the server's
 * bundle gets an empty one. And an empty one of what follows the first text: were it in the server's bundle,
 * the page would ask for its styles beside the text.
 */
const inBrowserOnly: Plugin = {
  name: 'in-browser-only',
  load: {
    order: 'pre',
    handler(id, options) {
      if (!options?.ssr) return undefined
      if (id.endsWith('/src/ui/reader/engine.ts')) return 'export const openBook = undefined'
      return id.endsWith('/src/ui/reader/after-first-text.ts') ? 'export {}' : undefined
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
 * What every page needs of Svelte is one file, in which it compresses better than in twenty; lists, bound fields
 * and the like are files of their own, which a book's first text doesn't wait for. Not SvelteKit: it must not run
 * before its own entry has told it where it is.
 */
const neededByEveryPage = (id: string): boolean => svelte.test(id) && !neededBySome.test(id)
const svelte = /\/svelte\/src\/|\/paraglide\/runtime\.js$|vite\/preload-helper/
const neededBySome =
  /\/blocks\/(each|key|html|svelte-element)\.js$|\/bindings\/(?!this|shared)|\/(legacy|stores)\//

/** A text that two pages have in common is no file of its own: the list of files, too, comes before a book's text. */
const sharedTexts = /\/paraglide\/messages\/(?!app_|error_|read_)/

export default defineConfig({
  // The oldest browsers that district libraries and readers still use: Windows 7, old iPhones.
  build: {
    target: ['chrome109', 'firefox115', 'safari16'],
    cssTarget: ['chrome109', 'firefox115', 'safari16'],
    // Every page's list of files comes before a book's first text, and grows with each page that there is: scripts
    // are found by those that import them. What a page is opened with, its head names all the same.
    modulePreload: { resolveDependencies: (_file, files) => files.filter((file) => file.endsWith('.css')) },
  },
  environments: {
    client: {
      build: {
        rolldownOptions: {
          output: {
            codeSplitting: {
              groups: [
                { name: 'every-page', test: neededByEveryPage },
                // With all that it needs: what comes after the first text has some of that in common.
                { name: 'reader', test: /\/reader\/Reader\.svelte$/ },
                {
                  name: 'texts',
                  test: sharedTexts,
                  minShareCount: 2,
                  entriesAware: true,
                  entriesAwareMergeThreshold: 3000,
                },
              ],
            },
          },
          // Svelte doesn't say so itself: without it each page gets all of Svelte that any page uses.
          treeshake: {
            moduleSideEffects: [{ test: /\/svelte\/src\/internal\/client\//, sideEffects: false }],
          },
        },
      },
    },
  },
  plugins: [
    inBrowserOnly,
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
          'object-src': ['none'],
          'frame-ancestors': ['none'],
          'base-uri': ['none'],
        },
      },
    }),
  ],
})
