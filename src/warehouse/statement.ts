declare const shape: unique symbol;

/**
 * One SQL statement with a name, the parameters it takes and the rows it gives. Parameters have one of the engine's
 * types: `{urn:UInt32}` in the text, `{ urn: 100000 }` at the call; `bind.ts` puts them in. Statements stand in
 * `*.sql.ts` files, where a test finds every one of them and has the real engines bind it.
 */
export type Statement<Row, Parameters extends object = Record<never, never>> = {
  readonly name: string;
  readonly text: string;
  readonly [shape]?: (parameters: Parameters) => Row;
};

export function statement<Row, Parameters extends object = Record<never, never>>(
  name: string,
  text: string,
): Statement<Row, Parameters> {
  return { name, text };
}
