/**
 * What strangers wrote, as the database can keep it: its texts and JSON have no place for NUL, nor for half of a
 * pair of surrogates, which cutting a text may leave.
 */
export function storable<Value>(value: Value): Value {
  if (typeof value === 'string') return value.replaceAll('\0', '').toWellFormed() as Value
  if (Array.isArray(value)) return value.map((each: unknown) => storable(each)) as Value
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, storable(each)])) as Value
}
