import { serialDay } from '../../sheet/cells.ts'
import { cell, type Cell } from '../document.ts'

/** Columns that are looked at. */
export const mostColumns = 200

/** A number in a sheet: a day where it is shown as one. */
export function numberCell(
  value: number,
  isDay: boolean,
  from1904: boolean,
  column: number,
  span: number,
): Cell {
  const day = serialDay(value, from1904)
  if (isDay && day) return cell(day, column, span)
  const made = cell(Number.isInteger(value) ? value.toFixed(0) : String(value), column, span)
  // 39877 is 5 March 2009; 31209 may be 3.12.09 typed without dots.
  const typedDay = /^\d?\d(0[1-9]|1[0-2])\d\d$/u.test(made.text)
  return day && Number.isInteger(value) && value > 5000 && value < 60_000 && !typedDay
    ? { ...made, day }
    : made
}
