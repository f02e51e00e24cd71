import { type SchoolType, schoolTypes } from '../base/schoolType.ts';
import { type RandomStream, randomStream } from '../stats/randomStream.ts';
import { authorityName, regionCount, regionName, townName, trustName } from './names.ts';

export type Point = { easting: number; northing: number };

export type Settlement = {
  name: string;
  kind: 'city' | 'town';
  centre: Point;
  /** Metres within which two thirds of its schools lie, along either axis. */
  spread: number;
  /** In standard deviations above the country's mean. */
  deprivation: number;
  /** The number of its postcodes: ZZ`district`. */
  district: number;
};

export type Trust = { uid: number; name: string };

export type Authority = {
  index: number;
  /** Three digits, none of which is in use. */
  laCode: number;
  gssCode: string;
  name: string;
  region: { code: string; name: string };
  /** 2011 rural–urban class of its city: A1 (major conurbation) or C1 (city and town). */
  cityClass: 'A1' | 'C1';
  settlements: readonly Settlement[];
  trusts: readonly Trust[];
  /** Absence above the country's, by type, on the log scale in standard deviations. */
  level: Record<SchoolType, number>;
  /** English as an additional language, in standard deviations above the country's mean. */
  eal: number;
  /** The type of every school, in the order in which they are made. */
  schoolTypes: readonly SchoolType[];
};

/** Enough schools for the demo's four authorities. */
export const demoSchoolCount = 670;

/**
 * The demo's authorities have more secondary schools than a real one, so that four of them are enough for a secondary
 * school to have good matches, and few special schools, so that these have nobody to be compared with.
 */
const demoAuthorities = [
  { schools: 220, secondary: 80, special: 6 },
  { schools: 170, secondary: 60, special: 1 },
  { schools: 150, secondary: 55, special: 1 },
  { schools: 130, secondary: 50, special: 1 },
] as const;

/** LA codes that no authority of England or Wales has, nor the schools abroad. */
const laCodes = [
  ...numbersBetween(990, 999),
  ...numbersBetween(950, 989),
  ...numbersBetween(421, 649),
];

const sideOfACounty = 40_000;
const countySpacing = 46_000;
/** In the North Sea, off the coast of Lincolnshire. */
const firstCounty: Point = { easting: 606_000, northing: 384_000 };
/** North of it, where an England of its full size must lie over land. */
const furtherCounties: Point = { easting: 101_000, northing: 480_000 };
const countiesInARow = 13;

/**
 * Authorities enough for so many schools, the last one cut short. Each is drawn from a stream of its own: more schools do not
 * change the authorities that were there.
 */
export function makeAuthorities(seed: number | string, schools: number): Authority[] {
  const authorities: Authority[] = [];
  let trustsSoFar = 0;
  for (let left = schools; left > 0; ) {
    const authority = makeAuthority(seed, authorities.length, trustsSoFar);
    authorities.push({ ...authority, schoolTypes: authority.schoolTypes.slice(0, left) });
    left -= authority.schoolTypes.length;
    trustsSoFar += authority.trusts.length;
  }
  return authorities;
}

function makeAuthority(seed: number | string, index: number, trustsSoFar: number): Authority {
  const chance = randomStream(seed, 'authority', index);
  const laCode = laCodes[index];
  if (laCode === undefined) throw new Error(`no code for a made-up authority number ${index}`);
  const shape = demoAuthorities[index] ?? drawShape(chance);
  const regionIndex = index < 4 ? Math.floor(index / 2) : Math.floor(index / 2) % regionCount;
  return {
    index,
    laCode,
    gssCode: `E99000${laCode}`,
    name: authorityName(index),
    region: { code: `E9990000${regionIndex + 1}`, name: regionName(regionIndex) },
    cityClass: index % 4 === 3 ? 'A1' : 'C1',
    settlements: makeSettlements(index, chance),
    trusts: makeTrusts(Math.max(2, Math.round((shape.schools * 0.35) / 6)), trustsSoFar),
    level: {
      'State-funded primary': chance.normal(),
      'State-funded secondary': chance.normal(),
      Special: chance.normal(),
    },
    eal: chance.normal() + (index % 4 === 3 ? 0.7 : -0.1),
    schoolTypes: makeSchoolTypes(shape, chance),
  };
}

type Shape = { schools: number; secondary: number; special: number };

function drawShape(chance: RandomStream): Shape {
  const schools = 60 + chance.integer(180);
  return {
    schools,
    secondary: Math.round(0.16 * schools),
    special: Math.round(0.048 * schools),
  };
}

function makeSchoolTypes(shape: Shape, chance: RandomStream): SchoolType[] {
  const [primary, secondary, special] = schoolTypes;
  return chance.shuffled([
    ...Array.from({ length: shape.special }, () => special),
    ...Array.from({ length: shape.secondary }, () => secondary),
    ...Array.from({ length: shape.schools - shape.secondary - shape.special }, () => primary),
  ]);
}

function makeSettlements(index: number, chance: RandomStream): Settlement[] {
  const corner = countyCorner(index);
  return numbersBetween(0, 6).map((place) => ({
    name: townName(index * 7 + place),
    kind: place === 0 ? 'city' : 'town',
    centre: {
      easting: corner.easting + Math.round(sideOfACounty * (0.12 + 0.76 * chance.uniform())),
      northing: corner.northing + Math.round(sideOfACounty * (0.12 + 0.76 * chance.uniform())),
    },
    spread: place === 0 ? 2600 : 900,
    deprivation: 0.5 * chance.normal() + (place === 0 ? 0.3 : -0.05),
    district: 1 + ((index * 7 + place) % 98),
  }));
}

/** The first four counties make a square; further ones lie in rows, all within the National Grid. */
function countyCorner(index: number): Point {
  const isFirst = index < 4;
  const start = isFirst ? firstCounty : furtherCounties;
  const place = isFirst ? index : index - 4;
  const columns = isFirst ? 2 : countiesInARow;
  return {
    easting: start.easting + (place % columns) * countySpacing,
    northing: start.northing + Math.floor(place / columns) * countySpacing,
  };
}

function makeTrusts(count: number, sofar: number): Trust[] {
  return numbersBetween(sofar, sofar + count - 1).map((index) => ({
    uid: 990_001 + index,
    name: trustName(index),
  }));
}

/** A point of the county, for a school in a village. */
export function pointInCounty(index: number, chance: RandomStream): Point {
  const corner = countyCorner(index);
  return {
    easting: corner.easting + chance.integer(sideOfACounty),
    northing: corner.northing + chance.integer(sideOfACounty),
  };
}

function numbersBetween(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, step) => first + step);
}
