/** +79101234567 → +7 910 123-45-67; numbers of other countries stay as they are. */
export const phoneForPeople = (e164: string): string =>
  e164.replace(/^\+7(\d{3})(\d{3})(\d{2})(\d{2})$/, '+7 $1 $2-$3-$4')
