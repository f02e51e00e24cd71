const prime = 1_000_003;

/** A number that is the sum of these. */
export type SumOf = { unknowns: readonly string[] };

/** What linear algebra finds: the sums among `sought` that the sums shown determine. */
export function workedOut<Sought extends SumOf>(
  shown: readonly SumOf[],
  sought: readonly Sought[],
  names: readonly string[],
): Sought[] {
  const at = new Map(names.map((name, index) => [name, index]));
  const vector = ({ unknowns }: SumOf) => {
    const row = new Array<number>(names.length).fill(0);
    for (const name of unknowns) row[at.get(name) as number] = 1;
    return row;
  };
  const rows: { pivot: number; row: number[] }[] = [];
  const reduce = (given: number[]) => {
    const row = [...given];
    for (const { pivot, row: known } of rows) {
      const factor = row[pivot] as number;
      if (factor === 0) continue;
      for (let index = pivot; index < row.length; index++) {
        row[index] = ((row[index] as number) - factor * (known[index] as number)) % prime;
        if ((row[index] as number) < 0) row[index] = (row[index] as number) + prime;
      }
    }
    return row;
  };
  for (const cell of shown) {
    const row = reduce(vector(cell));
    const pivot = row.findIndex((each) => each !== 0);
    if (pivot < 0) continue;
    const inverse = power(row[pivot] as number, prime - 2);
    rows.push({ pivot, row: row.map((each) => (each * inverse) % prime) });
  }
  return sought.filter((cell) => reduce(vector(cell)).every((each) => each === 0));
}

function power(base: number, exponent: number): number {
  let result = 1n;
  let square = BigInt(base);
  for (let left = exponent; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) result = (result * square) % BigInt(prime);
    square = (square * square) % BigInt(prime);
  }
  return Number(result);
}
