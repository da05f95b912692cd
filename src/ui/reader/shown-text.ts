/** What a text gets once it is shown; fetched beside it. */
export { listenTo } from './gestures.ts'
export { followLinks } from './links.ts'
export { fitTables } from './tables.ts'
