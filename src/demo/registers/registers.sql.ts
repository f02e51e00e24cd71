import { statement } from '../../warehouse/index.ts';
import { absentByEntry, amendmentsByEntry, codesByEntry, entry, possibleByEntry } from './codes.ts';
import { habits } from './habits.ts';
import { meanSpellDays, spellDays, spellKindsFrom } from './spells.ts';

/*
 * The made-up registers are made by the engine itself, out of hashes of (seed, child, day): no number depends on another
 * row, so any part of the country can be made alone, in any order, and is the same every time.
 */

/** What a statement about registers takes: see `rollColumns` and `propensities`. */
export type RegisterParameters = {
  seed: string;
  /** The calendar year in which the school year starts. */
  start: number;
  middles: number[];
  spreads: number[];
  severes: number[];
  from: number;
  to: number;
  forenames: string[];
  surnames: string[];
  /** No enrolment is said to begin before the one day or to go on after the other: a roll of several years has a row for each. */
  rollFrom: number;
  rollTo: number;
};

const columnTypes = {
  urn: 'UInt32',
  origin: 'UInt32',
  incoming: 'UInt8',
  phase: 'UInt8',
  laestab: 'UInt32',
  years: 'Array(UInt8)',
  sizes: 'Array(UInt16)',
  fsm: 'Float64',
  support: 'Float64',
  plan: 'Float64',
  eal: 'Float64',
  girls: 'Float64',
  level: 'Float64',
  days: 'Array(UInt16)',
  dates: 'Array(String)',
  weights: 'Array(Float32)',
  drift: 'Array(Float32)',
  illness: 'Array(Float32)',
  flu: 'Array(Float32)',
  edges: 'Array(UInt8)',
  closed: 'Array(UInt8)',
  silentFrom: 'UInt16',
  silentTo: 'UInt16',
  holidays: 'Float64',
  swapFrom: 'UInt16',
  swapShare: 'Float64',
  editFrom: 'UInt16',
  editShare: 'Float64',
  offRolled: 'Float64',
  gone: 'UInt16',
  study: 'UInt16',
  named: 'String',
  declining: 'Float64',
  declineTimes: 'Float64',
} as const;

/** A number from 0 up to 1 that belongs to the child and the word. */
const chance = (word: string) => `(cityHash64(child, '${word}') / 18446744073709551616)`;
const pick = (word: string, below: string) => `(cityHash64(child, '${word}') % (${below}))`;
/** The same of what is another in each year, where a child stays who it is. */
const yearly = (word: string) => `(cityHash64(thisYear, '${word}') / 18446744073709551616)`;
const yearlyPick = (word: string, below: string) =>
  `(cityHash64(thisYear, '${word}') % (${below}))`;
/** The year in which a child is what its year group and place make it; in the next, the same child is a year group on. */
const countedFrom = 2025;
const numbers = (values: readonly number[]) => `[${values.join(',')}]`;
/** As one literal: a list of many is analysed item by item, wherever it stands. */
const longNumbers = (values: readonly number[]) => `CAST('[${values.join(',')}]', 'Array(UInt8)')`;
const texts = (values: readonly string[]) => `[${values.map((value) => `'${value}'`).join(',')}]`;
/** One of a few, by phase. */
const byPhase = (values: readonly number[]) => `${numbers(values)}[phase + 1]`;

const day = (text: string) => `toUInt16(toDateOrZero(${text}))`;
/** Where nothing is known of a last day. */
const forEver = 65_535;

/**
 * Each layer’s columns stand on those of the layers before it. Not one statement with names that lean on names: the engine
 * writes each name out again wherever it is used, and would work it out for every session.
 */
function inLayers(from: string, ...layers: string[]): string {
  return layers.reduce((inner, columns) => `SELECT *, ${columns} FROM (${inner})`, from);
}

const columns = Object.entries(columnTypes);
const rollText = columns.map(([column]) => column).join(', ');

/** What the engine is told of each school: kept only while the registers are made. */
export const createRolls = statement<never>(
  'createRolls',
  `CREATE TABLE IF NOT EXISTS made_up_rolls (${columns.map(([column, type]) => `${column} ${type}`).join(', ')})
   ENGINE = Memory`,
);
export const withoutRolls = statement<never>(
  'withoutRolls',
  'DROP TABLE IF EXISTS made_up_rolls SYNC',
);

