import { bird, disc, each, fir, ground, line, picture, placed, shape, star, water } from './shapes.ts'

/** The picture is square; the words stand below it. */
const scene = (...parts: string[]) => picture(600, 600, ...parts)

const white = '#ffffff'
const night = '#1d3155'
const ink = '#23405c'
const sunny = '#f7c95c'
const drop = '#4fa9d8'

const openEyes = disc(-9, -3, 4, ink) + disc(9, -3, 4, ink)
const closedEyes = line('M-14 -4 q5 5 10 0 M4 -4 q5 5 10 0', ink, 3)
const smile = line('M-8 7 q8 8 16 0', ink, 3)
const surprise = disc(0, 11, 5, ink)

const rays = [0, 60, 120, 180, 240, 300]
  .map(
    (angle) =>
      `<g transform="rotate(${angle})">${line('M0 -20 V-66 M0 -46 l-15 -14 M0 -46 l15 -14', white, 8)}</g>`,
  )
  .join('')

const flake = (x: number, y: number, scale: number, face = openEyes + smile) =>
  placed(x, y, scale, rays, disc(0, 0, 27, white), face)

const drip = (x: number, y: number, scale: number, mouth = smile) =>
  placed(
    x,
    y,
    scale,
    shape('M0 -56 Q8 -32 24 -14 A33 33 0 1 1 -24 -14 Q-8 -32 0 -56z', white),
    shape('M0 -46 Q8 -28 20 -11 A27 27 0 1 1 -20 -11 Q-8 -28 0 -46z', drop),
    placed(0, 8, 1, openEyes, mouth),
  )

const sister = (x: number, y: number, scale: number) =>
  placed(x, y, scale, `<g opacity=".75">${rays}</g>`, disc(0, 0, 12, white))

const skies = [
  scene(
    ground(night),
    each(
      [
        [80, 90, 1.1],
        [190, 210, 0.7],
        [110, 380, 0.9],
        [260, 70, 0.6],
        [350, 170, 0.8],
        [540, 250, 1],
        [500, 400, 0.6],
        [60, 250, 0.5],
      ],
      (x, y, scale) => star(x, y, scale, '#f3e3a9'),
    ),
    shape('M450 60 A74 74 0 1 0 530 170 A60 60 0 1 1 450 60z', '#f3e3a9'),
    shape('M0 540 q90 -60 180 -20 q60 -60 150 -10 q90 -50 160 10 q60 -20 110 10 V600 H0z', '#34507c'),
    flake(300, 350, 1.9),
  ),
  scene(
    ground('#5d7fa6'),
    line('M-20 140 q150 -90 300 0 t340 -30', '#7f9dbd', 16),
    line('M-20 330 q180 -100 330 0 t320 -20', '#7f9dbd', 16),
    line('M-20 520 q160 -90 310 0 t340 -40', '#7f9dbd', 16),
    each(
      [
        [90, 90, 0.7],
        [500, 100, 0.9],
        [300, 60, 0.5],
        [60, 480, 0.8],
        [520, 500, 0.7],
        [300, 540, 0.6],
        [80, 250, 0.5],
        [540, 250, 0.5],
      ],
      sister,
    ),
    line('M190 330 q55 40 110 -30 q60 70 115 25', white, 7),
    flake(170, 310, 1.1),
    flake(432, 310, 1.1),
    flake(300, 285, 1.5),
  ),
  scene(
    ground('#cfe3ee'),
    disc(470, 120, 52, '#fdf6df'),
    fir(60, 520, 1.6, '#3d6b62', '#5a4636', white),
    fir(560, 520, 1.5, '#3d6b62', '#5a4636', white),
    fir(440, 540, 1.2, '#4f8075', '#5a4636', white),
    fir(250, 560, 2.1, '#2c554e', '#5a4636'),
    shape(
      'M108 386 Q250 340 392 386 Q340 404 316 392 Q290 410 262 392 Q220 412 190 392 Q150 408 108 386z',
      white,
    ),
    shape('M0 520 q150 -50 300 -10 t300 -10 V600 H0z', white),
    flake(262, 300, 1.05, closedEyes + smile),
    line('M330 236 h20 l-20 22 h20 M366 196 h15 l-15 17 h15', ink, 5),
  ),
  scene(
    ground('#fbe7c2'),
    disc(110, 110, 62, sunny),
    line('M110 18 v-20 M202 110 h24 M175 45 l18 -18 M175 175 l18 18 M45 175 l-18 18 M110 202 v22', sunny, 10),
    shape('M190 330 H540 V600 H190z', '#c9714d'),
    shape('M410 140 h56 v120 h-56z', '#8f4a33'),
    shape('M365 130 L590 340 H140z', '#7a4a3c'),
    shape(
      'M365 130 L590 340 H530 Q500 300 470 318 Q440 270 410 282 Q390 230 365 236 Q330 180 365 130z',
      white,
    ),
    shape('M250 400 h80 v84 h-80z M400 400 h80 v84 h-80z', '#ffe9a8'),
    line('M290 400 v84 M250 442 h80 M440 400 v84 M400 442 h80', '#8f4a33', 6),
    shape('M186 340 h14 l-7 40z M226 340 h14 l-7 56z M470 340 h14 l-7 34z M520 340 h14 l-7 50z', '#9fd0ea'),
    shape('M0 560 q120 -40 240 -6 t360 -4 V600 H0z', '#e9f1ea'),
    drip(96, 430, 1.35),
    line('M70 330 q6 -14 2 -26 M122 330 q-6 -14 -2 -26', '#9fb9c4', 5),
  ),
]

