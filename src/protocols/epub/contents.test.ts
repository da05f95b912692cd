import { describe, expect, it } from 'vitest'
import { parseXml } from '../xml/xml.ts'
import { readContents } from './contents.ts'

const read = (xml: string, name = 'OPS/nav.xhtml') => readContents(parseXml(xml), name)
const entry = (label: string, depth: number, name: string | null, fragment = '') => ({
  label,
  depth,
  name,
  fragment,
})

describe('a table of contents', () => {
  it('of EPUB 3 is the list of the nav that is called toc, nested as deep as it goes', () => {
    const xml = `<html xmlns:epub="http://www.idpf.org/2007/ops"><body>
      <nav epub:type="landmarks"><ol><li><a href="x.xhtml">Cover</a></li></ol></nav>
      <nav epub:type="toc"><h1>Contents</h1><ol>
        <li><a href="text/a.xhtml">Part <i>one</i></a><ol><li><a href="text/a.xhtml#b">Chapter
          one</a></li></ol></li>
        <li><span>Part two</span><ol><li><p><a href="text/c%20d.xhtml#%D0%B0">Chapter two</a></p></li></ol></li>
      </ol></nav></body></html>`
    expect(read(xml)).toEqual([
      entry('Part one', 0, 'OPS/text/a.xhtml'),
      entry('Chapter one', 1, 'OPS/text/a.xhtml', 'b'),
      entry('Part two', 0, null),
      entry('Chapter two', 1, 'OPS/text/c d.xhtml', 'а'),
    ])
  })

  it('of EPUB 2 is the map of the NCX', () => {
    const xml = `<ncx><head/><navMap><navPoint><navLabel><text>One</text></navLabel><content src="a.html"/>
      <navPoint><navLabel><text>Inner</text></navLabel><content src="a.html#i"/></navPoint></navPoint>
      <navPoint><navLabel><text> </text></navLabel><content src="b.html"/></navPoint></navMap></ncx>`
    expect(read(xml, 'toc.ncx')).toEqual([entry('One', 0, 'a.html'), entry('Inner', 1, 'a.html', 'i')])
  })

  it('leads nowhere outside the book', () => {
    const links = [
      'https://elsewhere.test/',
      '../../secret.key',
      'javascript:alert(1)',
      '//elsewhere.test/a',
      '',
    ]
    const items = links.map((link) => `<li><a href="${link}">${link || 'none'}</a></li>`).join('')
    const entries = read(`<html><body><nav><ol>${items}</ol></nav></body></html>`)
    expect(entries).toHaveLength(links.length)
    expect(entries.filter(({ name }) => name !== null)).toEqual([])
  })

  it('is empty when the document has none, and never endless', () => {
    expect(read('<html><body><p>Nothing</p></body></html>')).toEqual([])
    const many = '<li><a href="a.xhtml">A</a></li>'.repeat(6000)
    expect(read(`<html><nav><ol>${many}</ol></nav></html>`)).toHaveLength(5000)
  })
})
