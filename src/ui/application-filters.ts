/** The filters above the list of questionnaires, in the order of a day's work. */
export const applicationFilters = ['sent', 'returned', 'registered', 'refused', 'withdrawn', 'all'] as const
