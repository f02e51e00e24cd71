import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { markedNavigation } from './frame.ts';
import { frame, galleryContext, render, renderGallery, site } from './gallery.fixture.ts';
import { provenances } from './provenance.ts';
import { createRenderer } from './render.ts';

const folder = mkdtempSync(join(tmpdir(), 'rollcall-templates-'));
after(() => rmSync(folder, { recursive: true }));

function renderText(template: string, context: Record<string, unknown> = {}): string {
  const name = `page-${Math.abs(hash(template))}.njk`;
  writeFileSync(join(folder, name), template);
  return createRenderer({ site, searchPaths: [folder] })(name, { frame, ...context });
}

function hash(text: string): number {
  return [...text].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) | 0, 7);
}

const html = renderGallery();

test('a page is titled "Page – Rollcall", in British English', () => {
  assert.match(html, /<title>Ashgrove Academy – Rollcall<\/title>/);
  assert.match(html, /<html lang="en-GB"/);
});

test('a page with errors says so first in its title', () => {
  assert.match(
    renderGallery({ errors: ['Enter a name'] }),
    /<title>Error: Ashgrove Academy – Rollcall</,
  );
});

test('a page without a title is a bug', () => {
  assert.throws(() => render('ui/layout.njk', { frame }), /null or undefined/);
});

test('every page says whom it is for, what it is for, and whose the figures are', () => {
  assert.match(html, /You are the head of Ashgrove Academy/);
  assert.match(html, /Expectations are for support, never for accountability\./);
  assert.match(html, /Open Government Licence v3\.0/);
  assert.match(html, /not a government service/);
  assert.doesNotMatch(html, /crown/i);
});

test('only the demo says that its schools are made up', () => {
  assert.match(html, /Every school here is made up/);
  assert.doesNotMatch(renderGallery({ frame: { ...frame, demo: false } }), /made up\./);
});

test('the navigation marks where one is: the nearest item above the page', () => {
  const marked = (path: string) =>
    markedNavigation(site.navigation, path).filter((item) => item.active);
  assert.deepEqual(
    marked('/search/ashgrove').map((item) => item.href),
    ['/search'],
  );
  assert.deepEqual(marked('/searching'), []);
  assert.match(html, /href="\/search" aria-current="true"/);
  assert.match(
    renderGallery({ frame: { ...frame, path: '/search' } }),
    /href="\/search" aria-current="page"/,
  );
});

test('nothing that the content security policy forbids is in any page', () => {
  assert.doesNotMatch(html, /\sstyle\s*=/i);
  assert.doesNotMatch(html, /<style/i);
  assert.doesNotMatch(html, /<script(?![^>]*\ssrc=)/i);
  assert.doesNotMatch(html, /\son[a-z]+\s*=/i);
  assert.doesNotMatch(html, /(?:src|href)="(?:https?:)?\/\/(?!www\.nationalarchives\.gov\.uk)/i);
});

test('ids are unique on a page', () => {
  const ids = [...html.matchAll(/\sid="([^"]*)"/g)].map((match) => match[1]);
  assert.deepEqual(ids.length, new Set(ids).size);
});

test('what people typed is shown, never run', () => {
  const attack = '"><script>alert(1)</script>';
  const page = renderGallery({
    schoolName: attack,
    query: attack,
    frame: { ...frame, viewer: { description: attack, changeHref: null } },
    source: { text: attack },
    table: { ...galleryContext.table, caption: attack, rows: [[attack, 5]] },
  });
  assert.doesNotMatch(page, /<script>/);
  assert.match(page, /&lt;script&gt;/);
});

test('a figure that was forgotten stops the page, and the message says where', () => {
  assert.throws(() => renderText('<p>\n{{ school.absencePercent }}</p>', { school: {} }), /Line 2/);
  assert.throws(
    () => renderText('{{ school.absencePercent | percent }}', { school: {} }),
    /expected a number/,
  );
  assert.equal(renderText('{{ absencePercent | percent }}', { absencePercent: null }), 'not known');
});

test('the design system’s macros may be given less than they ask for', () => {
  const tag =
    "{% from 'govuk/components/tag/macro.njk' import govukTag %}{{ govukTag({ text: 'Old' }) }}";
  assert.match(renderText(tag), /<strong class="govuk-tag">\s*Old\s*<\/strong>/);
});

test('a template outside the folders cannot be named', () => {
  assert.throws(() => render('../package.json', { frame }), /template not found/);
});

test('every kind of provenance has its words', () => {
  for (const { text } of Object.values(provenances)) assert.ok(html.includes(text), text);
});

test('a chart comes with its title, its source, its figures as a table and a file', () => {
  const figure = html.slice(html.indexOf('<figure'), html.indexOf('</figure>'));
  assert.match(figure, /<h2[^>]*>Absence at Ashgrove Academy, 2012\/13 to 2017\/18<\/h2>/);
  assert.match(figure, /Source:.*Department for Education/s);
  assert.match(figure, /<th scope="row"[^>]*>2012\/13<\/th>\s*<td[^>]*>5\.9%<\/td>/);
  assert.match(figure, /<a[^>]*href="\/files\/history\.csv" download>/);
});

test('a cell of a table may lead somewhere', () => {
  assert.match(
    html,
    /<th scope="row"[^>]*><a class="govuk-link" href="\/schools\/100001">Brook Lane School<\/a>/,
  );
});

test('a chart without a file has no link to one', () => {
  const alone = html.slice(html.indexOf('id="alone-table"'));
  assert.doesNotMatch(alone, /download/);
});

test('a refusal says why and what one may do instead', () => {
  const page = render('ui/refusal.njk', {
    frame,
    heading: 'You cannot see this expectation',
    why: ['Expectations are for support.'],
    may: [{ text: 'See the absence of this school', href: '/schools/1' }],
  });
  assert.match(page, /<h1[^>]*>You cannot see this expectation<\/h1>/);
  assert.match(page, /Expectations are for support\./);
  assert.match(
    page,
    /<a class="govuk-link" href="\/schools\/1">See the absence of this school<\/a>/,
  );
});

test('an error says what to do, and a reference to quote', () => {
  const page = render('ui/error.njk', {
    frame,
    heading: 'Sorry, something went wrong',
    paragraphs: ['Try again later.'],
    reference: 'r-12',
  });
  assert.match(page, /<title>Sorry, something went wrong – Rollcall/);
  assert.match(page, /quote r-12/);
});
