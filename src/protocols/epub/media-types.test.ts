import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { OCTET_STREAM, mediaTypeFor } from './media-types.ts'

describe('the media type that a resource is served with', () => {
  test.each([
    ['a.xhtml', 'application/xhtml+xml', 'application/xhtml+xml'],
    ['a.html', undefined, 'text/html'],
    ['a.xml', 'application/xhtml+xml', 'application/xhtml+xml'],
    ['style.css', 'text/css; charset=utf-8', 'text/css'],
    ['toc.ncx', 'application/x-dtbncx+xml', 'application/xml'],
    ['book.opf', null, 'application/xml'],
    ['a.JPG', 'image/jpg', 'image/jpeg'],
    ['font', 'application/vnd.ms-opentype', 'font/otf'],
    ['font.woff2', 'application/octet-stream', 'font/woff2'],
    ['cover.svg', 'image/svg+xml', 'image/svg+xml'],
    ['read.mp3', '', 'audio/mpeg'],
  ])('%s declared as %s is %s', (path, declared, expected) => {
    expect(mediaTypeFor(path, declared)).toBe(expected)
  })

  test.each([
    ['a.js', 'text/javascript'],
    ['a.js', 'image/png'],
    ['a.mjs', undefined],
    ['a.png', 'application/javascript'],
    ['a.xhtml', 'text/ecmascript'],
    ['a.css', 'application/x-javascript'],
    ['a', 'text/vbscript'],
    ['a.wasm', 'application/wasm'],
    ['a.pdf', 'application/pdf'],
    ['a.exe', undefined],
    ['constructor', '__proto__'],
  ])('%s declared as %s is nothing but bytes', (path, declared) => {
    expect(mediaTypeFor(path, declared)).toBe(OCTET_STREAM)
  })

  test('is never a script’s, whatever is declared', () => {
    const word = fc.constantFrom(
      'text',
      'application',
      'x-',
      'java',
      'ecma',
      'script',
      '/',
      '.js',
      ';',
      'html',
      'css',
    )
    const text = fc.array(word).map((words) => words.join(''))
    fc.assert(
      fc.property(text, text, (path, declared) => {
        expect(mediaTypeFor(path, declared)).not.toMatch(/script|json|wasm/)
      }),
    )
  })
})
