/** What reading needs, but not the first text: fetched after it. */
export { default as AfterFirstText } from './AfterFirstText.svelte'
export { createPositionKeeper } from './position-keeper.ts'
export { untilDue } from './until-due.ts'
