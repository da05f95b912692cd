import { bird, disc, each, fir, ground, line, picture, placed, shape, star } from './shapes.ts'

const scene = (...parts: string[]) => picture(600, 400, ...parts)

const dusk = '#1f3d2f'
const glow = '#f3d9a0'
const coat = '#6d6f73'
const dark = '#2b2b30'
const white = '#f7f2e6'

/** Looks to the right; feet at x, y. */
const badger = (x: number, y: number, scale: number) =>
  placed(
    x,
    y,
    scale,
    shape('M-92 -24 Q-112 -30 -116 -48 Q-92 -58 -84 -44z', coat),
    shape('M-96 -6 Q-100 -86 -20 -90 Q50 -88 52 -6z', coat),
    shape('M-78 -10 h30 v14 h-30z M8 -10 h30 v14 h-30z', dark),
    shape('M14 -62 Q20 -112 66 -108 Q96 -102 128 -66 Q96 -40 54 -42 Q22 -42 14 -62z', white),
    shape('M28 -96 Q70 -108 112 -68 Q74 -74 22 -74z', dark),
    disc(38, -106, 12, dark),
    disc(38, -106, 6, white),
    disc(128, -66, 8, dark),
    disc(80, -84, 5, white),
  )

const lamp = (x: number, y: number, scale: number) =>
  placed(
    x,
    y,
    scale,
    `<circle cy="-40" r="130" fill="#f7c95c" opacity=".18"/><circle cy="-40" r="80" fill="#f7c95c" opacity=".25"/>`,
    line('M-22 -72 q22 -44 44 0', '#8a5a1c', 6),
    shape('M-26 -74 h52 l-6 12 h-40z M-30 -8 h60 v12 h-60z', '#8a5a1c'),
    shape('M-22 -62 h44 v54 h-44z', '#fff1c4'),
    shape('M0 -52 q16 20 0 36 q-16 -16 0 -36z', '#f0952f'),
  )

const goose = (x: number, y: number, scale: number) =>
  placed(
    x,
    y,
    scale,
    line('M2 0 V-30', '#d8812f', 6),
    shape('M-70 -60 Q-40 -20 20 -26 Q58 -34 52 -66 Q20 -80 -10 -72 Q-40 -66 -70 -60z', white),
    line('M42 -56 q16 -40 4 -76', white, 18),
    disc(48, -136, 15, white),
    shape('M60 -142 l26 8 l-26 8z', '#d8812f'),
    disc(52, -139, 3, dark),
    shape('M-40 -58 Q-8 -40 26 -56 Q0 -34 -26 -42z', '#cfc8b6'),
  )

/** «Куда уходит день», a picture before each chapter. */
export const badgerPictures = [
  scene(
    ground('#f2b46a'),
    disc(420, 210, 74, '#e8703a'),
    shape('M0 250 q160 -50 320 -10 t280 -20 V400 H0z', '#8a7a45'),
    fir(60, 330, 1.25, dusk, '#3a2a20'),
    fir(170, 320, 1.05, '#2f5a44', '#3a2a20'),
    fir(290, 330, 1.3, dusk, '#3a2a20'),
    fir(540, 330, 1.35, dusk, '#3a2a20'),
    shape('M0 320 h600 v80 h-600z', '#4b5a34'),
    shape(
      'M60 320 h50 l-40 80 h-60z M200 320 h44 l-30 80 h-54z M330 320 h36 l-18 80 h-44z M450 320 h24 l-4 80 h-30z',
      glow,
    ),
    badger(220, 372, 0.85),
  ),
  scene(
    ground('#17231f'),
    shape('M0 330 q150 -30 300 0 t300 -6 V400 H0z', '#24382f'),
    shape('M330 330 Q340 210 430 190 Q520 150 600 190 V400 H330z', '#4a3527'),
    shape('M380 340 Q384 250 450 246 Q516 250 520 340z', '#0f1512'),
    line('M430 196 q-30 -50 -80 -56 M500 172 q0 -60 40 -90', '#4a3527', 18),
    each(
      [
        [60, 90, 0.5],
        [150, 150, 0.35],
        [250, 60, 0.45],
        [310, 190, 0.3],
        [90, 250, 0.35],
        [40, 340, 0.4],
        [300, 300, 0.3],
      ],
      (x, y, scale) => star(x, y, scale, '#e9f59a'),
    ),
    lamp(440, 344, 1),
    badger(200, 356, 0.95),
  ),
  scene(
    ground('#3b4a78'),
    shape('M0 190 h600 v210 h-600z', '#52639a'),
    shape('M0 170 q120 -30 260 -4 t340 -10 V200 H0z', '#26345c'),
    line('M60 240 h120 M260 226 h150 M470 250 h90 M120 290 h70', '#e7a9a4', 8),
    each(
      [
        [420, 60, 0.35],
        [490, 84, 0.35],
        [350, 84, 0.35],
        [560, 110, 0.35],
      ],
      (x, y, scale) => bird(x, y, scale, glow),
    ),
    shape('M0 350 q200 -60 420 -20 q100 10 180 -10 V400 H0z', '#c9b48a'),
    goose(440, 344, 1.15),
    lamp(306, 372, 0.55),
    badger(150, 366, 0.9),
  ),
  scene(
    ground('#fbe3c4'),
    `<rect width="600" height="60" fill="#f2a98f" opacity=".6"/>`,
    disc(500, 130, 50, '#f7c95c'),
    shape('M0 220 q140 -60 300 -10 t300 -20 V400 H0z', '#8fae6e'),
    fir(40, 270, 0.8, '#3f7a55', '#5a4636'),
    fir(570, 260, 0.7, '#3f7a55', '#5a4636'),
    shape('M70 300 Q80 180 190 176 Q300 180 310 300z', '#7a5a3c'),
    shape('M150 300 Q152 226 194 224 Q236 226 238 300z', '#2d2017'),
    shape('M0 296 h600 v104 h-600z', '#79ad6b'),
    shape('M330 330 Q460 290 600 320 V400 H350 Q310 360 330 330z', '#6cbde2'),
    each(
      [
        [332, 346, 17],
        [354, 322, 16],
        [338, 384, 18],
        [320, 366, 15],
        [360, 356, 16],
        [362, 390, 15],
        [386, 312, 14],
        [318, 326, 14],
      ],
      (x, y, radius) => disc(x, y, radius, '#8b8577'),
    ),
    disc(344, 300, 18, '#e8b884'),
    badger(206, 366, 0.85),
  ),
]
