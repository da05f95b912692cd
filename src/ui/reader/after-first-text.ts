/** What reading needs, but not the first text: fetched after it. */
export { default as AfterFirstText } from './AfterFirstText.svelte'
export { ReadingOn } from './reading-on.svelte.ts'
