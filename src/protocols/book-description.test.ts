import { describe, expect, test } from 'vitest'
import { imageTypeOf, isbnOf, lineOf, paragraphsOf, seriesNumberOf, yearOf } from './book-description.ts'

describe('a book’s words about itself', () => {
  test.each([
    ['1857', 1857],
    ['2012-01-18', 2012],
    ['26.10.2015', 2015],
    ['(1823–1831)', 1823],
    ['12345', null],
    ['', null],
  ])('the date %j lies in the year %s', (date, year) => {
    expect(yearOf(date)).toBe(year)
  })

  test.each([
    ['ISBN 978-5-17-090630-7', '9785170906307'],
    ['urn:isbn:9785170906307', '9785170906307'],
    ['5-02-013850-9, 978-5-17-090630-7', '9785170906307'],
    ['0-8044-2957-Х', '080442957X'],
    ['978-5-17-090630-8', null],
    ['12', null],
  ])('%j holds the ISBN %s', (text, isbn) => {
    expect(isbnOf(text)).toBe(isbn)
  })

  test('a number in a series may have a part behind the point or comma', () => {
    expect(['1', '2.5', '3,1', 'IV', '', '-1'].map(seriesNumberOf)).toEqual([1, 2.5, 3.1, null, null, null])
  })

  test('lines are folded, paragraphs keep their breaks', () => {
    expect(lineOf(' a\n\t b ')).toBe('a b')
    expect(lineOf(' \n')).toBeNull()
    expect(paragraphsOf('\n a  b \n\n c\n')).toBe('a b\nc')
  })

  test('a picture is known by its first bytes', () => {
    const types = [
      '\xff\xd8\xff\xe0',
      '\x89PNG\r\n\x1a\n',
      'GIF89a',
      'RIFF....WEBP',
      '<?xml version="1.0"?> <svg ',
      '<p>',
    ]
    expect(types.map((bytes) => imageTypeOf(Buffer.from(bytes, 'latin1')))).toEqual([
      'image/jpeg',
      'image/png',
      'image/gif',
      'image/webp',
      'image/svg+xml',
      null,
    ])
  })
})
