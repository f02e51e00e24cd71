/**
 * How England’s registers are written, as a few numbers a phase (primary, secondary, special): fitted roughly to the
 * department’s figures for 2024/25 by reason. Shares of children or of sessions as each name says.
 */
export const habits = {
  /** Shares of children in Years 1 to 11. */
  moves: 0.022,
  leaves: 0.01,
  joins: 0.012,
  dual: 0.0015,
  /** Of the children beside the common run, the least share of sessions missed. */
  severeFrom: 0.35,
  /** Below 1 for more near the top. */
  severeShape: 0.6,
  /** Share of spells without leave, of a child away for 8 % of sessions; it grows with absence. */
  unauthorised: [0.17, 0.225, 0.13],
  unauthorisedGrows: 0.4,
  /** Share of spells without leave that begin with N. */
  noReasonYet: [0.13, 0.045, 0.045],
  /** Reasons of authorised spells; what is left over is interviews. */
  authorisedSpells: [
    { ill: 0.87, exceptionalLeave: 0.092, suspended: 0.012, travelling: 0.006, medical: 0.014 },
    { ill: 0.805, exceptionalLeave: 0.098, suspended: 0.07, travelling: 0.002, medical: 0.02 },
    { ill: 0.68, exceptionalLeave: 0.24, suspended: 0.026, travelling: 0.002, medical: 0.05 },
  ],
  /** Share of children who go on holiday in term time. */
  holidays: [0.23, 0.135, 0.18],
  festivals: 0.85,
  /** Shares of children with some days of K a week and with a day of B a week; with C2, times their absence. */
  authorityProvision: [0.0001, 0.0008, 0.0027],
  offSite: [0.012, 0.015, 0.045],
  partTime: [0.17, 0.27, 0.75],
  secondTripPercent: [55, 70, 15],
  /** Shares of sessions of an ordinary child. */
  late: [0.0235, 0.05, 0.012],
  lateAfterClose: [0.0051, 0.0066, 0.0048],
  medical: [0.0028, 0.0034, 0.0072],
  sport: [0.0018, 0.003, 0.001],
  fridayAfternoons: 0.009,
} as const;
