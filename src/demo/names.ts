import type { SchoolType } from '../base/schoolType.ts';
import { randomStream } from '../stats/randomStream.ts';

/** Stands in every name of a school, trust, authority and region, so that none can be taken for a real one. */
export const mark = '(made-up)';

export function marked(name: string): string {
  return `${name} ${mark}`;
}

// biome-ignore format: a table of words
export const fieldWords = [
  'Larkspur', 'Marram', 'Whimbrel', 'Samphire', 'Dunlin', 'Quillwort', 'Teasel', 'Godwit', 'Saltwort', 'Plover',
  'Bistort', 'Damselfly', 'Sandwort', 'Pipistrelle', 'Harebell', 'Moorhen', 'Sundew', 'Redshank', 'Avocet', 'Natterjack',
  'Tansy', 'Garganey', 'Milkwort', 'Knapweed', 'Dotterel', 'Campion', 'Wheatear', 'Goldcrest', 'Sanderling', 'Eyebright',
  'Turnstone', 'Melilot', 'Chiffchaff', 'Speedwell', 'Fieldfare', 'Yellowrattle', 'Bullfinch', 'Cottongrass', 'Shoveler', 'Cranesbill',
  'Pochard', 'Feverfew', 'Stonechat', 'Pennywort', 'Firecrest', 'Toadflax', 'Sparling', 'Meadowrue', 'Brambling', 'Betony',
  'Goldeneye', 'Centaury', 'Bluethroat', 'Pondweed', 'Ringlet', 'Figwort', 'Skipperling', 'Waxwing', 'Merganser', 'Sandmartin',
] as const;

// biome-ignore format: a table of words
const placeWords = [
  'Hollow', 'Reach', 'Staithe', 'Causeway', 'Lantern', 'Furlong', 'Spinney', 'Windmill', 'Sluice', 'Thicket',
  'Headland', 'Orchard', 'Drove', 'Beacon', 'Saltings', 'Terrace', 'Paddock', 'Lockside', 'Warren', 'Ferry',
  'Stile', 'Ropewalk', 'Dyke', 'Towpath', 'Clearing', 'Sandbar', 'Haystack', 'Lookout', 'Millrace', 'Barrow',
  'Slipway', 'Hurdle', 'Breakwater', 'Copse', 'Tidemill', 'Signal', 'Shingle', 'Marshgate', 'Cobbles', 'Weathervane',
  'Cutting', 'Boathouse', 'Hedgerow', 'Sundial', 'Landing', 'Wharfside', 'Limekiln', 'Maltings', 'Crossways', 'Turnpike',
] as const;

const prefixes = [
  '',
  'Upper',
  'Lower',
  'North',
  'South',
  'East',
  'West',
  'Great',
  'Little',
  'Outer',
  'Inner',
] as const;

// biome-ignore format: a table of words
const townRoots = [
  'Mizzle', 'Kelp', 'Fenn', 'Quill', 'Ebb', 'Plash', 'Orl', 'Zephyr', 'Dunlin', 'Pell',
  'Brack', 'Gannet', 'Shing', 'Ulver', 'Vane', 'Tern', 'Skerry', 'Wrack', 'Lode', 'Thrift',
  'Cockle', 'Drift', 'Haar', 'Murmur', 'Nacre', 'Pintle', 'Rime', 'Squall', 'Tiller', 'Winnow',
] as const;

// biome-ignore format: a table of words
const townEndings = [
  'haven', 'minster', 'mere', 'staithe', 'holt', 'combe', 'fleet', 'stow', 'thwaite', 'wick',
  'bourne', 'moor', 'garth', 'sluice', 'ness', 'market', 'lode', 'reach', 'hythe', 'worthy',
] as const;

const authorityNames = ['Fenmoor', 'Kelpshire', 'Quillmarch', 'Ebbside'] as const;
const authorityEndings = [
  'shore',
  'dale',
  'land',
  'riding',
  'vale',
  'fells',
  'wold',
  'holme',
] as const;

