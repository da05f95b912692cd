import { describe, expect, it } from 'vitest'
import { hashCheaply, hashPassword, verifyNobody, verifyPassword } from './passwords.ts'

/** As the product hashes: tests otherwise do it cheaply. */
async function strongly(password: string): Promise<string> {
  hashCheaply()()
  try {
    return await hashPassword(password)
  } finally {
    hashCheaply()
  }
}

describe('a password', () => {
  it('is kept as an argon2id hash with the memory and passes that OWASP asks for', async () => {
    expect(await strongly('Сирень у крыльца')).toMatch(
      /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[^$]{22}\$[^$]{43}$/,
    )
  })

  it('is hashed with a salt of its own each time', async () => {
    expect(await hashPassword('Сирень')).not.toBe(await hashPassword('Сирень'))
  })

  it('is verified at the cost that its hash says, whatever new ones cost', async () => {
    for (const hash of [await strongly('Сирень'), await hashPassword('Сирень')]) {
      expect(await verifyPassword(hash, 'Сирень')).toBe(true)
      expect(await verifyPassword(hash, 'сирень')).toBe(false)
    }
  })

  it('of nobody is always wrong', async () => {
    expect(await verifyNobody('Сирень')).toBe(false)
  })

  it('that wasn’t kept as a hash is an error, not a wrong password', async () => {
    await expect(verifyPassword('Сирень', 'Сирень')).rejects.toThrow('not an argon2id hash')
  })
})
