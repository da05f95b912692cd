import { page } from '../../src/protocols/epub/epub.fixtures.ts'
import type { MadeEpub } from '../../src/protocols/epub/epub.fixtures.ts'

export const hostileText = 'Страшная сказка о книге, которая хотела убежать.'

/** A drawing that runs scripts of both kinds. */
const drawing = (home: string) =>
  `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="40" height="40" onload="fetch('${home}/ran/svg-onload',{mode:'no-cors'})">` +
  `<script>fetch('${home}/ran/svg-script',{mode:'no-cors'})</script><image xlink:href="${home}/left/svg-image"/><rect width="40" height="40"/></svg>`

/** A chapter that tries every way known to act or to call home. @param home the address that it calls */
const chapter = (home: string) =>
  page(
    `<p>${hostileText}</p>` +
      `<script>fetch('${home}/ran/inline',{mode:'no-cors'}); try { top.document.title = 'caught' } catch (e) {}</script>` +
      `<script src="${home}/script.js"></script><script src="../evil.js"></script><script src="../evil.txt"></script>` +
      `<img src="${home}/left/image" alt="" onerror="fetch('${home}/ran/onerror',{mode:'no-cors'})"/>` +
      `<img src="../none.png" alt="" onerror="fetch('${home}/ran/onerror-own',{mode:'no-cors'})" srcset="${home}/left/srcset 2x"/>` +
      `<img src="../evil.svg" alt=""/>${drawing(home)}` +
      `<iframe src="${home}/left/frame"></iframe><iframe src="../evil.html"></iframe><iframe srcdoc="&lt;script&gt;fetch('${home}/ran/srcdoc',{mode:'no-cors'})&lt;/script&gt;"></iframe>` +
      `<object data="../evil.svg" type="image/svg+xml"></object><object data="${home}/left/object"></object><embed src="../evil.svg"/>` +
      `<video src="${home}/left/video" autoplay=""></video><audio src="${home}/left/audio" autoplay=""></audio>` +
      `<p style="background: url(${home}/left/style)">Фон</p>` +
      `<form action="${home}/left/form" method="get"><input name="a" autofocus="" onfocus="fetch('${home}/ran/onfocus',{mode:'no-cors'})"/><button id="send">Отправить</button></form>` +
      `<p><a id="link" href="javascript:fetch('${home}/ran/link',{mode:'no-cors'})">Ссылка</a></p>`,
  ).replace(
    '<title>t</title>',
    `<title>t</title><meta http-equiv="refresh" content="0;url=${home}/left/refresh"/><base href="${home}/left/"/>` +
      `<link rel="prefetch" href="${home}/left/prefetch"/><link rel="preload" as="fetch" href="${home}/left/preload"/>` +
      `<link rel="stylesheet" href="${home}/left/sheet.css"/><link rel="stylesheet" href="../look.css"/>`,
  )

/** Files of the book that a browser could be led to open by their own addresses. */
export const hostileFiles = [
  'OPS/text/one.xhtml',
  'OPS/evil.js',
  'OPS/evil.txt',
  'OPS/evil.html',
  'OPS/evil.svg',
  'OPS/look.css',
  'OPS/mask.png',
  'OPS/book.opf',
] as const

export const hostileBook = (home: string): MadeEpub => ({
  metadata:
    '<dc:title xmlns:dc="http://purl.org/dc/elements/1.1/">Книга-беглец</dc:title><dc:language xmlns:dc="http://purl.org/dc/elements/1.1/">ru</dc:language>',
  manifest: [
    ['js', 'evil.js', 'text/javascript'],
    ['txt', 'evil.txt', 'text/plain'],
    ['html', 'evil.html', 'text/html'],
    ['svg', 'evil.svg', 'image/svg+xml'],
    ['css', 'look.css', 'text/css'],
    ['mask', 'mask.png', 'application/xhtml+xml'],
  ]
    .map(([id, href, type]) => `<item id="${id}" href="${href}" media-type="${type}"/>`)
    .join(''),
  spine: '<spine><itemref idref="c1"/><itemref idref="c2"/></spine>',
  files: {
    'OPS/text/one.xhtml': chapter(home),
    'OPS/text/two more.xhtml': page('<p>Вторая глава, добрая.</p>'),
    'OPS/evil.js': `fetch('${home}/ran/own-js',{mode:'no-cors'})`,
    'OPS/evil.txt': `fetch('${home}/ran/own-txt',{mode:'no-cors'})`,
    'OPS/evil.html': `<!doctype html><title>t</title><script>fetch('${home}/ran/html',{mode:'no-cors'})</script><img src="${home}/left/html-image">`,
    'OPS/evil.svg': drawing(home),
    'OPS/look.css': `@import url("${home}/left/import.css"); @font-face { font-family: x; src: url(${home}/left/font) } p { font-family: x; background-image: url(${home}/left/css) }`,
    'OPS/mask.png': page(`<script>fetch('${home}/ran/mask',{mode:'no-cors'})</script>`),
  },
})