/** Everybody who stands on a roll for some of the year: one row an enrolment. */
const enrolments =
  inLayers(
    `

    SELECT ${rollText}, firstYear, place.1 AS yearGroup, at + 1 AS slot,
      cityHash64({seed:String}, origin, toUInt8(yearGroup + ${countedFrom} - {start:UInt16}), slot, named) AS child,
      if({start:UInt16} = ${countedFrom}, child, cityHash64(child, {start:UInt16})) AS thisYear
    FROM (
      SELECT ${rollText}, arrayMin(years) AS firstYear, place
      FROM made_up_rolls
      ARRAY JOIN arrayZip(years, sizes) AS place
      WHERE urn BETWEEN {from:UInt32} AND {to:UInt32}
    )
    ARRAY JOIN range(place.2) AS at
  `,
    `splitByChar('|', named) AS own,
    named != '' AS isNamed,
    if(isNamed, own[5], if(${chance('sex')} < girls, 'F', 'M')) AS sex,
    if(isNamed, own[6] = '1', ${chance('fsm')} < fsm) AS isFsm`,
    `${chance('sen')} AS senAt`,
    `multiIf(isNamed, own[7], senAt < plan, 'E', senAt < plan + support * if(isFsm, 1.6, 0.82), 'K', 'N') AS sen,
    if(isNamed, own[8] = '1', ${chance('eal')} < eal) AS isEal`,
    `if(isNamed, own[9], if(isEal,
      ['WOTH', 'APKN', 'ABAN', 'AIND', 'AOTH', 'BAFR', 'CHNE', 'OOTH'][1 + ${pick('ethnicity', '8')}],
      ['WBRI', 'WBRI', 'WBRI', 'WBRI', 'WBRI', 'WBRI', 'WBRI', 'MWBC', 'MOTH', 'BCRB', 'WIRI', 'AIND', 'WBRI', 'WBRI'][1 + ${pick('ethnicity', '14')}]
    )) AS ethnicity,
    {start:UInt16} - 5 - yearGroup AS born,
    if(isNamed, ${day('own[4]')},
      ${day("concat(toString(born), '-09-01')")} + ${pick('birthday', '365')}) AS bornOn,
    /* Moves, leaves, comes late, or is on two rolls: on school days of the middle of the year. */
    ${yearly('path')} AS path,
    yearGroup BETWEEN 1 AND 11 AND NOT isNamed AS mayMove`,
    `mayMove AND path < ${habits.moves} AS isMover,
    mayMove AND path BETWEEN 0.5 AND 0.5 + ${habits.leaves} AS isLeaver,
    mayMove AND path BETWEEN 0.6 AND 0.6 + ${habits.joins} AS isJoiner,
    mayMove AND path BETWEEN 0.7 AND 0.7 + ${habits.dual} AS isDual,
    /* A Friday, from the end of September to the middle of June. */
    ${day("concat(toString({start:UInt16}), '-09-26')")} AS firstSeptember,
    firstSeptember - ((firstSeptember + 3) % 7) + 4 + 7 * ${yearlyPick('week', '37')} AS movesOn,
    ${day("concat(toString({start:UInt16}), '-09-01')")} AS yearStart`,
    `isMover AND incoming = 1 AND ${yearly('declines')} < declining AS declines,
    multiIf(phase = 2, 2, phase) * 44 + isFsm * 22 + (sen != 'N') * 11 + least(11, greatest(1, yearGroup)) AS cell,
    ${chance('spread')} AS u1, ${chance('angle')} AS u2,
    sqrt(-2 * log(1 - u1)) * cos(2 * pi() * u2) AS z`,
    `multiIf(isNamed AND own[12] != '', toFloat64OrZero(own[12]), ${chance('severe')} < {severes:Array(Float64)}[cell],
      ${habits.severeFrom} + (1 - ${habits.severeFrom}) * pow(u1, ${habits.severeShape}),
      exp({middles:Array(Float64)}[cell] + {spreads:Array(Float64)}[cell] * z) * level) AS latent`,
    `/* The share of sessions that spells of absence will take, more or less. */
    least(0.98, greatest(0.0005, latent * if(declines, declineTimes, 1))) AS away`,
    `offRolled > 0 AND yearGroup IN (10, 11) AND away > 0.15 AND NOT isNamed AND ${yearly('off-rolled')} < offRolled AS isOffRolled`,
    `multiIf(isNamed, ${day('own[10]')}, incoming = 1 AND isMover, movesOn + 3, isJoiner, movesOn + 3,
      ${day("concat(toString({start:UInt16} - least(yearGroup - firstYear, 6)), '-09-01')")}) AS entersOn,
    multiIf(isNamed, if(own[11] = '', ${forEver}, ${day('own[11]')}),
      isOffRolled, gone, incoming = 0 AND isMover OR isLeaver, movesOn, ${forEver}) AS leavesOn,
    concat(leftPad(toString(laestab), 7, '0'), leftPad(toString((born + 5) % 100), 2, '0'),
      leftPad(toString(slot), 3, '0')) AS upnRest`,
    `if(isNamed, own[1], concat(substring('ABCDEFGHJKLMNPQRTUVWXYZ', 1 + arraySum((digit, weight) ->
      toUInt32(digit) * weight, splitByString('', upnRest), range(2, 14)) % 23, 1), upnRest)) AS upn`,
  ) + ` WHERE (incoming = 0 OR isMover OR isDual) AND NOT (isOffRolled AND isMover)`;

