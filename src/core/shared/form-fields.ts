import { z } from 'zod'

/** A checkbox: browsers send `on` for a ticked one and nothing otherwise. */
export const checkbox = z.preprocess((value) => value === true || value === 'on', z.boolean())