const waters = [
  scene(
    ground('#d6ecf2'),
    disc(500, 90, 46, sunny),
    shape('M0 250 q140 -110 290 -30 q140 -100 310 0 V600 H0z', '#9cc48a'),
    shape('M0 360 q200 -90 330 -20 q120 -60 270 0 V600 H0z', '#79ad6b'),
    shape(
      'M300 236 q-60 60 20 110 q110 60 -20 130 Q180 520 150 600 H470 Q430 520 480 470 q90 -90 -40 -160 q-70 -40 -120 -92z',
      drop,
    ),
    line('M330 520 q30 -16 60 0 M250 560 q30 -16 60 0', '#a9d8ee', 6),
    fir(90, 400, 0.8, '#3f7a55', '#5a4636'),
    fir(540, 420, 0.9, '#3f7a55', '#5a4636'),
    fir(170, 380, 0.55, '#3f7a55', '#5a4636'),
    drip(386, 410, 1.15),
  ),
  scene(
    ground('#f6dcc4'),
    shape('M0 330 q120 -50 260 -10 t340 -20 V460 H0z', '#8fb08b'),
    disc(420, 110, 26, white),
    disc(462, 78, 34, white),
    disc(516, 52, 42, white),
    shape('M368 150 h52 v110 h-52z', '#c8412f'),
    shape('M368 178 h52 v22 h-52z', white),
    shape('M220 250 h250 v90 h-250z', '#fff7e6'),
    each(
      [
        [262, 294, 1],
        [322, 294, 1],
        [382, 294, 1],
        [438, 294, 1],
      ],
      (x, y) => disc(x, y, 17, '#3f7d9c'),
    ),
    shape('M150 340 H560 L500 480 H220z', ink),
    line('M168 362 H550', '#f6dcc4', 6),
    water(440, drop),
    water(500, '#3c93c4', 70),
    drip(96, 426, 1.15),
  ),
  scene(
    ground('#bfe3ef'),
    shape('M0 300 H600 V600 H0z', '#2f86b8'),
    water(360, '#3c93c4', 40),
    water(440, drop, 90),
    each(
      [
        [140, 110, 0.9],
        [330, 70, 0.6],
        [470, 160, 1.1],
        [250, 210, 0.7],
      ],
      (x, y, scale) => bird(x, y, scale, white),
    ),
    drip(300, 470, 0.85, surprise),
    water(530, '#6cbde2', 20),
  ),
  scene(
    ground('#fdebc0'),
    `<g stroke="#f7c95c" stroke-width="22" stroke-linecap="round" opacity=".65"><path d="M300 190 V30 M300 190 L120 60 M300 190 L480 60 M300 190 L50 190 M300 190 L550 190"/></g>`,
    disc(300, 190, 104, sunny),
    disc(266, 178, 8, '#8a5a1c') + disc(334, 178, 8, '#8a5a1c'),
    line('M262 210 q38 36 76 0', '#8a5a1c', 7),
    `<path d="M276 290 L324 290 L350 480 L250 480z" fill="#fff6d9" opacity=".8"/>`,
    water(430, '#3c93c4', 30),
    drip(300, 400, 1.25),
    water(490, drop, 80),
    placed(120, 520, 0.9, openEyes, smile),
    placed(480, 530, 0.9, openEyes, smile),
    water(560, '#6cbde2', 10),
  ),
]

/** «Снежинка и море», page by page. */
export const snowflakePictures = [...skies, ...waters]