const bits = (from: number, count: number, of = 'h') =>
  `bitAnd(bitShiftRight(${of}, ${from}), ${2 ** count - 1})`;

/** Spells that begin on so many of the days without one, by how many days a spell has: the share of days away, and back. */
const awayOf = (onset: string) => `(${onset}) * meanDays / (1 + (${onset}) * (meanDays - 1))`;
const onsetOf = (away: string) => `(${away}) / (meanDays - (${away}) * (meanDays - 1))`;

const authorisedCuts = (phase: number) => {
  let sum = 0;
  return Object.values(habits.authorisedSpells[phase] ?? {}).map((share) => (sum += 1024 * share));
};
const authorisedEntries = [
  'ill',
  'exceptionalLeave',
  'suspended',
  'travelling',
  'medical',
] as const;

/** By the tenth of a bit: which reason an authorised spell has, ten bits for each phase. */
const authorisedTable = [0, 1, 2].flatMap((phase) => {
  const cuts = authorisedCuts(phase);
  return Array.from({ length: 256 }, (_, at) => {
    const place = cuts.findIndex((cut) => 4 * at < cut);
    return entry[authorisedEntries[place] ?? 'interview'];
  });
});

/**
 * Each enrolment with its year, two entries a day, in the numbers of `codes.ts`. A day’s hash decides whether a spell of
 * absence begins; `arrayFill` carries the newest spell on, and the child is away until it has run its length.
 */
