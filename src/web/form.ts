/** A form's fields as sent by a browser; the last of a name that comes twice. */
export function readForm(body: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(body));
}
