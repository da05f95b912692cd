import sharp from 'sharp'
import type { Manuscript } from './manuscript.ts'

/** Flat shapes on a 600 × 900 ground; no letters, so that no font is needed. */
const motifs: Record<string, (figure: string, ground: string) => string> = {
  forest: (f, g) =>
    `<circle cx="430" cy="200" r="70" fill="${f}"/>` +
    [
      [170, 640, 1.5],
      [440, 620, 1.4],
      [300, 740, 1.9],
      [90, 790, 1.5],
      [510, 800, 1.6],
    ]
      .map(
        ([x, y, s]) =>
          `<path transform="translate(${x} ${y}) scale(${s})" d="M0 -230 L48 -150 H24 L66 -84 H34 L84 -20 H12 V10 H-12 V-20 H-84 L-34 -84 H-66 L-24 -150 H-48z" fill="${f}" stroke="${g}" stroke-width="6" stroke-linejoin="round"/>`,
      )
      .join('') +
    `<path d="M0 800 q150 -50 300 -10 t300 -10 v120 h-600z" fill="${f}"/>`,
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
    `<path d="M110 300 L210 430 L310 310 L420 420 L490 250" fill="none" stroke="${f}" stroke-width="5" opacity=".6"/>` +
    [
      [110, 300, 2.2],
      [210, 430, 1.8],
      [310, 310, 2.6],
      [420, 420, 1.9],
      [490, 250, 2.4],
      [190, 160, 1],
      [370, 150, 1.2],
      [110, 560, 1],
      [320, 560, 1.3],
      [500, 590, 1],
    ]
      .map(
        ([x, y, s]) =>
          `<path transform="translate(${x} ${y}) scale(${s})" d="M0 -20 Q3 -3 20 0 Q3 3 0 20 Q-3 3 -20 0 Q-3 -3 0 -20z" fill="${f}"/>`,
      )
      .join('') +
    `<path d="M0 900 V780 Q300 600 600 780 V900z" fill="${f}"/>`,
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
    `<path d="M100 460 L300 260 L500 460 V780 H100z" fill="${f}"/><rect x="250" y="600" width="100" height="180" fill="${g}"/><rect x="160" y="500" width="80" height="80" fill="${g}"/><rect x="360" y="500" width="80" height="80" fill="${g}"/><path d="M410 250 h56 v182 l-56 -50z" fill="${f}"/><path d="M440 220 q-40 -40 0 -70 t0 -60" fill="none" stroke="${f}" stroke-width="16" stroke-linecap="round" opacity=".6"/><rect x="28" y="780" width="544" height="10" fill="${f}"/>`,
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
    `<path d="M130 260 q170 -60 340 0 v200 q-20 220 -170 260 q-150 -40 -170 -260z" fill="${f}"/><path d="M300 215 q90 0 170 45 v200 q-20 220 -170 260z" fill="${g}" opacity=".55"/><path d="M180 400 q55 -50 100 10 q-55 40 -100 -10z M320 410 q45 -60 100 -10 q-45 50 -100 10z" fill="${g}"/><path d="M200 596 q90 -10 200 -64" fill="none" stroke="${g}" stroke-width="14" stroke-linecap="round"/><path d="M232 572 v40 M278 562 v40 M324 546 v40 M366 528 v40" stroke="${g}" stroke-width="8" stroke-linecap="round"/>`,
  clock: (f, g) =>
    `<path d="M170 420 L300 250 L430 420z" fill="${f}"/><rect x="190" y="420" width="220" height="452" fill="${f}"/><circle cx="300" cy="520" r="84" fill="${g}"/><path d="M300 520 V460 M300 520 L342 544" stroke="${f}" stroke-width="14" stroke-linecap="round"/><path d="M262 650 h76 v76 h-76z M262 790 q38 -60 76 0 v82 h-76z" fill="${g}"/><rect x="262" y="722" width="250" height="12" fill="${f}"/>` +
    `<path d="M424 690 L372 716 L380 692z M474 660 h34 l-34 14z" fill="${f}"/><ellipse cx="438" cy="692" rx="36" ry="26" fill="${f}"/><circle cx="462" cy="664" r="20" fill="${f}"/><circle cx="467" cy="660" r="4" fill="${g}"/><path d="M432 714 v14 M446 714 v14" stroke="${f}" stroke-width="5"/>` +
    [
      [130, 240, 0.5],
      [470, 180, 0.6],
      [110, 480, 0.35],
    ]
      .map(
        ([x, y, s]) =>
          `<path transform="translate(${x} ${y}) scale(${s})" d="M-90 0 Q-40 -60 0 0 Q40 -60 90 0 Q45 -20 0 40 Q-45 -20 -90 0z" fill="${f}"/>`,
      )
      .join(''),
  vane: (f) =>
    `<path d="M292 300 h16 v420 h-16z M90 330 h330 v-38 l90 46 l-90 46 v-38 h-330z M90 300 l60 38 l-60 38z" fill="${f}"/><circle cx="300" cy="280" r="24" fill="${f}"/><circle cx="300" cy="440" r="16" fill="${f}"/><path d="M220 434 h160 v12 h-160z" fill="${f}"/>` +
    `<path d="M130 230 a44 44 0 0 1 30 -84 a62 62 0 0 1 116 -8 a50 50 0 0 1 34 92z" fill="${f}" opacity=".45"/><path d="M60 872 L300 690 L540 872z" fill="${f}"/>` +
    `<path d="M440 480 l-20 60 M490 520 l-20 60 M420 590 l-20 60 M130 480 l-20 60 M180 540 l-20 60 M110 600 l-20 60" stroke="${f}" stroke-width="10" stroke-linecap="round" opacity=".6"/>`,
}

/** The cover as SVG. */
function coverSvg({ cover, colours: [ground, figure] }: Pick<Manuscript, 'cover' | 'colours'>): string {
  const motif = motifs[cover] ?? motifs['lamp']
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 600 900"><rect width="600" height="900" fill="${ground}"/>${motif?.(figure, ground) ?? ''}<rect x="28" y="28" width="544" height="844" fill="none" stroke="${figure}" stroke-width="4" opacity=".5"/></svg>`
}

export const coverJpeg = (manuscript: Manuscript): Promise<Buffer> =>
  sharp(Buffer.from(coverSvg(manuscript)), { density: 72 })
    .resize(600, 900)
    .jpeg({ quality: 82 })
    .toBuffer()
