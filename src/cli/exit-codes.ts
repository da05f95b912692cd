/** The command was not understood; its line says what it needs. */
export const badUsage = 2
