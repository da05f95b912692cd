/** The few signs of the bars, drawn here: before the first text every kilobyte counts. After Lucide (ISC). */
export const signs = {
  back: 'm12 19-7-7 7-7M19 12H5',
  contents: 'M3 5h.01M3 12h.01M3 19h.01M8 5h13M8 12h13M8 19h13',
  looks: 'M12 4v16M4 7V5a1 1 0 0 1 1-1h14a1 1 0 0 1 1 1v2M9 20h6',
  left: 'm15 18-6-6 6-6',
  right: 'm9 18 6-6-6-6',
  undo: 'M9 14 4 9l5-5M4 9h10.5a5.5 5.5 0 0 1 0 11H11',
}
