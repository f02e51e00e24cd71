import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Ask, policy, publicViewer } from '../access/index.ts';
import {
  accessibilityProblems,
  launchBrowser,
  sidewaysOverflow,
  withoutBrowser,
} from '../testing/browser.ts';
import { frame, render, site } from '../ui/gallery.fixture.ts';
import type { Document } from './document.ts';
import { documents } from './index.ts';
import { documentMarkdown } from './markdown.ts';
import { transparencyPages } from './pages.ts';

const settings = {
  ROLLCALL_PERSON_PER_MINUTE: { default: '600' },
  ROLLCALL_ADDRESS_PER_MINUTE: { default: '6000' },
  ROLLCALL_AT_ONCE: { default: '200' },
};
const all = documents(settings);
const routes = transparencyPages(all);

async function pageAt(path: string): Promise<string> {
  const route = routes.find((each) => each.path === path) ?? assert.fail(path);
  const answer = await route.answer({ viewer: publicViewer } as Ask);
  assert.ok(answer.kind === 'page');
  return render(answer.template, { ...answer.model, frame });
}

test('anybody may read them, and one page leads to each', async () => {
  const index = await pageAt('/transparency');
  assert.equal(routes.length, all.length + 1);
  for (const { path, needs } of routes) {
    assert.equal(policy[needs].public.allow, 'always', path);
    if (path !== '/transparency') assert.ok(index.includes(`href="${path}"`), path);
  }
});

test('a page says what the file of docs/ says, word for word', async () => {
  for (const document of all) {
    const page = await pageAt(`/transparency/${document.name}`);
    const words = page.replaceAll(/<[^>]+>/g, ' ').replaceAll(/\s+/g, ' ');
    for (const said of textsOf(document)) {
      assert.ok(words.includes(escaped(said)), `${document.name}: ${said}`);
    }
  }
});

function textsOf({ about, sections }: Document): string[] {
  const blocks = sections.flatMap((section) => [
    ...section.blocks,
    ...(section.parts ?? []).flatMap((part) => part.blocks),
  ]);
  return [
    about,
    ...sections.map(({ heading }) => heading),
    ...blocks.flatMap((block) => {
      if (block.kind === 'text') return [block.text];
      if (block.kind === 'list') return [...block.items];
      if (block.kind === 'arrows') return block.arrows.map(({ from, to }) => `${from} → ${to}`);
      return block.table.rows.flatMap((row) => row.map(String));
    }),
  ].filter((said) => said !== '');
}

function escaped(said: string): string {
  return said
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(/\s+/g, ' ');
}

test('in Markdown what is text stays text', () => {
  const table = {
    caption: 'T',
    columns: [{ name: 'a', heading: 'A', kind: 'text' as const }],
    rows: [['one | two `x` <b> *c* sign_ins']],
  };
  const page = documentMarkdown({
    name: 'x',
    title: 'X',
    about: 'About.',
    sections: [{ heading: 'T', blocks: [{ kind: 'table', table }] }],
  });
  assert.ok(page.includes('| one \\| two \\`x\\` \\<b> \\*c\\* sign_ins |'), page);
  assert.ok(!page.includes('**T**'), 'a caption that the heading says already');
});

test('axe finds nothing on the pages, and they fit a narrow screen', {
  skip: withoutBrowser,
}, async () => {
  const bodies = new Map<string, string>();
  for (const { path } of routes) bodies.set(path, await pageAt(path));
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage({ viewport: { width: 320, height: 640 } });
    await page.route('**/*', async (route) => {
      const { pathname } = new URL(route.request().url());
      const asset = site.assets.find(pathname);
      return asset
        ? route.fulfill({ body: asset.body, contentType: asset.contentType })
        : route.fulfill({
            body: bodies.get(pathname) ?? '',
            contentType: 'text/html; charset=utf-8',
          });
    });
    for (const path of bodies.keys()) {
      await page.goto(`http://localhost${path}`);
      assert.deepEqual(await accessibilityProblems(page), [], path);
      assert.equal(await sidewaysOverflow(page), 0, path);
    }
  } finally {
    await browser.close();
  }
});
