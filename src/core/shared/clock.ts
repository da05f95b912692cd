/** Now, as everything in core asks for it: passed in, so that rules can be tried at any moment. */
export type Clock = () => Date

export const systemClock: Clock = () => new Date()

export const seconds = (count: number) => count * 1000
export const minutes = (count: number) => seconds(count * 60)
export const hours = (count: number) => minutes(count * 60)
export const days = (count: number) => hours(count * 24)

export const after = (moment: Date, milliseconds: number) => new Date(moment.getTime() + milliseconds)
