/** The front of a card as it is printed. Millimetres from its top left corner. */
export const cardFront = {
  /** ID-1 of ISO/IEC 7810, which printers call CR80. */
  width: 85.6,
  height: 53.98,
  inset: 5,
  band: { height: 15, colour: '#143845' },
  /** Between the mark and the names beside it. */
  besideMark: 2.7,
  /** Where the mark stands at most. */
  mark: { height: 10, width: 28 },
  bars: { top: 20, height: 17 },
  /** The built-in mark, an open book, as a path with its own origin. */
  book: 'M4.1 1.6C4.1 .4 .3 .2 .3 1.2L.3 7C.3 6 4.1 6.2 4.1 7.4ZM4.7 1.6C4.7 .4 8.5 .2 8.5 1.2L8.5 7C8.5 6 4.7 6.2 4.7 7.4Z',
  bookAt: { x: 5, y: 3.25, width: 8.8 },
} as const

export interface Room {
  width: number
  height: number
}

export interface Frame extends Room {
  x: number
  y: number
}

/** What a mark is seen on: a light ground or a dark one. */
export const grounds = ['light', 'dark'] as const
export type Ground = (typeof grounds)[number]

/** The largest size within a room that keeps a picture's proportions. */
export function within(picture: Room, room: Room): Room {
  const scale = Math.min(room.width / picture.width, room.height / picture.height)
  return { width: picture.width * scale, height: picture.height * scale }
}

/** Of the light field around a mark that isn't seen on the dark band. */
const field = 1

/**
 * Where a card's front has its mark, in the middle of the band's height; a mark for light grounds stands on a
 * field of its own.
 */
export function markOnFront(picture: Room & { ground: Ground }): { mark: Frame; field: Frame | undefined } {
  const size = within(picture, cardFront.mark)
  const mark = { ...size, x: cardFront.inset, y: (cardFront.band.height - size.height) / 2 }
  return { mark, field: picture.ground === 'light' ? around(mark, field) : undefined }
}

export const around = ({ x, y, width, height }: Frame, by: number): Frame => ({
  x: x - by,
  y: y - by,
  width: width + 2 * by,
  height: height + 2 * by,
})
