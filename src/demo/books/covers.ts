import sharp from 'sharp'
import type { Manuscript } from './manuscript.ts'

/** Flat shapes on a 600 × 900 ground; no letters, so that no font is needed. */
const motifs: Record<string, (figure: string, ground: string) => string> = {
  forest: (f) =>
    [90, 210, 330, 450, 540]
      .map(
        (x, i) =>
          `<path d="M${x} ${300 + (i % 2) * 90} l90 240 h-50 l70 190 h-220 l70 -190 h-50z" fill="${f}" opacity="${0.55 + i * 0.1}"/>`,
      )
      .join('') +
    `<circle cx="440" cy="190" r="60" fill="${f}"/><path d="M180 800 q120 -50 240 0 v50 q-120 -50 -240 0z" fill="${f}"/>`,
  river: (f) =>
    [0, 1, 2, 3, 4]
      .map(
        (i) =>
          `<path d="M0 ${420 + i * 90} q150 -70 300 0 t300 0 v34 q-150 70 -300 0 t-300 0z" fill="${f}" opacity="${0.35 + i * 0.15}"/>`,
      )
      .join('') + `<circle cx="420" cy="220" r="85" fill="${f}"/>`,
  snow: (f) =>
    [0, 60, 120]
      .map(
        (a) =>
          `<g transform="rotate(${a} 300 420)" stroke="${f}" stroke-width="22" stroke-linecap="round"><path d="M300 190v460M300 280l-60 -55M300 280l60 -55M300 560l-60 55M300 560l60 55" fill="none"/></g>`,
      )
      .join('') + `<path d="M0 780 q160 -80 320 -20 t280 -20 v160 h-600z" fill="${f}"/>`,
  stars: (f) =>
    [
      [120, 200],
      [300, 130],
      [470, 260],
      [200, 380],
      [410, 470],
      [300, 620],
    ]
      .map(([x, y], i) => `<circle cx="${x}" cy="${y}" r="${16 + (i % 3) * 10}" fill="${f}"/>`)
      .join(''),
  city: (f, g) =>
    [
      [60, 420, 110],
      [180, 300, 120],
      [310, 480, 100],
      [420, 240, 130],
    ]
      .map(([x, y, w]) => `<rect x="${x}" y="${y}" width="${w}" height="${900 - (y ?? 0)}" fill="${f}"/>`)
      .join('') +
    [
      [90, 470],
      [215, 360],
      [215, 450],
      [455, 300],
      [455, 390],
      [340, 540],
    ]
      .map(([x, y]) => `<rect x="${x}" y="${y}" width="44" height="54" fill="${g}"/>`)
      .join(''),
  kitchen: (f, g) =>
    `<path d="M110 520 h380 q0 220 -190 220 t-190 -220z" fill="${f}"/><rect x="80" y="480" width="440" height="44" rx="22" fill="${f}"/>` +
    [220, 300, 380]
      .map(
        (x) =>
          `<path d="M${x} 430 q-40 -60 0 -110 t0 -110" stroke="${f}" stroke-width="20" fill="none" stroke-linecap="round"/>`,
      )
      .join('') +
    `<circle cx="300" cy="610" r="40" fill="${g}"/>`,
  house: (f, g) =>
    `<path d="M100 460 L300 260 L500 460 V780 H100z" fill="${f}"/><rect x="250" y="600" width="100" height="180" fill="${g}"/><rect x="160" y="500" width="80" height="80" fill="${g}"/><rect x="360" y="500" width="80" height="80" fill="${g}"/><rect x="440" y="150" width="50" height="250" fill="${f}" opacity=".6"/>`,
  boat: (f, g) =>
    `<path d="M90 600 h420 l-70 120 h-280z" fill="${f}"/><rect x="190" y="480" width="220" height="110" fill="${f}" opacity=".8"/><rect x="330" y="360" width="60" height="120" fill="${f}"/><circle cx="240" cy="535" r="22" fill="${g}"/><circle cx="300" cy="535" r="22" fill="${g}"/><circle cx="360" cy="535" r="22" fill="${g}"/><path d="M0 760 q75 -40 150 0 t150 0 t150 0 t150 0 v140 h-600z" fill="${f}" opacity=".5"/>`,
  lamp: (f) =>
    `<path d="M200 240 h200 l80 230 h-360z" fill="${f}"/><rect x="286" y="470" width="28" height="250" fill="${f}"/><rect x="190" y="720" width="220" height="34" rx="17" fill="${f}"/><path d="M120 490 L40 800 H560 L480 490z" fill="${f}" opacity=".18"/>`,
  birds: (f) =>
    [
      [150, 260, 1],
      [350, 200, 0.8],
      [250, 420, 1.3],
      [420, 560, 0.9],
      [170, 650, 0.7],
    ]
      .map(
        ([x, y, s]) =>
          `<path transform="translate(${x} ${y}) scale(${s})" d="M-90 0 q50 -60 90 0 q40 -60 90 0 q-45 -20 -90 40 q-45 -60 -90 -40z" fill="${f}"/>`,
      )
      .join(''),
  train: (f, g) =>
    `<rect x="120" y="300" width="360" height="360" rx="60" fill="${f}"/><rect x="170" y="360" width="260" height="120" rx="16" fill="${g}"/><circle cx="200" cy="580" r="30" fill="${g}"/><circle cx="400" cy="580" r="30" fill="${g}"/><path d="M200 660 l-90 200 M400 660 l90 200 M150 770 h300 M120 840 h360" stroke="${f}" stroke-width="20"/>`,
  mask: (f, g) =>
    `<path d="M130 260 q170 -60 340 0 v200 q-20 220 -170 260 q-150 -40 -170 -260z" fill="${f}"/><path d="M190 400 q50 -40 90 0 q-45 40 -90 0z M320 400 q50 -40 90 0 q-45 40 -90 0z M210 560 q90 90 180 0 q-90 30 -180 0z" fill="${g}"/>`,
}

/** The cover as SVG; a picture page of a fixed-layout book uses the same shapes. */
export function coverSvg({
  cover,
  colours: [ground, figure],
}: Pick<Manuscript, 'cover' | 'colours'>): string {
  const motif = motifs[cover] ?? motifs['lamp']
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 600 900"><rect width="600" height="900" fill="${ground}"/>${motif?.(figure, ground) ?? ''}<rect x="28" y="28" width="544" height="844" fill="none" stroke="${figure}" stroke-width="4" opacity=".5"/></svg>`
}

export const coverJpeg = (manuscript: Manuscript): Promise<Buffer> =>
  sharp(Buffer.from(coverSvg(manuscript)), { density: 72 })
    .resize(600, 900)
    .jpeg({ quality: 82 })
    .toBuffer()
