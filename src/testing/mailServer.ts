import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

export type CapturedLetter = {
  from: string;
  to: string[];
  headers: Map<string, string>;
  raw: string;
};

/** How the server takes a letter to an address. */
export type Taking = 'take' | 'refuse' | 'hang up';

/** At what a connection is closed, without a word. */
export type ClosesAt = 'greeting' | 'EHLO' | 'MAIL' | 'RCPT' | 'DATA';

/**
 * A mail server on this machine that keeps what it is sent: SMTP (RFC 5321) as far as a letter needs it. `closesAt` is asked
 * of each connection, the first being number 0.
 */
export async function startMailServer(
  takes: (to: string) => Taking = () => 'take',
  closesAt: (connection: number) => ClosesAt | undefined = () => undefined,
) {
  let connections = 0;
  const letters: CapturedLetter[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    converse(socket, { letters, takes, closesAt: closesAt(connections++) });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    letters,
    address: `smtp://127.0.0.1:${port}`,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function converse(
  socket: Socket,
  {
    letters,
    takes,
    closesAt,
  }: {
    letters: CapturedLetter[];
    takes: (to: string) => Taking;
    closesAt: ClosesAt | undefined;
  },
): void {
  let [waiting, from, isData] = ['', '', false];
  let to: string[] = [];
  const say = (line: string) => socket.write(`${line}\r\n`);
  const command = (line: string) => {
    const [, address = ''] = /<([^>]*)>/.exec(line) ?? [];
    if (closesAt === line.slice(0, 4).toUpperCase()) return socket.destroy();
    switch (line.slice(0, 4).toUpperCase()) {
      case 'MAIL':
        [from, to] = [address, []];
        return say('250 OK');
      case 'RCPT':
        if (takes(address) === 'refuse') return say('550 No such mailbox');
        to.push(address);
        return say('250 OK');
      case 'DATA':
        isData = true;
        return say('354 Go on');
      case 'QUIT':
        say('221 Bye');
        return socket.end();
      default:
        return say('250 test');
    }
  };
  socket.setEncoding('utf8');
  socket.on('data', (text: string) => {
    waiting += text;
    for (;;) {
      const end = waiting.indexOf(isData ? '\r\n.\r\n' : '\r\n');
      if (end < 0) return;
      const part = waiting.slice(0, end);
      waiting = waiting.slice(end + (isData ? 5 : 2));
      if (!isData) command(part);
      else {
        isData = false;
        letters.push({ from, to, headers: headersOf(part), raw: part });
        if (to.some((each) => takes(each) === 'hang up')) return socket.destroy();
        say('250 Taken');
      }
    }
  });
  if (closesAt === 'greeting') socket.destroy();
  else say('220 test');
}

function headersOf(raw: string): Map<string, string> {
  const [head = ''] = raw.split('\r\n\r\n');
  const lines = head.replaceAll(/\r\n[ \t]+/g, ' ').split('\r\n');
  return new Map(
    lines.map((line) => {
      const at = line.indexOf(':');
      return [line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()];
    }),
  );
}

/** The parts of a letter, decoded, by their type. */
export function partsOf({ raw }: CapturedLetter): Map<string, string> {
  const [, boundary = ''] = /boundary="?([^"\r\n;]+)/.exec(raw) ?? [];
  return new Map(
    raw
      .split(`--${boundary}`)
      .slice(1, -1)
      .map((part) => {
        const at = part.indexOf('\r\n\r\n');
        const head = part.slice(0, at);
        const [, type = ''] = /Content-Type: ([^;\s]+)/i.exec(head) ?? [];
        return [type, decoded(part.slice(at + 4), head)];
      }),
  );
}

function decoded(body: string, head: string): string {
  if (/base64/i.test(head)) return Buffer.from(body, 'base64').toString('utf8');
  if (!/quoted-printable/i.test(head)) return body;
  const bytes = body
    .replaceAll(/=\r\n/g, '')
    .replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
