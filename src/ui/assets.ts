import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { gzipSync } from 'node:zlib';

/** One static file, held in memory. Its path names its content, so it may be cached for ever. */
export type Asset = {
  path: string;
  contentType: string;
  body: Buffer;
  gzipped: Buffer;
};

export type AssetName = 'govuk.css' | 'rollcall.css' | 'rollcall.js' | 'govuk.js' | 'icon.svg';

export type Assets = {
  /** The path to put into a page: `/assets/rollcall-1a2b3c4d5e.css`. */
  url: (name: AssetName) => string;
  /** The file at a path under `/assets/`, or undefined: answer 404. */
  find: (path: string) => Asset | undefined;
};

/** Sent with every asset. */
export const assetCacheControl = 'public, max-age=31536000, immutable';

/**
 * Sent with every page: nothing inline, nothing from elsewhere. A page that needs more is wrong, not the policy.
 * `form-action` is left at self: signing in starts with a link, not a form.
 */
export const contentSecurityPolicy = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  "img-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

export const securityHeaders: Record<string, string> = {
  'content-security-policy': contentSecurityPolicy,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

const contentTypes: Record<string, string> = {
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
};

export function createAssets(): Assets {
  const govukScript = asset('govuk.js', withoutSourceMap(govukFile('govuk-frontend.min.js')));
  const assets = {
    'govuk.js': govukScript,
    'govuk.css': asset('govuk.css', withoutGovernmentIdentity(govukFile('govuk-frontend.min.css'))),
    'rollcall.css': asset('rollcall.css', ownFile('rollcall.css')),
    'rollcall.js': asset(
      'rollcall.js',
      ownFile('rollcall.js').replace('govuk-frontend', govukScript.path),
    ),
    'icon.svg': asset('icon.svg', ownFile('icon.svg')),
  } satisfies Record<AssetName, Asset>;
  const byPath = new Map<string, Asset>(Object.values(assets).map((each) => [each.path, each]));
  return { url: (name) => assets[name].path, find: (path) => byPath.get(path) };
}

function asset(name: AssetName, text: string): Asset {
  const body = Buffer.from(text, 'utf8');
  const [stem = '', extension = ''] = name.split('.');
  const hash = createHash('sha256').update(body).digest('hex').slice(0, 12);
  const contentType = contentTypes[extension];
  if (!contentType) throw new Error(`no content type for ${name}`);
  return {
    path: `/assets/${stem}-${hash}.${extension}`,
    contentType,
    body,
    gzipped: gzipSync(body),
  };
}

/**
 * The design system's style sheet as services that are not the government's must use it: without the typeface licensed
 * to GOV.UK alone and without the royal crest.
 * https://design-system.service.gov.uk/styles/typeface/
 */
function withoutGovernmentIdentity(css: string): string {
  return withoutSourceMap(
    css
      .replaceAll(/\/\*! Copyright [^*]*Margaret Calvert[^*]*\*\//g, '')
      .replaceAll(/@font-face\s*\{[^}]*\}/g, '')
      .replaceAll(/"?GDS Transport"?\s*,/g, '')
      .replaceAll(/font-family:\s*"?GDS Transport"?(?=[;}])/g, 'font-family:arial,sans-serif')
      .replaceAll(/[\w-]*image:\s*url\([^)]*govuk-crest[^)]*\);?/g, ''),
  );
}

function withoutSourceMap(text: string): string {
  return text.replaceAll(/\/[/*]# sourceMappingURL=\S+( \*\/)?/g, '');
}

function govukFile(name: string): string {
  const resolve = createRequire(import.meta.url).resolve;
  return readFileSync(resolve(`govuk-frontend/dist/govuk/${name}`), 'utf8');
}

function ownFile(name: string): string {
  return readFileSync(new URL(name, import.meta.url), 'utf8');
}