const registers = inLayers(
  enrolments,
  `arrayEnumerate(days) AS places`,
  `arrayMap(i -> cityHash64(thisYear, i), places) AS hashes,
    away >= ${spellKindsFrom[0]} AS often, away >= ${spellKindsFrom[1]} AS mostly`,
  `toUInt16((often + mostly) * 256 + 1) AS lengthsFrom,
    ${numbers(meanSpellDays)}[1 + often + mostly] AS meanDays`,
  `/* Of a renewal process that is away this share of its days, the chance that a spell begins. */
    16777216. * away / (meanDays - away * (meanDays - 1)) AS begins,
    toUInt16(1024 * least(0.9, ${byPhase(habits.unauthorised)} * pow(away / 0.08, ${habits.unauthorisedGrows}) * if(isFsm, 1.2, 0.85))) AS unauthorised,
    toUInt16(phase * 256 + 1) AS reasonsFrom,
    yearGroup = 11 AS sitsExams,
    if(sitsExams, study, 999) AS studyFrom,
    toUInt16(1024 * ${byPhase(habits.noReasonYet)}) AS noReasonYet,
    /* Of the days on which a child is not away, the share on which a spell begins: where a school drifts, what makes the share of days away so many times what it would be. */
    arrayMap((weight, times) -> if(times = 1, begins * weight, 16777216. * ${onsetOf(`least(0.98, times * ${awayOf('begins * weight / 16777216.')})`)}), weights, drift) AS onsets`,
  `toUInt16(noReasonYet + swapShare * (1024 - noReasonYet)) AS swapped`,
  `arrayFill(spell -> spell != 0, arrayMap((i, h, onset, ill, taken, date) -> if(
        ${bits(0, 24)} < onset + 16777216. * taken,
        toUInt32((toUInt32(i) * 1024
          + if(${bits(0, 24)} < onset,
            if(${bits(54, 1)} = 1, toUInt32(least(${longNumbers(spellDays)}[lengthsFrom + ${bits(44, 8)}], 5 - (date + 3) % 7)), toUInt32(${longNumbers(spellDays)}[lengthsFrom + ${bits(44, 8)}])),
            toUInt32(2 + ${bits(44, 2)}))) * 1024
        + if(${bits(52, 4)} < 3, toUInt32(${bits(52, 2)} % 3), toUInt32(0)) * 64
        + multiIf(
            ${bits(0, 24)} >= onset, ${entry.ill},
            ${bits(24, 10)} * ill >= unauthorised, if(i > studyFrom AND ${bits(40, 3)} > 3, ${entry.studyLeave}, ${longNumbers(authorisedTable)}[reasonsFrom + ${bits(36, 8)}]),
            ${bits(34, 10)} >= noReasonYet AND i >= swapFrom AND ${bits(34, 10)} < swapped, ${entry.illInName},
            ${bits(34, 10)} >= noReasonYet, ${entry.other},
            [${entry.noReasonYet}, ${entry.noReasonYet}, ${entry.noReasonThenIll}, ${entry.noReasonThenOther}][1 + ${bits(44, 2)}])),
        toUInt32(0)),
      places, hashes, onsets, illness, flu, days)) AS spells,
    /* A holiday in term time, before a break or in the middle of nowhere. */
    ${yearly('holiday')} < ${byPhase(habits.holidays)} * holidays * if(isFsm, 0.8, 1.08) AS goesAway,
    if(goesAway, toUInt16(if(${yearly('holiday at')} < least(0.9, 0.4 * holidays), edges[1 + ${yearlyPick('edge', 'length(edges)')}], 5 + ${yearlyPick('holiday day', 'length(days) - 5')})), 0) AS holidayTo`,
  `toInt16(holidayTo) - [2, 3, 4, 4, 5, 5, 5, 7, 8, 10][1 + ${yearlyPick('holiday days', '10')}] AS holidayAfter,
    /* Muslim families at the two Eids and others at their festivals: two days of the school year. */
    ethnicity IN ('APKN', 'ABAN', 'AIND', 'OOTH') AND ${chance('festivals')} < ${habits.festivals} AS keepsFestivals,
    toUInt16(cityHash64({seed:String}, ethnicity, 'first festival') % 80 + 20) AS festival`,
  `arrayMap((i, spell) -> multiIf(
        i <= holidayTo AND i > holidayAfter, ${entry.holiday},
        i < bitShiftRight(spell, 20) + bitAnd(bitShiftRight(spell, 10), 1023), toUInt8(bitAnd(spell, 255)),
        keepsFestivals AND (i = festival OR i = festival + 68), ${entry.religious},
        0), places, spells) AS absences,
    /* What the few are: 1 and 2 on two rolls, 3 with K, 4 with B on Fridays, 5 on a part-time timetable, 6 new to school. */
    ${yearly('kind')} AS kindAt`,
  `toUInt8(multiIf(
      isDual, 1 + incoming,
      kindAt < ${byPhase(habits.authorityProvision)}, 3,
      kindAt < 0.1 AND kindAt > 0.1 - ${byPhase(habits.offSite)}, 4,
      kindAt > 1 - away * ${byPhase(habits.partTime)}, 5,
      yearGroup = 0, 6, 0)) AS kind,
    toUInt16(10 + ${yearlyPick('part-time', '100')}) AS partTimeFrom,
    toUInt16(1 + cityHash64({seed:String}, urn, yearGroup, 'trip') % 186) AS trip,
    toUInt16(if(cityHash64({seed:String}, urn, yearGroup, 'another') % 100 < ${byPhase(habits.secondTripPercent)}, 1 + cityHash64({seed:String}, urn, yearGroup, 'second trip') % 186, 0)) AS secondTrip,
    toUInt16(if(yearGroup = 10 AND phase > 0 AND cityHash64({seed:String}, urn, 'work') % 2 = 0, length(days) - 20, 999)) AS workFrom,
    1048576. * ${byPhase(habits.late)} * least(4, 0.45 + 8 * away) AS late,
    1048576. * ${byPhase(habits.lateAfterClose)} * least(5, 0.1 + 12 * away) AS lateAfter,
    1048576. * ${byPhase(habits.medical)} * least(2.5, 0.6 + 5 * away) AS medical,
    1048576. * ${byPhase(habits.sport)} AS sport,
    toUInt16(1024 * editShare) AS edited`,
  `arrayMap((i, h, absence, date) -> multiIf(
        date < entersOn OR date > leavesOn OR (i >= silentFrom AND i <= silentTo), 0,
        has(closed, i), ${entry.siteClosed},
        kind IN (1, 2) AND ((date + 3) % 7 > 2) = (kind = 1), ${entry.elsewhere},
        absence > 0 AND bitShiftRight(absence, 6) != 2, toUInt8(bitAnd(absence, 63)),
        kind = 3 AND (date + 3) % 7 < 3, ${entry.authorityProvision},
        kind = 4 AND (date + 3) % 7 = 4, ${entry.offSite},
        i = trip OR i = secondTrip, ${entry.visit},
        i >= workFrom AND i < workFrom + 5, ${entry.workExperience},
        ${bits(24, 20)} < lateAfter, if(i >= editFrom AND ${bits(44, 10)} < edited, ${entry.lateAfterCloseEdited}, ${entry.lateAfterClose}),
        ${bits(24, 20)} < lateAfter + late, if(i >= editFrom AND ${bits(44, 10)} < edited, ${entry.lateEdited}, ${entry.late}),
        ${bits(24, 20)} < lateAfter + late + medical, ${entry.medical},
        ${entry.presentMorning}), places, hashes, absences, days) AS mornings,
    arrayMap((i, h, absence, date) -> multiIf(
        date < entersOn OR date > leavesOn OR (i >= silentFrom AND i <= silentTo), 0,
        has(closed, i), ${entry.siteClosed},
        kind IN (1, 2) AND ((date + 3) % 7 > 2) = (kind = 1), ${entry.elsewhere},
        kind = 6 AND i <= 5, ${entry.notRequired},
        absence > 0 AND bitShiftRight(absence, 6) != 1, toUInt8(bitAnd(absence, 63)),
        kind = 5 AND i >= partTimeFrom AND i < partTimeFrom + 60, ${entry.partTime},
        kind = 3 AND (date + 3) % 7 < 3, ${entry.authorityProvision},
        kind = 4 AND (date + 3) % 7 = 4, ${entry.offSite},
        i = trip OR i = secondTrip, ${entry.visit},
        i >= workFrom AND i < workFrom + 5, ${entry.workExperience},
        ${bits(44, 20)} < medical, ${entry.medical},
        ${bits(44, 20)} < medical + late * 0.12, ${entry.late},
        ${bits(44, 20)} < medical + late * 0.12 + sport, ${entry.sport},
        (date + 3) % 7 = 4 AND ${bits(44, 20)} < medical + late * 0.12 + sport + ${Math.round(1048576 * habits.fridayAfternoons)} * least(4, 12 * away), if(${bits(63, 1)} = 1, ${entry.other}, ${entry.exceptionalLeave}),
        ${entry.presentAfternoon}), places, hashes, absences, days) AS afternoons`,
);

