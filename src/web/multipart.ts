import { Refusal } from '../base/problem.ts';

/** The fields of a form that stand before its file, and the file, which is read as it comes. */
export type SentForm = {
  fields: Record<string, string>;
  file: { name: string; bytes: AsyncIterable<Uint8Array> } | null;
};

const mostOfHead = 8192;
const mostOfField = 16_384;
const mostFields = 50;

const broken = () =>
  new Refusal('bad-input', 'The form broke off or cannot be read. Go back and send it once more.');

/** What the browser says the parts are divided by; undefined when it is no such form. */
export function boundaryOf(contentType: string | undefined): string | undefined {
  const found = /^multipart\/form-data\s*;.*\bboundary=(?:"([^"]{1,70})"|([^\s;]{1,70}))/i.exec(
    contentType ?? '',
  );
  return found?.[1] ?? found?.[2];
}

/**
 * Reads a form with a file (RFC 7578) as far as the beginning of the file: who may send it is then known before a byte of
 * the file is read. What follows the file is not looked at.
 */
export async function readMultipart(
  bytes: AsyncIterable<Uint8Array>,
  boundary: string,
): Promise<SentForm> {
  const input = new Input(bytes);
  const delimiter = Buffer.from(`\r\n--${boundary}`);
  input.pretend('\r\n'); // what comes before the first part is one line end short
  await input.until(delimiter, mostOfHead);
  const fields = new Map<string, string>();
  for (let parts = 0; parts <= mostFields; parts += 1) {
    const end = (await input.take(2)).toString('latin1');
    if (end === '--') return { fields: Object.fromEntries(fields), file: null };
    if (end !== '\r\n') throw broken();
    const head = (await input.until(Buffer.from('\r\n\r\n'), mostOfHead)).toString('utf8');
    const { name, filename } = namesIn(head);
    if (filename !== undefined) {
      const file = { name: filename, bytes: input.rest(delimiter) };
      return { fields: Object.fromEntries(fields), file };
    }
    fields.set(name, (await input.until(delimiter, mostOfField)).toString('utf8'));
  }
  throw new Refusal('bad-input', `A form has at most ${mostFields} fields.`);
}

function namesIn(head: string): { name: string; filename: string | undefined } {
  const line = head.split('\r\n').find((each) => /^content-disposition:/i.test(each)) ?? '';
  const value = (key: string) => new RegExp(`[; ]${key}="([^"]*)"`, 'i').exec(line)?.[1];
  const name = value('name');
  if (name === undefined) throw broken();
  return { name, filename: value('filename') };
}

/** Bytes as they come, of which no more is kept than is looked at. */
class Input {
  readonly #bytes: AsyncIterator<Uint8Array>;
  #waiting: Buffer = Buffer.alloc(0);

  constructor(bytes: AsyncIterable<Uint8Array>) {
    this.#bytes = bytes[Symbol.asyncIterator]();
  }

  pretend(text: string): void {
    this.#waiting = Buffer.concat([Buffer.from(text), this.#waiting]);
  }

  async #more(): Promise<boolean> {
    const next = await this.#bytes.next();
    if (next.done) return false;
    this.#waiting = Buffer.concat([this.#waiting, next.value]);
    return true;
  }

  async take(count: number): Promise<Buffer> {
    while (this.#waiting.length < count) if (!(await this.#more())) throw broken();
    const taken = this.#waiting.subarray(0, count);
    this.#waiting = this.#waiting.subarray(count);
    return taken;
  }

  /** Everything before `mark`, which is passed over. */
  async until(mark: Buffer, most: number): Promise<Buffer> {
    for (;;) {
      const at = this.#waiting.indexOf(mark);
      if (at >= 0 && at <= most) {
        const before = this.#waiting.subarray(0, at);
        this.#waiting = this.#waiting.subarray(at + mark.length);
        return before;
      }
      if (this.#waiting.length > most + mark.length || !(await this.#more())) throw broken();
    }
  }

  /** Everything before `mark`, piece by piece; a form that ends without it broke off. */
  async *rest(mark: Buffer): AsyncGenerator<Buffer> {
    for (;;) {
      const at = this.#waiting.indexOf(mark);
      if (at >= 0) {
        yield this.#waiting.subarray(0, at);
        return;
      }
      const sure = this.#waiting.length - mark.length;
      if (sure > 0) {
        yield this.#waiting.subarray(0, sure);
        this.#waiting = Buffer.from(this.#waiting.subarray(sure));
      }
      if (!(await this.#more())) throw broken();
    }
  }
}
