/**
 * The `count` directions in which the rows of a matrix move together most: an orthonormal basis of the leading left
 * singular vectors, by subspace iteration (Golub and Van Loan, 8.2.4) on the columns' Gram matrix. The start is fixed, so the
 * same matrix gives the same directions.
 *
 * @param values `rows × columns`, row by row.
 * @returns `rows × count`, row by row; each column has length √rows.
 */
export function leadingDirections(
  values: Float64Array,
  rows: number,
  columns: number,
  count: number,
): Float64Array {
  const gram = gramOfColumns(values, rows, columns);
  let basis = new Float64Array(columns * count);
  for (let i = 0; i < columns; i++)
    for (let k = 0; k < count; k++)
      basis[i * count + k] = Math.cos(((i + 0.5) * k * Math.PI) / columns);
  for (let round = 0; round < 12; round++) {
    orthonormalise(basis, columns, count);
    basis = multiply(gram, basis, columns, columns, count);
  }
  orthonormalise(basis, columns, count);
  const directions = multiply(values, basis, rows, columns, count);
  orthonormalise(directions, rows, count);
  const length = Math.sqrt(rows);
  for (let at = 0; at < directions.length; at++)
    directions[at] = (directions[at] as number) * length;
  return directions;
}

function gramOfColumns(values: Float64Array, rows: number, columns: number): Float64Array {
  const gram = new Float64Array(columns * columns);
  for (let row = 0; row < rows; row++) {
    const from = row * columns;
    for (let i = 0; i < columns; i++) {
      const value = values[from + i] as number;
      if (value === 0) continue;
      for (let j = 0; j <= i; j++)
        gram[i * columns + j] =
          (gram[i * columns + j] as number) + value * (values[from + j] as number);
    }
  }
  for (let i = 0; i < columns; i++)
    for (let j = 0; j < i; j++) gram[j * columns + i] = gram[i * columns + j] as number;
  return gram;
}

function multiply(
  left: Float64Array,
  right: Float64Array,
  rows: number,
  inner: number,
  columns: number,
): Float64Array<ArrayBuffer> {
  const product = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++)
    for (let k = 0; k < inner; k++) {
      const value = left[i * inner + k] as number;
      if (value === 0) continue;
      for (let j = 0; j < columns; j++)
        product[i * columns + j] =
          (product[i * columns + j] as number) + value * (right[k * columns + j] as number);
    }
  return product;
}

/** Gram and Schmidt, twice; a column that hangs on those before it becomes 0. */
function orthonormalise(matrix: Float64Array, rows: number, columns: number): void {
  for (let column = 0; column < columns; column++) {
    const before = lengthOf(matrix, rows, columns, column);
    for (let twice = 0; twice < 2; twice++)
      for (let other = 0; other < column; other++) {
        let along = 0;
        for (let i = 0; i < rows; i++)
          along +=
            (matrix[i * columns + column] as number) * (matrix[i * columns + other] as number);
        for (let i = 0; i < rows; i++)
          matrix[i * columns + column] =
            (matrix[i * columns + column] as number) -
            along * (matrix[i * columns + other] as number);
      }
    const length = lengthOf(matrix, rows, columns, column);
    const scale = length > 1e-9 * before && length > 0 ? 1 / length : 0;
    for (let i = 0; i < rows; i++)
      matrix[i * columns + column] = (matrix[i * columns + column] as number) * scale;
  }
}

function lengthOf(matrix: Float64Array, rows: number, columns: number, column: number): number {
  let sum = 0;
  for (let i = 0; i < rows; i++) sum += (matrix[i * columns + column] as number) ** 2;
  return Math.sqrt(sum);
}
