import type { FastifyRequest } from 'fastify';

const ownAddresses = ['127.0.0.1', '::1', '::ffff:127.0.0.1'];
const ownNames = ['localhost', '127.0.0.1', '[::1]'];

/** Each is added by a proxy: by ours, or by a well known one before it. */
const addedByProxies =
  /^(forwarded|via|x-forwarded-.*|x-real-ip|x-client-ip|x-cluster-client-ip|true-client-ip|cf-connecting-ip)$/;

/**
 * Asked on this machine, by its own name: neither through a proxy nor by a page elsewhere that gave this machine another
 * name. A proxy on this machine that asks by the machine's own name and adds nothing cannot be told from a person on it.
 */
export function isOwnMachine({ ip, headers }: Pick<FastifyRequest, 'ip' | 'headers'>): boolean {
  const host = (headers.host ?? '').replace(/:\d+$/, '').toLowerCase();
  const proxied = Object.keys(headers).some((name) => addedByProxies.test(name));
  return !proxied && ownAddresses.includes(ip) && ownNames.includes(host);
}
