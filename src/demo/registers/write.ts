import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import type { Warehouse } from '../../warehouse/index.ts';
import type { MadeUpSchool } from '../school.ts';
import { markLines, pupilLines, pupilTruths } from './registers.sql.ts';
import { parametersOf, tellRolls } from './told.ts';
import type { RegisterYear } from './year.ts';

/** Files without their first line. */
export type RegisterFiles = { pupils: string; marks: string; amendments: string; truth: string };
export type Written = { enrolments: number; marks: number };

/** So many schools at a time: enough for the engine, little enough for memory. */
const schoolsAtOnce = 60;

/** Writes the enrolments, marks and amendments of these schools, and what was built into single children. */
export async function writeRegisters(
  warehouse: Warehouse,
  of: RegisterYear,
  {
    schools,
    files,
    until,
    say,
  }: {
    schools: readonly MadeUpSchool[];
    files: RegisterFiles;
    /** The last day with marks, as days since 1970. */
    until: number;
    say(written: Written): void;
  },
): Promise<Written> {
  const written = { enrolments: 0, marks: 0 };
  const parameters = { ...parametersOf(of), until };
  const pupils = fileOfLines(files.pupils);
  const marks = fileOfLines(files.marks);
  const amendments = fileOfLines(files.amendments);
  const truth = createWriteStream(files.truth);
  for (let at = 0; at < schools.length; at += schoolsAtOnce) {
    await tellRolls(warehouse, of, schools.slice(at, at + schoolsAtOnce));
    for await (const piece of warehouse.stream(pupilLines, parameters)) await pupils.add(piece);
    for await (const piece of warehouse.stream(markLines, parameters)) {
      const [ofMarks, ofAmendments] = bothCells(piece);
      await marks.add(ofMarks);
      await amendments.add(ofAmendments);
    }
    written.enrolments = pupils.lines();
    written.marks = marks.lines();
    for (const each of await warehouse.query(pupilTruths, parameters)) {
      const { kind, urn, laCode, upn, startedOn, endedOn, size } = each;
      truth.write(`${kind},${urn},${laCode},${upn},${startedOn},${endedOn},${size}\n`);
    }
    say(written);
  }
  truth.end();
  await Promise.all([pupils.end(), marks.end(), amendments.end(), finished(truth)]);
  return written;
}

const newLine = 10;
const tab = 9;
const standsForNewLine = 2;
const standsForBackslash = 1;
const backslash = 92;

function fileOfLines(path: string) {
  const file = createWriteStream(path, { highWaterMark: 1 << 22 });
  let lines = 0;
  return {
    lines: () => lines,
    async add(piece: Buffer) {
      for (let at = piece.indexOf(newLine); at >= 0; at = piece.indexOf(newLine, at + 1)) lines++;
      if (piece.length > 0 && !file.write(piece)) await once(file, 'drain');
    },
    async end() {
      file.end();
      await finished(file);
    },
  };
}

/** Takes rows of two cells apart, each a text of many lines, and puts line breaks and backslashes in their places. */
function bothCells(piece: Buffer): [first: Buffer, second: Buffer] {
  const second = Buffer.allocUnsafe(piece.length);
  let ofFirst = 0;
  let ofSecond = 0;
  let isFirst = true;
  for (const byte of piece) {
    if (byte === tab) isFirst = false;
    else if (byte === newLine) isFirst = true;
    else {
      const written =
        byte === standsForNewLine ? newLine : byte === standsForBackslash ? backslash : byte;
      if (isFirst) piece[ofFirst++] = written;
      else second[ofSecond++] = written;
    }
  }
  return [piece.subarray(0, ofFirst), second.subarray(0, ofSecond)];
}
