import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { type AssetName, contentSecurityPolicy, createAssets } from './assets.ts';

const assets = createAssets();
const text = (name: AssetName) => assets.find(assets.url(name))?.body.toString('utf8') ?? '';

test('every asset is found under a path that names its content', () => {
  for (const name of [
    'govuk.css',
    'rollcall.css',
    'rollcall.js',
    'govuk.js',
    'icon.svg',
  ] as const) {
    const asset = assets.find(assets.url(name));
    assert.ok(asset, name);
    assert.match(asset.path, /^\/assets\/[a-z]+-[0-9a-f]{12}\.(css|js|svg)$/);
    assert.deepEqual(gunzipSync(asset.gzipped), asset.body);
  }
  assert.equal(createAssets().url('govuk.css'), assets.url('govuk.css'));
});

test('a path that is not an asset finds nothing', () => {
  for (const path of ['/assets/', '/assets/../package.json', '/assets/govuk.css', '__proto__']) {
    assert.equal(assets.find(path), undefined);
  }
});

test('the style sheet carries neither the typeface nor the crest that are the government’s alone', () => {
  const css = text('govuk.css');
  assert.ok(css.length > 100_000);
  assert.equal(css.match(/GDS Transport|font-face|crest|Calvert|url\(|font-family:\s*[;}]/i), null);
});

test('the script starts the design system from its hashed path', () => {
  assert.ok(text('rollcall.js').includes(`from '${assets.url('govuk.js')}'`));
  assert.equal(text('govuk.js').match(/sourceMappingURL/), null);
});

test('the policy allows nothing inline and nothing from elsewhere', () => {
  assert.doesNotMatch(contentSecurityPolicy, /unsafe|https?:|\*|data:/);
  assert.match(contentSecurityPolicy, /default-src 'none'/);
});
