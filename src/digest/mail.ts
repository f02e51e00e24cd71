import { Readable } from 'node:stream';
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
  if (!isPlainAddress(from)) {
    throw new Refusal('bad-input', 'ROLLCALL_MAIL_FROM must be an e-mail address.');
  }
  if (site === '') {
    throw new Refusal('bad-input', 'E-mail has links in it: set ROLLCALL_SITE, https://….');
  }
}

/** One address and nothing beside it: no second one, no name, and no line that a header could end at. */
export function isPlainAddress(text: string): boolean {
  return /^[^\s@<>,;:"()[\]\\\p{Cc}]{1,64}@[^\s@<>,;:"()[\]\\\p{Cc}]{1,255}$/u.test(text);
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
  const transport = () =>
    createTransport({
      host: url.hostname.replaceAll(/[[\]]/g, ''),
      port: Number(url.port || (isSecure ? 465 : 587)),
      secure: isSecure,
      requireTLS: !isSecure && !ownMachine.has(url.hostname),
      ...(url.username
        ? {
            auth: {
              user: decodeURIComponent(url.username),
              pass: decodeURIComponent(url.password),
            },
          }
        : {}),
      ...{ connectionTimeout: patience, greetingTimeout: patience, socketTimeout: patience },
      disableFileAccess: true,
      disableUrlAccess: true,
    });
  const verifying = transport();
  return {
    async send({ to, stop, subject, text, html }: Letter): Promise<Sent> {
      // Each letter has a connection of its own, and knows whether any of it was handed over.
      const own = transport();
      let isHandedOver = false;
      own.use('stream', (mail, done) => {
        const { message } = mail;
        const written = message.createReadStream.bind(message);
        // Read only once the server has asked for the letter, after DATA.
        message.createReadStream = () =>
          Readable.from(
            (async function* parts() {
              isHandedOver = true;
              yield* written();
            })(),
          );
        done();
      });
      try {
        await own.sendMail({
          ...{ from, to: { name: '', address: to }, subject, text, html },
          headers: { 'List-Unsubscribe': `<${stop}>`, 'Auto-Submitted': 'auto-generated' },
        });
        return 'sent';
      } catch (error) {
        return isHandedOver && !saidNo(error) ? 'unsure' : 'refused';
      } finally {
        own.close();
      }
    },
    /** Whether it is there, and lets us in. */
    async answers(): Promise<boolean> {
      return verifying.verify().then(
        () => true,
        () => false,
      );
    },
    close: () => verifying.close(),
  };
}

/** An answer of 4xx or 5xx, also after the letter was handed over. */
function saidNo(error: unknown): boolean {
  const { responseCode } = error as { responseCode?: number };
  return responseCode !== undefined && responseCode >= 400;
}
