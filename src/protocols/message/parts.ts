/** 3GPP TS 23.038 §6.2.1: the GSM 7-bit default alphabet, and what takes two septets of it (§6.2.1.1). */
const basic = new Set(
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà',
)
const extended = new Set('\f^{}\\[~]|€')

/** Units of one SMS alone, and of each part of several: the rest is what joins them (3GPP TS 23.040 §9.2.3.24). */
const gsm7 = { alone: 160, joined: 153 }
const ucs2 = { alone: 70, joined: 67 }

/** How many SMS a text takes, each of which is paid for. An empty text takes one. */
export function smsParts(text: string): number {
  const signs = [...text]
  const isGsm = signs.every((sign) => basic.has(sign) || extended.has(sign))
  const { alone, joined } = isGsm ? gsm7 : ucs2
  const sizes = signs.map((sign) => (isGsm ? (extended.has(sign) ? 2 : 1) : sign.length))
  if (sizes.reduce((sum, size) => sum + size, 0) <= alone) return 1
  let parts = 1
  let room = joined
  // A sign of two units is never cut in two.
  for (const size of sizes) {
    if (size > room) {
      parts += 1
      room = joined
    }
    room -= size
  }
  return parts
}