/** Whether an entry is among those flagged, as bits of one number: no table is looked up for each session. */
const among = (flags: readonly number[], of: string) => {
  const mask = flags.reduce((sum, flag, at) => sum + flag * 2 ** at, 0);
  return `bitAnd(bitShiftRight(toUInt64(${mask}), ${of}), 1)`;
};

/** Between the lines of one cell: a line break would be written as two characters. */
const lineBreak = '\\x02';
/** In place of the backslash, which would be written twice. */
const backslash = '\\x01';

const dateText = (of: string) => `toString(toDate(${of}))`;

const names = `multiIf(isNamed, own[2], concat({surnames:Array(String)}[1 + ${pick('surname', 'length({surnames:Array(String)})')}], ' (made-up)')) AS surname,
    if(isNamed, own[3], {forenames:Array(String)}[1 + ${pick('forename', 'length({forenames:Array(String)})')}]) AS forename`;

const saidToEnter = 'greatest(entersOn, {rollFrom:UInt16})';
const saidToLeave = 'least(leavesOn, {rollTo:UInt16})';
const standsOnRoll = `${saidToEnter} <= ${saidToLeave}`;

/** One row an enrolment, as `pupils.csv` says it: in the order of the rolls, which only one thread keeps. */
export const pupilLines = statement<{ line: string }, RegisterParameters>(
  'pupilLines',
  `SELECT concat(toString(urn), ',', upn, ',', surname, ',', forename, ',', ${dateText('bornOn')}, ',', sex, ',',
     if(yearGroup = 0, 'R', toString(yearGroup)), ',', if(isFsm, '1', '0'), ',', sen, ',', if(isEal, '1', '0'), ',',
     ethnicity, ',', ${dateText(`toUInt16(${saidToEnter})`)}, ',', if(${saidToLeave} = ${forEver}, '', ${dateText(`toUInt16(${saidToLeave})`)})) AS line
   FROM (${inLayers(enrolments, names)}) WHERE ${standsOnRoll}`,
);

