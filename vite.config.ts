import adapter from '@sveltejs/adapter-node'
import { paraglideVitePlugin } from '@inlang/paraglide-js'
import { sveltekit } from '@sveltejs/kit/vite'
import { defineConfig } from 'vite'

export default defineConfig({
  // The oldest browsers that district libraries and readers still use: Windows 7, old iPhones.
  build: {
    target: ['chrome109', 'firefox115', 'safari16'],
    cssTarget: ['chrome109', 'firefox115', 'safari16'],
  },
  plugins: [
    paraglideVitePlugin({
      project: './project.inlang',
      outdir: './src/paraglide',
      strategy: ['cookie', 'baseLocale'],
      cookieName: 'language',
    }),
    sveltekit({
      adapter: adapter({ precompress: true }),
      // Nonces for what SvelteKit inlines; 'self' for its modules. Book resources never have a script's type.
      csp: {
        mode: 'nonce',
        directives: {
          'default-src': ['none'],
          'script-src': ['self'],
          'style-src': ['self', 'unsafe-inline'],
          'img-src': ['self', 'data:', 'blob:'],
          'font-src': ['self', 'data:', 'blob:'],
          'connect-src': ['self'],
          'manifest-src': ['self'],
          'worker-src': ['self'],
          'media-src': ['self', 'blob:'],
          'frame-src': ['self', 'blob:'],
          'form-action': ['self'],
          'frame-ancestors': ['none'],
          'base-uri': ['none'],
        },
      },
    }),
  ],
})
