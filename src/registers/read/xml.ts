import { type ReadLimits, StopReading } from './reading.ts';

/** What an XML text says as it is read. Names are without their prefixes; attributes are not told. */
export type XmlEvents = {
  open(name: string, line: number): void;
  /** `text` is what stands in an element that holds no other. */
  close(name: string, text: string, line: number): void;
};

/**
 * Reads XML as it comes: elements, text, CDATA, the five entities and characters by number. There is no document type: with
 * one comes everything that makes XML dangerous, and no school’s file needs it. Broken XML stops with `StopReading`.
 */
export class XmlReader {
  readonly #events: XmlEvents;
  readonly #limits: ReadLimits;
  readonly #open: string[] = [];
  #waiting = '';
  #text = '';
  #line = 1;
  #elements = 0;
  /** An element closed since the last opened: what stands now is between elements. */
  #afterElement = false;

  constructor(events: XmlEvents, limits: ReadLimits) {
    this.#events = events;
    this.#limits = limits;
  }

  push(chunk: string): void {
    const text = this.#waiting + chunk;
    let at = 0;
    for (;;) {
      const mark = text.indexOf('<', at);
      if (mark < 0) break;
      this.#addText(text.slice(at, mark));
      const end = this.#markup(text, mark);
      if (end < 0) {
        at = mark;
        break;
      }
      this.#countLines(text, mark, end);
      at = end;
    }
    const rest = text.slice(at);
    if (rest.startsWith('<')) this.#wait(rest);
    else {
      // An entity may be cut in two by the end of the piece.
      const cut = rest.lastIndexOf('&');
      const whole = cut >= 0 && rest.length - cut < 12 ? cut : rest.length;
      this.#addText(rest.slice(0, whole));
      this.#wait(rest.slice(whole));
    }
  }

  end(): void {
    if (this.#waiting.startsWith('<') || this.#open.length > 0 || this.#elements === 0) {
      throw this.#stop(
        'xml-breaks-off',
        'The XML breaks off before its end: send the whole file again.',
      );
    }
  }

  #wait(rest: string): void {
    this.#waiting = rest;
    if (rest.length > this.#limits.rowCharacters) throw this.#tooLong();
  }

  /** Where the markup that begins at `start` ends; -1 when its end has not come yet. */
  #markup(text: string, start: number): number {
    if (text.startsWith('<!--', start)) return after(text, '-->', start + 4);
    if (text.startsWith('<![CDATA[', start)) {
      const end = after(text, ']]>', start + 9);
      if (end > 0) this.#addRaw(text.slice(start + 9, end - 3));
      return end;
    }
    if (text.startsWith('<?', start)) return after(text, '?>', start + 2);
    if (text.startsWith('<!', start)) {
      // The beginning of a comment or of CDATA may still be under way.
      if (['<!--', '<![CDATA['].some((known) => known.startsWith(text.slice(start)))) return -1;
      throw this.#stop(
        'xml-document-type',
        'The XML has a document type or another declaration, which is not read for safety: export the file without it.',
      );
    }
    const end = endOfTag(text, start + 1);
    if (end < 0) return -1;
    this.#tag(text.slice(start + 1, end));
    return end + 1;
  }

  #tag(inside: string): void {
    if (inside.startsWith('/')) {
      this.#close(localName(inside.slice(1).trim()));
      return;
    }
    const name = /^[^\s/>]+/.exec(inside)?.[0] ?? '';
    if (!/^[\p{L}_][\p{L}\p{N}_.:-]*$/u.test(name)) throw this.#broken();
    if (this.#open.length === 0 && this.#elements > 0) throw this.#broken();
    this.#elements += 1;
    this.#open.push(localName(name));
    if (this.#open.length > this.#limits.depth) {
      throw this.#stop(
        'xml-too-deep',
        `The XML has elements within elements more than ${this.#limits.depth} deep, as no register has. It is not read further.`,
      );
    }
    this.#text = '';
    this.#afterElement = false;
    this.#events.open(localName(name), this.#line);
    if (inside.endsWith('/')) this.#close(localName(name));
  }

  #close(name: string): void {
    if (this.#open.pop() !== name) throw this.#broken();
    this.#events.close(name, this.#afterElement ? '' : this.#text, this.#line);
    this.#text = '';
    this.#afterElement = true;
  }

  #addText(text: string): void {
    if (text === '') return;
    this.#countLines(text, 0, text.length);
    if (this.#open.length === 0) {
      if (text.trim() !== '') throw this.#broken();
      return;
    }
    this.#addRaw(text.includes('&') ? this.#unescaped(text) : text);
  }

  #addRaw(text: string): void {
    if (this.#afterElement) return;
    this.#text += text;
    if (this.#text.length > this.#limits.rowCharacters) throw this.#tooLong();
  }

  #unescaped(text: string): string {
    return text.replaceAll(/&([^;&\s]{0,10};?)/g, (_, entity: string) => {
      const character = characterOf(entity);
      if (character !== undefined) return character;
      throw this.#stop(
        'xml-entity',
        'The XML uses an entity that is not one of the five of XML: export it without.',
      );
    });
  }

  #countLines(text: string, from: number, to: number): void {
    for (let at = text.indexOf('\n', from); at >= 0 && at < to; at = text.indexOf('\n', at + 1)) {
      this.#line += 1;
    }
  }

  #broken(): StopReading {
    return this.#stop(
      'xml-broken',
      'The XML is not well formed here: an element is not closed, or closed twice. Export the file again.',
    );
  }

  #tooLong(): StopReading {
    return this.#stop(
      'xml-too-long',
      `An element has more than ${this.#limits.rowCharacters.toLocaleString('en-GB')} characters. It is not read further.`,
    );
  }

  #stop(kind: string, message: string): StopReading {
    return new StopReading(kind, message, this.#line);
  }
}

function after(text: string, end: string, from: number): number {
  const at = text.indexOf(end, from);
  return at < 0 ? -1 : at + end.length;
}

/** The `>` that ends a tag: not one within the quotation marks of an attribute. */
function endOfTag(text: string, from: number): number {
  let at = from;
  for (;;) {
    const plain = text.indexOf('>', at);
    if (plain < 0) return -1;
    const quote = /["']/.exec(text.slice(at, plain));
    if (!quote) return plain;
    const close = text.indexOf(quote[0], at + quote.index + 1);
    if (close < 0) return -1;
    at = close + 1;
  }
}

const localName = (name: string) => name.slice(name.indexOf(':') + 1);

const five: Record<string, string> = {
  'lt;': '<',
  'gt;': '>',
  'amp;': '&',
  'quot;': '"',
  'apos;': "'",
};

function characterOf(entity: string): string | undefined {
  if (Object.hasOwn(five, entity)) return five[entity];
  const number = /^#(?:x([0-9a-f]{1,6})|(\d{1,7}));$/i.exec(entity);
  if (!number) return undefined;
  const code = number[1] ? Number.parseInt(number[1], 16) : Number(number[2]);
  const isCharacter = code >= 32 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
  if (code === 9 || code === 10 || code === 13) return String.fromCodePoint(code);
  return isCharacter ? String.fromCodePoint(code) : undefined;
}
