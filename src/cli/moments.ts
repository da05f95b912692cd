const format = {
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  timeZoneName: 'short',
} as const

/** «29 ноября 2026 г. в 21:10 GMT+3». @param timeZone that of this computer when left out */
export const spokenMoment = (moment: Date, timeZone?: string): string =>
  moment.toLocaleString('ru-RU', { ...format, timeZone })
