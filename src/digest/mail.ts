import { createTransport } from 'nodemailer';
import type { MailSettings } from '../access/index.ts';
import { Refusal } from '../base/problem.ts';
import type { Message } from './message.ts';

/** Refuses what is no mail server, and a password that would go over a network in plain text. */
export function checkMailSettings({ server, from, site }: MailSettings): void {
  const url = URL.canParse(server) ? new URL(server) : undefined;
  if (!url || !['smtp:', 'smtps:'].includes(url.protocol) || url.hostname === '') {
    throw new Refusal(
      'bad-input',
      'ROLLCALL_MAIL_SERVER must be smtp://… or smtps://…, as smtps://user:password@mail.example:465.',
    );
  }
  if (!/^[^\s@<>]+@[^\s@<>]+$/.test(from)) {
    throw new Refusal('bad-input', 'ROLLCALL_MAIL_FROM must be an e-mail address.');
  }
  if (site === '') {
    throw new Refusal('bad-input', 'E-mail has links in it: set ROLLCALL_SITE, https://….');
  }
}

const ownMachine = new Set(['localhost', '127.0.0.1', '[::1]']);
const patience = 30_000;

export type Letter = Message & { to: string; stop: string };

/** How a letter went: `refused` was not taken, for certain; of `unsure` nobody knows. */
export type Sent = 'sent' | 'refused' | 'unsure';

/** A connection to the mail server: encrypted, unless the server is on this machine. */
export function openMail({ server, from }: MailSettings) {
  const url = new URL(server);
  const isSecure = url.protocol === 'smtps:';
  const transport = createTransport({
    host: url.hostname.replaceAll(/[[\]]/g, ''),
    port: Number(url.port || (isSecure ? 465 : 587)),
    secure: isSecure,
    requireTLS: !isSecure && !ownMachine.has(url.hostname),
    ...(url.username
      ? { auth: { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) } }
      : {}),
    ...{ connectionTimeout: patience, greetingTimeout: patience, socketTimeout: patience },
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    async send({ to, stop, subject, text, html }: Letter): Promise<Sent> {
      try {
        await transport.sendMail({
          ...{ from, to, subject, text, html },
          headers: { 'List-Unsubscribe': `<${stop}>`, 'Auto-Submitted': 'auto-generated' },
        });
        return 'sent';
      } catch (error) {
        return wasNotTaken(error) ? 'refused' : 'unsure';
      }
    },
    /** Whether it is there, and lets us in. */
    async answers(): Promise<boolean> {
      return transport.verify().then(
        () => true,
        () => false,
      );
    },
    close: () => transport.close(),
  };
}

/** An answer of 4xx or 5xx says so; without one, only that no connection came about. */
function wasNotTaken(error: unknown): boolean {
  const { code, responseCode, syscall } = error as Partial<Record<'code' | 'syscall', string>> & {
    responseCode?: number;
  };
  return (
    (responseCode !== undefined && responseCode >= 400) ||
    syscall === 'connect' ||
    ['EAUTH', 'EDNS', 'ETLS'].includes(code ?? '')
  );
}
