/** Small shapes that the pictures share. Plain SVG without letters, so that no font is needed. */

export const picture = (width: number, height: number, ...parts: string[]) =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" aria-hidden="true">${parts.join('')}</svg>`

export const ground = (fill: string) => `<rect width="100%" height="100%" fill="${fill}"/>`

export const shape = (path: string, fill: string) => `<path d="${path}" fill="${fill}"/>`

export const line = (path: string, stroke: string, width = 6) =>
  `<path d="${path}" fill="none" stroke="${stroke}" stroke-width="${width}" stroke-linecap="round" stroke-linejoin="round"/>`

export const disc = (x: number, y: number, radius: number, fill: string) =>
  `<circle cx="${x}" cy="${y}" r="${radius}" fill="${fill}"/>`

export const placed = (x: number, y: number, scale: number, ...parts: string[]) =>
  `<g transform="translate(${x} ${y}) scale(${scale})">${parts.join('')}</g>`

type Place = [x: number, y: number, scale: number]

export const each = (places: Place[], draw: (...place: Place) => string) =>
  places.map((place) => draw(...place)).join('')

/** A star of four rays. */
export const star = (x: number, y: number, scale: number, fill: string) =>
  placed(x, y, scale, shape('M0 -20 Q3 -3 20 0 Q3 3 0 20 Q-3 3 -20 0 Q-3 -3 0 -20z', fill))

/** A fir whose foot is at x, y. */
export const fir = (x: number, y: number, scale: number, fill: string, trunk: string, snow = '') =>
  placed(
    x,
    y,
    scale,
    shape('M-9 -30h18v30h-18z', trunk),
    shape('M0 -230 L48 -150 H24 L66 -84 H34 L84 -20 H-84 L-34 -84 H-66 L-24 -150 H-48z', fill),
    snow && shape('M0 -230 L30 -180 Q14 -192 2 -178 Q-12 -194 -30 -180z', snow),
    snow && shape('M24 -150 L47 -114 Q34 -128 20 -112 Q8 -130 -6 -112 Q-24 -128 -47 -114 L-24 -150z', snow),
    snow && shape('M34 -84 L58 -53 Q44 -66 28 -50 Q12 -68 -4 -50 Q-26 -68 -58 -53 L-34 -84z', snow),
  )

export const bird = (x: number, y: number, scale: number, fill: string) =>
  placed(x, y, scale, shape('M-90 0 Q-40 -60 0 0 Q40 -60 90 0 Q45 -20 0 40 Q-45 -20 -90 0z', fill))

/** Waves from edge to edge of a picture 600 wide, filled down to its foot. */
export const water = (y: number, fill: string, shift = 0) =>
  shape(
    `M${-150 - shift} ${y} q75 -34 150 0 t150 0 t150 0 t150 0 t150 0 t150 0 t150 0 V1000 H${-150 - shift}z`,
    fill,
  )
