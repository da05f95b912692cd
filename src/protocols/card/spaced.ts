import { checksOut } from './check-digits.ts'

export const isEan13 = (text: string): boolean => /^\d{13}$/.test(text) && checksOut('ean13', text)

/** As it is printed and read aloud, in groups of a size that people keep in mind: 2 001 0000 0012 3, KO 0001 23. */
export const spacedCardNumber = (number: string): string =>
  isEan13(number) && number.startsWith('2')
    ? number.replace(/^(\d)(\d{3})(\d{4})(\d{4})(\d)$/, '$1 $2 $3 $4 $5')
    : number.replace(/[A-Z]+(?=\d{3})/g, '$& ').replace(/\d{4}(?=\d{2})/g, '$& ')