const regionNames = [
  'Shallow Coast',
  'Marram Uplands',
  'Middle Shoals',
  'Outer Banks and Bars',
  'Driftwood North',
  'Lanternlands',
  'Samphire South',
  'Tidewater West',
  'Heron Levels',
] as const;

// biome-ignore format: a table of words
const trustAdjectives = [
  'Lanternlight', 'Weathervane', 'Driftwood', 'Kittiwake', 'Compass Rose', 'Slack Water', 'Tall Ship', 'High Tide', 'Sandglass', 'Plumb Line',
  'Open Ledger', 'Night Heron', 'Paper Boat', 'Wishing Gate', 'Long Furrow', 'Brass Button', 'Seven Sluices', 'Winter Barley', 'Copper Kettle', 'Far Horizon',
] as const;

const trustNouns = [
  'Learning',
  'Schools',
  'Education',
  'Academies',
  'Partnership',
  'Collegiate',
  'Together',
  'United',
] as const;

const typeWords: Record<SchoolType, readonly string[]> = {
  'State-funded primary': [
    'Primary',
    'Primary',
    'Primary',
    'Primary',
    'Primary School',
    'Primary School',
    'Infant School',
    'Junior School',
  ],
  'State-funded secondary': ['High School', 'High School', 'School', 'Academy'],
  Special: ['Special School'],
};

/** How many schools can be named apart. */
export const schoolNameCount = fieldWords.length * placeWords.length * prefixes.length;

/**
 * The name of the `index`-th school of a world: no two alike, in an order that depends on the seed, so that one name
 * needs no knowledge of the others. The plain two-word names come first.
 */
export function schoolName(
  seed: number | string,
  index: number,
  schoolType: SchoolType,
  style: number,
): string {
  const pairs = fieldWords.length * placeWords.length;
  const offset = randomStream(seed, 'names').integer(pairs);
  // 1,283 has no factor in common with the number of pairs: every pair comes once before any comes again.
  const pair = (offset + (index % pairs) * 1283) % pairs;
  const prefix = prefixes[Math.floor(index / pairs)];
  if (prefix === undefined) throw new Error(`no name for school ${index} of ${schoolNameCount}`);
  const field = fieldWords[pair % fieldWords.length];
  const place = placeWords[Math.floor(pair / fieldWords.length)];
  const words = typeWords[schoolType];
  const typeWord = words[Math.floor(style * words.length)];
  return marked([prefix, field, place, typeWord].filter(Boolean).join(' '));
}

/** Towns are not marked (a school's own name is); none is the name of a real town. */
export function townName(index: number): string {
  const pairs = townRoots.length * townEndings.length;
  const pair = ((index % pairs) * 77) % pairs;
  const prefix = prefixes[Math.floor(index / pairs) % prefixes.length];
  const root = townRoots[pair % townRoots.length] ?? '';
  const ending = townEndings[Math.floor(pair / townRoots.length)] ?? '';
  return [prefix, root + ending].filter(Boolean).join(' ');
}

export function authorityName(index: number): string {
  const given = authorityNames[index];
  if (given) return marked(given);
  const root = townRoots[(index * 7) % townRoots.length] ?? '';
  const ending =
    authorityEndings[Math.floor(index / townRoots.length) % authorityEndings.length] ?? '';
  return marked(root + ending);
}

export const regionCount = regionNames.length;

export function regionName(index: number): string {
  return marked(regionNames[index % regionNames.length] ?? '');
}

export function trustName(index: number): string {
  const adjective = trustAdjectives[index % trustAdjectives.length] ?? '';
  const round = Math.floor(index / trustAdjectives.length);
  const noun = trustNouns[round % trustNouns.length] ?? '';
  const number = Math.floor(round / trustNouns.length);
  const suffix = number === 0 ? '' : ` ${number + 1}`;
  return marked(`${adjective} ${noun} Trust${suffix}`);
}
