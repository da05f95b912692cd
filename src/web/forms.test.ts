import { describe, expect, it } from 'vitest'
import { formValues } from './forms.ts'

describe('a form', () => {
  it('brings its text fields, without the signs that the database has no place for', async () => {
    const body = new FormData()
    body.set('note', 'к\0 лету')
    body.set('file', new Blob(['x']), 'x.png')
    const request = new Request('http://library.test/staff/cards', { method: 'POST', body })
    expect(await formValues(request)).toEqual({ note: 'к лету' })
  })
})
