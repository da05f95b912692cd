import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { expected } from '#core/shared/errors.ts'
import { formValues, takeUpload } from './forms.ts'

describe('a form', () => {
  it('brings its text fields, without the signs that the database has no place for', async () => {
    const body = new FormData()
    body.set('note', 'к\0 лету')
    body.set('file', new Blob(['x']), 'x.png')
    const request = new Request('http://library.test/staff/cards', { method: 'POST', body })
    expect(await formValues(request)).toEqual({ note: 'к лету' })
  })
})

describe('what is no form', () => {
  it.each([
    ['multipart/form-data; boundary=x', 'garbage'],
    ['multipart/form-data', 'garbage'],
    ['text/plain', 'a=b'],
  ])('(%s) is refused as what it is, with and without a file', async (type, body) => {
    const sent = () =>
      new Request('http://library.test/', { method: 'POST', headers: { 'content-type': type }, body })
    const refused = expect.objectContaining({ code: 'shared.unreadable', status: 400 })
    await expect(formValues(sent())).rejects.toEqual(refused)
    await expect(takeUpload(sent(), 'file', async () => 'done')).rejects.toEqual(refused)
  })
})

describe('a form with a file', () => {
  const sent = (districts: string) => {
    const body = new FormData()
    body.set('districts', districts)
    body.set('file', new Blob(['x']), 'x.csv')
    return new Request('http://library.test/staff/setup/libraries', { method: 'POST', body })
  }

  it('that couldn’t be received whole isn’t worked with: the fault stands at the file, the fields come back', async () => {
    let worked = false
    const answer = await takeUpload(sent('я'.repeat(600_000)), 'file', async () => (worked = true))
    expect(answer).toMatchObject({ status: 413, data: { faults: { file: expect.any(String) } } })
    expect(worked).toBe(false)
    expect(answer).toMatchObject({ data: { values: { districts: expect.stringMatching(/^я+$/) } } })
  })

  it('comes back with what was typed and a sentence at its own field on an expected error, and no file stays', async () => {
    let path = ''
    const refused = expected('shared.not_found', 404)
    const answer = await takeUpload(sent('Буй'), 'books', async ({ files: [file] }) => {
      path = file?.path ?? ''
      expect(await readFile(path, 'utf8')).toBe('x')
      throw refused()
    })
    expect(answer).toMatchObject({
      status: 404,
      data: { values: { districts: 'Буй' }, faults: { books: expect.any(String) } },
    })
    await expect(readFile(path)).rejects.toThrow('ENOENT')
  })

  it('lets other errors go on, and no file stays', async () => {
    let path = ''
    const broken = takeUpload(sent(''), 'file', async ({ files: [file] }) => {
      path = file?.path ?? ''
      throw new Error('a bug')
    })
    await expect(broken).rejects.toThrow('a bug')
    await expect(readFile(path)).rejects.toThrow('ENOENT')
  })
})
