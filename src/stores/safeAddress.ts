import { Refusal } from '../base/problem.ts';
import { isWeakSecret } from '../base/secret.ts';
import type { StoresAddress } from './stores.ts';

/** What of a server's address decides whether it is safe to use. */
type Server = {
  setting: string;
  host: string;
  /** Null where a certificate says who we are. */
  password: string | null;
  encrypted: boolean;
  how: string;
};

const leastOfAPassword = { signs: 12, different: 6 };

/**
 * Refuses servers on other machines that anybody could reach who tries a few passwords, or could listen to. `plainText`
 * says that the way there is safe by itself: a tunnel, a network that is encrypted below.
 */
export function refuseUnsafeServers(
  { records, warehouse }: StoresAddress,
  { plainText }: { plainText: boolean },
): void {
  const servers = [
    ...(records.kind === 'server' ? [recordsServer(records.url)] : []),
    ...(warehouse.kind === 'server' ? warehouseServers(warehouse.url) : []),
  ];
  for (const server of servers.filter(({ host }) => !isThisMachine(host))) {
    refuseWeakPassword(server);
    if (!plainText && !server.encrypted) throw inPlainText(server);
  }
}

/** What stands behind the question mark counts before what stands in front of it. */
function recordsServer(url: string): Server {
  const { hostname, password, searchParams } = new URL(url);
  return {
    setting: 'ROLLCALL_RECORDS',
    host: searchParams.get('host') ?? decoded('ROLLCALL_RECORDS', hostname),
    password: searchParams.has('sslcert')
      ? null
      : (searchParams.get('password') ?? decoded('ROLLCALL_RECORDS', password)),
    encrypted: searchParams.getAll('sslmode').at(-1) === 'verify-full',
    how: 'add ?sslmode=verify-full',
  };
}

/** The one that is asked, and those of its cluster that are told of tables one by one. */
function warehouseServers(url: string): Server[] {
  const { protocol, hostname, password, searchParams } = new URL(url);
  const nodes = searchParams.get('nodes')?.split(',') ?? [];
  const hosts = nodes.map((node) => node.replace(/:\d+$/, ''));
  return [hostname, ...hosts].map((host) => ({
    setting: 'ROLLCALL_WAREHOUSE',
    host,
    password: decoded('ROLLCALL_WAREHOUSE', password),
    encrypted: protocol === 'https:',
    how: 'begin it with https://',
  }));
}

function decoded(setting: string, text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Refusal(
      'bad-input',
      `${setting} has a % that begins no code, in its host or its password. Write % itself as %25.`,
    );
  }
}

/** By its own name, or a socket in a folder. */
function isThisMachine(host: string): boolean {
  return /^(|localhost|127(\.\d+){3}|\[?::1\]?|\/.*)$/.test(host);
}

function refuseWeakPassword({ setting, password }: Server): void {
  if (password === null || !isWeakSecret(password, leastOfAPassword)) return;
  const { signs, different } = leastOfAPassword;
  throw new Refusal(
    'bad-input',
    `${setting} names a server on another machine with a password that is missing, well known or too weak: it needs at least ${signs} characters, ${different} of them different. Give its user a new one.`,
  );
}

function inPlainText({ setting, how }: Server): Refusal {
  return new Refusal(
    'bad-input',
    `${setting} names a server on another machine over a connection that others can read: ${how}. Where the way there is encrypted by other means, set ROLLCALL_STORES_IN_PLAIN_TEXT=yes.`,
  );
}