const codeTable = texts(codesByEntry.map((code) => (code === '\\' ? backslash : code)));

const amendedTable = texts(amendmentsByEntry.map((code) => (code === 'present' ? '/' : code)));
const isAmended = amendmentsByEntry.map((code) => (code === '' ? 0 : 1));
/** `entry.1` is the place of the day, 2 its hash, 3 and 4 what morning and afternoon said first. */
const enteredOn = `days[least(entry.1 + 1 + ${bits(56, 2, 'entry.2')}, length(days))]`;
const amended = (session: string, said: string, code: string) =>
  `if(${among(isAmended, said)} = 1, concat(start, dates[entry.1], ',${session},', ${code}, ',', ${dateText(enteredOn)}, '${lineBreak}'), '')`;

/**
 * One row an enrolment: all its lines of `marks.csv`, with stand-ins for line breaks and backslashes, then those of
 * `amendments.csv`. An N gets its reason within five school days; a late arrival is edited as soon.
 */
export const markLines = statement<
  { marks: string; amendments: string },
  RegisterParameters & { until: number }
>(
  'markLines',
  `SELECT arrayStringConcat(arrayMap((morning, afternoon, date, text) -> if(morning = 0 OR date > {until:UInt16}, '', concat(
       start, text, ',AM,', ${codeTable}[morning + 1], '${lineBreak}', start, text, ',PM,', ${codeTable}[afternoon + 1], '${lineBreak}')),
     mornings, afternoons, days, dates)) AS marks,
   arrayStringConcat(arrayMap(entry -> if(${enteredOn} > {until:UInt16}, '', concat(
       ${amended('AM', 'entry.3', `${amendedTable}[entry.3 + 1]`)},
       ${amended('PM', 'entry.4', `replaceOne(${amendedTable}[entry.4 + 1], '/', '${backslash}')`)})),
     arrayFilter(entry -> ${among(isAmended, 'entry.3')} + ${among(isAmended, 'entry.4')} > 0, arrayZip(places, hashes, mornings, afternoons)))) AS amendments
   FROM (${inLayers(registers, `concat(toString(urn), ',', upn, ',') AS start`)})`,
);

/** What was built into single children. */
export const pupilTruths = statement<
  {
    kind: string;
    urn: number;
    laCode: string;
    upn: string;
    startedOn: string;
    endedOn: string;
    size: number;
  },
  RegisterParameters
>(
  'pupilTruths',
  `SELECT if(declines, 'decline-after-move', 'off-rolling') AS kind, urn, upn, toString(intDiv(laestab, 10000)) AS laCode,
     ${dateText('if(declines, entersOn, leavesOn)')} AS startedOn, if(declines, toString(toDate(arrayMax(days))), '') AS endedOn,
     if(declines, declineTimes, away) AS size
   FROM (${enrolments}) WHERE declines OR isOffRolled`,
);

/** What each child tends to: the share of sessions that spells of absence take. */
export const pupilPropensities = statement<
  { urn: number; pupil: string; away: number },
  RegisterParameters & { key0: string; key1: string }
>(
  'pupilPropensities',
  `SELECT urn, toString(sipHash64Keyed((toUInt64OrZero({key0:String}), toUInt64OrZero({key1:String})), upn)) AS pupil, away
   FROM (${enrolments}) WHERE ${standsOnRoll}`,
);

/** The enrolments straight into their table, without names or UPNs. */
export const makeEnrolments = statement<
  never,
  RegisterParameters & { receipt: number; key0: string; key1: string }
