import fc from 'fast-check';

/*
 * What somebody sends who means harm, or whose program is broken. Nothing here is of a real person, and the marks are such
 * that they stand in no answer unless it was taken for markup, a template or a statement.
 */

/** In an answer, it was not escaped. */
export const rawMarkup = /<zzz\b/i;
/** In an answer, somebody calculated: 90,017 × 90,019. */
export const evaluated = '8103240323';

/** Of a child that is nowhere: a text that is given to a reader of texts about children. */
export const nowhereChild = {
  name: 'Quillonfeather',
  upn: 'H801200001001',
  birthday: '2013-02-28',
} as const;

const long = (piece: string, length: number) => piece.repeat(Math.ceil(length / piece.length));

export const numbers: readonly string[] = [
  ...['0', '-0', '-1', '1', '1.5', '1e309', '-1e309', '1e5', '0x10', '0b1', '1_000', '٣', '１２'],
  ...['NaN', 'Infinity', '-Infinity', '2147483647', '2147483648', '9007199254740993', '999999999'],
  ...['99999999999999999999999', '000001', '+1', ' 1 ', '1\u0000', '1;2', '1,2', '[1]', '.', '1.'],
];

const days = [
  ...['2026-02-30', '0000-00-00', '9999-12-31', '+275760-09-13', '-000001-01-01', '2026-1-1'],
  ...['1900-02-29', '2000-02-29', '2026-06-31T00:00:00Z', '31/12/2020', '2026-11-22; drop'],
];

const markup = [
  '<zzz onload=1>',
  '"><zzz>',
  `' onmouseover='1`,
  '</title><zzz>',
  '<!--<zzz>',
  '<![CDATA[<zzz>]]>',
  '&lt;zzz&gt;',
  'javascript:zzz()',
];

const templates = [
  '{{90017*90019}}',
  '{% for i in range(90017) %}{{ 90017*90019 }}{% endfor %}',
  '${90017*90019}',
  '#{90017*90019}',
  '{{ "".constructor.constructor("return process")() }}',
  '{% include "../../package.json" %}',
];

const statements = [
  `' OR 1=1 --`,
  `'; drop table pupils; --`,
  `1 UNION ALL SELECT null, version()`,
  `$1`,
  `$$; select pg_sleep(9) $$`,
  `{urn:UInt32}`,
  `1) SETTINGS max_execution_time = 0 --`,
  `') FORMAT CSV --`,
  `\\'; select sleep(3) --`,
  '%',
  '_',
  '\\',
];

const names = [
  ...['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf', 'then'],
  ...['null', 'undefined', 'true', 'false', '[object Object]', 'length', '__defineGetter__'],
];

const paths = [
  ...['../../etc/passwd', '..%2f..%2fetc/passwd', '/etc/passwd', 'C:\\', '//elsewhere.invalid/'],
  ...['/\\elsewhere.invalid', 'https://elsewhere.invalid', '/%2f/elsewhere.invalid', '/.//x', '.'],
  ...[
    '/sign-out',
    '\t//elsewhere.invalid',
    '/a\r\nset-cookie: zzz=1',
    'file:///dev/zero',
    '-',
    '--',
  ],
];

const letters = [
  ...[
    '\u0000',
    '\u0007',
    '\n',
    '\r\n',
    '\t',
    ' ',
    '\u00a0',
    '\u200b',
    '\ufeff',
    '\u2028',
    '\ufffd',
  ],
  ...[
    '\u202e\u202dadmin',
    '\u0627\u0644',
    'e\u0301',
    '\ud800',
    '\udfff',
    '👩‍👩‍👧‍👦',
    'ﬀ',
    'İ',
    'ß',
    '\u{10ffff}',
  ],
];

const roles = [
  ...['operator', 'department', 'public', 'department:990', 'school:900001/7B', 'teacher:900001/'],
  ...['hub:a12345678901b', 'parent:0', 'parent:99999999999', 'head:', ':900001', 'system:900001'],
];

const json = [
  ...['{}', '[]', '[[[[]]]]', '{"a":', '"', 'null', '-', '{"__proto__":{"polluted":1}}'],
  long('[', 5000),
];

const huge = [
  ...[long('a', 5000), long(' ', 5000), long('1', 5000), long('"', 3000), long('%00', 3000)],
  ...[
    long('a,', 4000),
    long('((a+)+)', 4000),
    long('👩', 3000),
    long('1/', 3000),
    long('=&', 3000),
  ],
];

const words: readonly string[] = [
  ...['', ...numbers, ...days, ...markup, ...templates, ...statements, ...names, ...paths],
  ...[...letters, ...roles, ...json, nowhereChild.upn],
];

/** One of each kind: what is asked of every route, every time. */
export const worst: readonly string[] = [
  ...['1e309', '-1', '99999999999999999999', '2026-02-30', '\u0000', '\ud800', '__proto__'],
  `"><zzz>{{90017*90019}}' OR 1=1; --`,
  long('a', 3000),
];

const any = fc.oneof(
  fc.string({ maxLength: 60 }),
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ unit: fc.constantFrom(...'0123456789-:/.eE+"\',;=&%<>{} \n'), maxLength: 40 }),
);

/** A text that no form, address or file should hold, up to a few thousand characters. */
export const hostileText: fc.Arbitrary<string> = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...words) },
  { weight: 1, arbitrary: fc.constantFrom(...huge) },
  { weight: 4, arbitrary: any },
  {
    weight: 2,
    arbitrary: fc
      .array(fc.oneof(fc.constantFrom(...words), any), { minLength: 2, maxLength: 4 })
      .map((parts) => parts.join('')),
  },
);

/**
 * Mostly a right one, now and then a hostile one: what is wrong deep inside is met behind what is right. Where the right ones
 * are numbers or days, so are many of the hostile.
 */
export function mostly(right: readonly string[]): fc.Arbitrary<string> {
  if (right.length === 0) return hostileText;
  const alike = right.every((text) => /^\d+$/.test(text))
    ? numbers
    : right.every((text) => /^\d{4}-\d\d-\d\d$/.test(text))
      ? days
      : right;
  const glued = fc.tuple(fc.constantFrom(...right), hostileText).map((two) => two.join(''));
  return fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...right) },
    { weight: 2, arbitrary: fc.constantFrom(...alike) },
    { weight: 1, arbitrary: glued },
    { weight: 2, arbitrary: hostileText },
  );
}

/** A right text with something in it cut out, doubled, exchanged or put in. */
export function damaged(text: string): fc.Arbitrary<string> {
  const blow = fc.record({ at: fc.nat(text.length), size: fc.nat(20), put: hostileText });
  return fc
    .array(blow, { minLength: 1, maxLength: 4 })
    .map((blows) =>
      blows.reduce((now, { at, size, put }) => now.slice(0, at) + put + now.slice(at + size), text),
    );
}

/** The same of bytes. */
export function damagedBytes(bytes: Buffer): fc.Arbitrary<Buffer> {
  const blow = fc.record({
    at: fc.nat(bytes.length),
    size: fc.oneof(fc.constant(0), fc.constant(1), fc.nat(600)),
    put: fc.uint8Array({ maxLength: 20 }),
  });
  const cut = fc.nat(bytes.length).map((at) => bytes.subarray(0, at));
  const struck = fc
    .array(blow, { minLength: 1, maxLength: 3 })
    .map((blows) =>
      blows.reduce(
        (now, { at, size, put }) =>
          Buffer.concat([now.subarray(0, at), put, now.subarray(at + size)]),
        bytes,
      ),
    );
  return fc.oneof(cut, struck);
}
