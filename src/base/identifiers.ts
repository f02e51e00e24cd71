/** A school's unique reference number (GIAS): six digits; a school that becomes an academy gets a new one. */
export type Urn = number;

/** Local authority (3 digits) + establishment (4 digits), as one number: `8012003`. May outlive a change of URN. */
export type LaEstab = number;

/** The three-digit authority code inside a LAESTAB. */
export function laCodeOf(laestab: LaEstab): string {
  return String(Math.floor(laestab / 10_000)).padStart(3, '0');
}