>(
  'makeEnrolments',
  `INSERT INTO enrolments (receipt, urn, pupil, entry_date, leaving_date, year_group, sex, fsm, sen, eal, ethnicity, born)
   SELECT {receipt:UInt32}, urn, sipHash64Keyed((toUInt64OrZero({key0:String}), toUInt64OrZero({key1:String})), upn), toDate(toUInt16(${saidToEnter})),
     toDate(toUInt16(${saidToLeave})), yearGroup, sex, isFsm, sen, isEal, ethnicity, toStartOfMonth(toDate(toUInt16(bornOn)))
   FROM (${enrolments}) WHERE ${standsOnRoll}`,
);

/** The marks straight into their table: no file, no UPN. Each is entered on its day. */
export const makeMarks = statement<
  never,
  RegisterParameters & {
    receipt: number;
    key0: string;
    key1: string;
    since: number;
    until: number;
  }
>(
  'makeMarks',
  `INSERT INTO marks (receipt, urn, pupil, date, session, code, entered_at, entry)
   SELECT {receipt:UInt32}, urn, pupil, toDate(mark.1), mark.2, ${texts(codesByEntry.map((code) => code.replace('\\', '\\\\')))}[mark.3 + 1],
     toDateTime(toDate(mark.1), 'UTC') + if(mark.2 = 0, 34200, 48600), 0
   FROM (${inLayers(
     registers,
     `sipHash64Keyed((toUInt64OrZero({key0:String}), toUInt64OrZero({key1:String})), upn) AS pupil,
      arrayConcat(arrayZip(days, arrayMap(d -> toUInt8(0), days), mornings), arrayZip(days, arrayMap(d -> toUInt8(1), days), afternoons)) AS sessions`,
   )})
   ARRAY JOIN sessions AS mark
   WHERE mark.3 > 0 AND mark.1 BETWEEN {since:UInt16} AND {until:UInt16}`,
);

const counted = inLayers(
  registers,
  `arraySum(m -> ${among(possibleByEntry, 'm')}, mornings) + arraySum(m -> ${among(possibleByEntry, 'm')}, afternoons) AS possible,
   arraySum(m -> ${among(absentByEntry, 'm')}, mornings) + arraySum(m -> ${among(absentByEntry, 'm')}, afternoons) AS absent`,
);

/** Enrolments in bands of five points of absence: 0 for under 5 %, 10 for half of all sessions and more. */
export const registerBands = statement<
  { cell: number; band: number; enrolments: number },
  RegisterParameters
>(
  'registerBands',
  `SELECT cell, least(10, intDiv(20 * absent, possible)) AS band, count() AS enrolments
   FROM (${counted}) WHERE possible > 0 AND yearGroup BETWEEN 1 AND 11 GROUP BY cell, band ORDER BY cell, band`,
);

/** Sessions by phase, place in the year and entry, mornings and afternoons apart. */
export const registerEntries = statement<
  { phase: number; date: number; session: number; entry: number; sessions: number },
  RegisterParameters
>(
  'registerEntries',
  `SELECT phase, day.1 AS date, day.2 AS session, day.3 AS entry, count() AS sessions
   FROM (${registers})
   ARRAY JOIN arrayConcat(arrayMap((d, m) -> (d, 0, m), days, mornings), arrayMap((d, m) -> (d, 1, m), days, afternoons)) AS day
   WHERE day.3 > 0 AND yearGroup BETWEEN 1 AND 11 GROUP BY ALL ORDER BY ALL`,
);

/** Sums of each school’s weeks, for judging what is told in the middle of a year. */
export const registerWeeks = statement<
  { urn: number; monday: string; enrolments: number; possible: number; absent: number },
  RegisterParameters
>(
  'registerWeeks',
  `SELECT urn, toString(toMonday(toDate(day.1))) AS monday, uniqExact(upn) AS enrolments,
     sum(day.2) AS possible, sum(day.3) AS absent
   FROM (SELECT urn, upn, arrayJoin(arrayZip(days,
       arrayMap((m, n) -> ${among(possibleByEntry, 'm')} + ${among(possibleByEntry, 'n')}, mornings, afternoons),
       arrayMap((m, n) -> ${among(absentByEntry, 'm')} + ${among(absentByEntry, 'n')}, mornings, afternoons))) AS day
     FROM (${registers}) WHERE yearGroup <= 11)
   GROUP BY urn, monday HAVING possible > 0 ORDER BY urn, monday`,
);
