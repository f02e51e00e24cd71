import { words } from '../ui/index.ts';
import type { Digest } from './compose.ts';

export type Message = { subject: string; text: string; html: string };

/** A digest as plain text and as HTML, the same in both. Nobody is addressed by name. */
export function messageOf(
  { place, week, sentences, told, more, href }: Digest,
  { site, stopPath }: { site: string; stopPath: string },
): Message {
  const subject = `Attendance at a glance: ${place}, week of ${words.date(week)}`;
  const link = (path: string) => `${site}${path}`;
  const moreText =
    more > 0
      ? `${words.plural(more, 'more thing')} to see on the site, which this e-mail does not tell.`
      : '';
  const why =
    'You get this once a week because of what you are appointed to in Rollcall. Figures are rounded, and there is nothing of a child in it.';
  const text = [
    subject,
    ...sentences,
    ...(told.length > 0 ? ['To look at:'] : []),
    ...told.map(
      (each) => `- ${each.sentence} Since ${words.date(each.since)}.\n  ${link(each.href)}`,
    ),
    ...(moreText ? [moreText] : []),
    `All figures: ${link(href)}`,
    `${why}\nStop these e-mails: ${link(stopPath)}`,
  ].join('\n\n');
  const paragraph = (inner: string) => `<p>${inner}</p>`;
  const anchor = (path: string, inner: string) =>
    `<a href="${escaped(link(path))}">${escaped(inner)}</a>`;
  const items = told.map(
    (each) =>
      `<li>${escaped(each.sentence)} Since ${words.date(each.since)}. ${anchor(each.href, 'See more')}</li>`,
  );
  const html = [
    '<!doctype html><html lang="en-GB"><head><meta charset="utf-8">',
    `<title>${escaped(subject)}</title></head>`,
    '<body style="font-family:Arial,Helvetica,sans-serif;font-size:16px;line-height:1.4;color:#0b0c0c;max-width:40em">',
    `<h1 style="font-size:22px">${escaped(subject)}</h1>`,
    ...sentences.map((each) => paragraph(escaped(each))),
    ...(items.length > 0
      ? [`<h2 style="font-size:18px">To look at</h2><ul>${items.join('')}</ul>`]
      : []),
    ...(moreText ? [paragraph(escaped(moreText))] : []),
    paragraph(anchor(href, 'All figures')),
    `<p style="font-size:14px;color:#484949">${escaped(why)} ${anchor(stopPath, 'Stop these e-mails')}</p>`,
    '</body></html>',
  ].join('\n');
  return { subject, text: `${text}\n`, html };
}

const entities: Readonly<Record<string, string>> = {
  ...{ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' },
};

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (sign) => entities[sign] ?? sign);
}
