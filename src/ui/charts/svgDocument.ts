/**
 * The little of a document that Plot draws into: elements of SVG with attributes, children and text. A whole one
 * (linkedom) gives every element its own store of listeners, which made drawing three times as slow.
 *
 * Styles are dropped, since the content security policy forbids them, and so are labels of groups, which assistive
 * technology does not read inside an image.
 */
const svgNamespace = 'http://www.w3.org/2000/svg';
const dropped = new Set(['style', 'aria-label', 'aria-hidden']);

export class SvgElement {
  readonly ownerDocument: SvgDocument;
  readonly tagName: string;
  readonly namespaceURI = svgNamespace;
  /** Written to and never read. */
  readonly style = { setProperty() {} };
  parentNode: SvgElement | null = null;
  readonly #attributes = new Map<string, string>();
  readonly #children: SvgElement[] = [];
  #text = '';

  constructor(ownerDocument: SvgDocument, tagName: string) {
    this.ownerDocument = ownerDocument;
    this.tagName = tagName;
  }

  getAttribute(name: string): string | null {
    return this.#attributes.get(name) ?? null;
  }

  setAttribute(name: string, value: unknown): void {
    this.#attributes.set(name, String(value));
  }

  setAttributeNS(_namespace: string, name: string, value: unknown): void {
    this.setAttribute(name, value);
  }

  removeAttribute(name: string): void {
    this.#attributes.delete(name);
  }

  appendChild(child: SvgElement): SvgElement {
    return this.insertBefore(child, null);
  }

  insertBefore(child: SvgElement, next: SvgElement | null): SvgElement {
    if (child.parentNode) {
      const siblings = child.parentNode.#children;
      siblings.splice(siblings.indexOf(child), 1);
    }
    const at = next === null ? this.#children.length : this.#children.indexOf(next);
    this.#children.splice(at, 0, child);
    child.parentNode = this;
    return child;
  }

  prepend(...children: SvgElement[]): void {
    for (const child of children.toReversed()) this.insertBefore(child, this.#children[0] ?? null);
  }

  get textContent(): string {
    return this.#text;
  }

  set textContent(text: string | null) {
    this.#text = text ?? '';
  }

  /** The element as it stands in a page. */
  get outerHTML(): string {
    let attributes = '';
    for (const [name, value] of this.#attributes) {
      if (!dropped.has(name)) attributes += ` ${name}="${escaped(value)}"`;
    }
    let inside = escaped(this.#text);
    for (const child of this.#children) if (child.tagName !== 'style') inside += child.outerHTML;
    return inside === ''
      ? `<${this.tagName}${attributes} />`
      : `<${this.tagName}${attributes}>${inside}</${this.tagName}>`;
  }
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escaped(text: string): string {
  return /[&<>"]/.test(text)
    ? text.replaceAll(/[&<>"]/g, (character) => entities[character] ?? '')
    : text;
}

export class SvgDocument {
  /** Where Plot begins: it asks the root for its document. */
  readonly documentElement = { ownerDocument: this, namespaceURI: 'http://www.w3.org/1999/xhtml' };

  createElementNS(_namespace: string, tagName: string): SvgElement {
    return new SvgElement(this, tagName);
  }
}
