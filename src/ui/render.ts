import { existsSync, readFileSync } from 'node:fs';
import { resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import nunjucks from 'nunjucks';
import { type Frame, type Site, markedNavigation } from './frame.ts';
import { provenances } from './provenance.ts';
import { type Cell, type Column, cellText } from './table.ts';
import * as words from './words.ts';

/** What a page is rendered from: the frame of the request, and whatever its own template names. */
export type PageContext = { frame: Frame; [name: string]: unknown };

/** The page as HTML. Throws when the template outputs something that is undefined or null, naming the line. */
export type Render = (template: string, context: PageContext) => string;

/** `src/`: a slice's template is named by its path in it, `targets/page.njk`. */
const ownTemplates = fileURLToPath(new URL('..', import.meta.url));

/** Holds `govuk/components/…`, the design system's macros. */
const govukTemplates = fileURLToPath(
  new URL('..', import.meta.resolve('govuk-frontend/dist/govuk/template.njk')),
);

/**
 * Makes the one renderer of a site. Every template is compiled once and kept. `searchPaths` are looked through in
 * order, before the design system's own.
 */
export function createRenderer(options: { site: Site; searchPaths?: string[] }): Render {
  const searchPaths = [...(options.searchPaths ?? [ownTemplates]), govukTemplates];
  const environment = new nunjucks.Environment(templateLoader(searchPaths), { autoescape: true });
  for (const [name, filter] of Object.entries(filters)) environment.addFilter(name, filter);
  for (const [name, value] of Object.entries(globals)) environment.addGlobal(name, value);
  environment.addGlobal('site', options.site);
  return (template, context) =>
    environment.render(template, {
      ...context,
      navigation: markedNavigation(
        [...options.site.navigation, ...(context.frame.ownPages ?? [])],
        context.frame.path,
      ),
    });
}

/** In templates: `{{ school.absencePercent | percent }}`. */
const filters = {
  percent: words.percent,
  points: words.points,
  number: words.number,
  yearLabel: words.yearLabel,
  date: words.date,
  month: words.month,
  plural: words.plural,
  sentence: words.sentence,
  listed: words.list,
  chance: words.chance,
  cell: (cell: Cell, column: Column) => cellText(cell, column.kind),
};

/** In templates: `{{ interval(4.1, 6, 80) }}`. */
const globals = {
  interval: words.interval,
  difference: words.difference,
  sureness: words.sureness,
  provenances,
};

/**
 * Loads templates compiled strictly (printing nothing where a figure should be is a bug), but the design system's own
 * leniently: its macros print parameters that were not given.
 */
function templateLoader(searchPaths: string[]): nunjucks.ILoader {
  const roots = searchPaths.map((path) => resolve(path) + sep);
  const Loader = nunjucks.Loader.extend({
    getSource(name: string) {
      const path = roots
        .map((root) => ({ root, path: resolve(root, name) }))
        .find(
          (candidate) => candidate.path.startsWith(candidate.root) && existsSync(candidate.path),
        )?.path;
      if (path === undefined) return null;
      const compiled = compile(readFileSync(path, 'utf8'), path, !path.startsWith(govukTemplates));
      return { src: { type: 'code', obj: compiled }, path, noCache: false };
    },
  } as never);
  return new Loader() as unknown as nunjucks.ILoader;
}

type Compiler = {
  compile: (
    source: string,
    asyncFilters: [],
    extensions: [],
    name: string,
    options: { throwOnUndefined: boolean; autoescape: boolean },
  ) => string;
};

function compile(source: string, path: string, strict: boolean): unknown {
  const { compiler } = nunjucks as unknown as { compiler: Compiler };
  const options = { throwOnUndefined: strict, autoescape: true };
  return new Function(compiler.compile(source, [], [], path, options))();
}
