import { spacedCardNumber } from '../cards/cards.ts'
import { russianDate } from './page.ts'
import type { SlipFacts } from './slip.ts'
import { askText, goneText, providerSteps } from './slip.ts'

/** What stands on a narrow slip, from top to bottom. */
export type Block =
  | { kind: 'text'; text: string; points: number; face: 'regular' | 'medium' | 'bold'; centred?: boolean }
  | { kind: 'barcode' }
  | { kind: 'qr' }
  | { kind: 'gap' }

/** The slip in one column: for a receipt printer, and as a picture. */
export function slipBlocks(slip: SlipFacts): Block[] {
  const { library, provider } = slip
  const text = (words: string, points = 9, face: 'regular' | 'medium' | 'bold' = 'regular'): Block => ({
    kind: 'text',
    text: words,
    points,
    face,
  })
  const centred = (words: string, points: number): Block => ({
    kind: 'text',
    text: words,
    points,
    face: 'bold',
    centred: true,
  })
  const gap: Block = { kind: 'gap' }
  const ofProvider = provider
    ? [
        gap,
        text(provider.name, 10, 'bold'),
        ...(provider.address ? [text(provider.address)] : []),
        ...provider.apps.map((app) => text(app)),
        text(`Номер: ${provider.number}`),
        text(`Пароль: ${provider.password ?? askText}`),
        text('Там тоже выберите «Войти с читательским билетом».'),
      ]
    : []
  const contacts = [library.name, library.address].filter(Boolean).map((line) => text(line))
  const head = [
    text([slip.regionName, library.name].filter(Boolean).join(' · '), 8),
    text('Памятка читателя', 15, 'bold'),
    text(slip.readerName, 11, 'medium'),
    gap,
  ]
  const end = [
    gap,
    text('Если что-то не получается', 10, 'bold'),
    ...contacts,
    ...(library.phone ? [text(library.phone, 10, 'medium')] : []),
    text(`Напечатано ${russianDate(slip.printedOn)}`, 7),
  ]
  if (provider && !slip.ownFund)
    return [
      ...head,
      text(provider.name, 10, 'bold'),
      text('Номер читательского билета'),
      centred(provider.number, 20),
      text('Пароль'),
      provider.password === undefined ? text(askText, 10, 'medium') : centred(provider.password, 20),
      text('Никому не показывайте пароль', 8),
      gap,
      ...providerSteps(provider).flatMap((step, index) => [
        text(`${index + 1}. ${step.text}`),
        ...(step.strong ?? '')
          .split('\n')
          .filter(Boolean)
          .map((line) => text(line, 9, 'medium')),
      ]),
      ...end,
    ]
  return [
    ...head,
    text('Номер читательского билета'),
    centred(spacedCardNumber(slip.cardNumber), 15),
    { kind: 'barcode' },
    gap,
    text('Пароль'),
    slip.password === undefined ? text(goneText, 10, 'medium') : centred(slip.password, 20),
    text('Никому не показывайте пароль', 8),
    gap,
    { kind: 'qr' },
    text(`1. Наведите камеру на код или откройте ${slip.origin}`),
    text('2. Нажмите «Войти с читательским билетом», введите номер и пароль.'),
    text('3. Выберите книгу, нажмите «Взять», потом «Читать». Это бесплатно.'),
    ...ofProvider,
    ...end,
  ]
}
