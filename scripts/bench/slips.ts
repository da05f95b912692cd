import { renderSlip } from '../../src/core/papers/slip.ts'
import { cardOf } from './large-region.ts'
import { pace } from './load.ts'
import type { Row } from './rows.ts'
import { figure } from './rows.ts'

export async function slipRows(): Promise<Row[]> {
  const slip = (n: number) =>
    renderSlip({
      origin: 'https://library.example',
      regionName: 'Костромская область',
      library: {
        name: 'Буйская районная библиотека',
        address: 'г. Буй, ул. Библиотечная, 1',
        phone: '+7 494 000-00-08',
      },
      readerName: 'Громова Алёна Игоревна',
      cardNumber: cardOf(n),
      password: 'acdek234',
      ownFund: true,
      provider: {
        apps: [],
        instructions: '',
        name: 'Внешняя библиотека',
        address: 'https://biblio.example',
        number: '90011223',
        password: 'x',
      },
      printedOn: '2026-11-24',
    })
  await pace({ lanes: 1, milliseconds: 500 }, slip)
  const { perSecond } = await pace({ lanes: 1, milliseconds: 3000 }, slip)
  return [
    { what: 'slips', measured: `${figure(perSecond)}/s`, how: 'PDF, one after the other, in one process' },
  ]
}
