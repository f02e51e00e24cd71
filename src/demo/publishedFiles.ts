import { aggregateAbsence, schoolAbsence } from './files/absence.ts';
import { census } from './files/census.ts';
import { groupLinks, links, locations } from './files/schools.ts';
import type { MadeUpEngland } from './madeUpEngland.ts';

/** A file as the department publishes it, under a name like the one it has there. */
export type PublishedFile = { name: string; text: string };

/**
 * One after the other, so that a whole England need not be in memory twice. One that would have no rows, as a small
 * England has no schools that changed their URN, is left out: nobody publishes such. `truthFile` is not among them.
 */
export function* publishedFiles(england: MadeUpEngland): Generator<PublishedFile> {
  for (const file of everyFile(england)) if (file.text.trim().includes('\n')) yield file;
}

function* everyFile(england: MadeUpEngland): Generator<PublishedFile> {
  for (const year of england.years) {
    yield { name: `absence_3term_school_${year}.csv`, text: schoolAbsence(england, year) };
  }
  yield {
    name: `absence_3term_nat_reg_la_to_${england.years.at(-1)}.csv`,
    text: aggregateAbsence(england),
  };
  yield {
    name: `england_census__${england.censusIn - 1}-${england.censusIn}.csv`,
    text: census(england),
  };
  yield { name: 'school_locations.csv', text: locations(england) };
  yield { name: 'gias_links.csv', text: links(england) };
  yield { name: 'gias_group_links.csv', text: groupLinks(england) };
}
