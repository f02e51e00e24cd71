import { Agent, request } from 'node:http';

export type Visit = { page: string; path: string; viewer: string | undefined };
export type Answered = { page: string; milliseconds: number; status: number; bytes: number };

/**
 * Sends `rate` visits a second for `seconds`, each at its time whether or not those before have been answered. A visit
 * takes from the moment it was due, so that a server that falls behind is not measured more kindly.
 */
export async function sendAtRate(
  address: string,
  visits: () => Visit,
  { rate, seconds }: { rate: number; seconds: number },
): Promise<Answered[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 256 });
  const began = performance.now();
  const answers = Array.from({ length: Math.round(rate * seconds) }, async (_, index) => {
    const due = began + (index * 1000) / rate;
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
    const visit = visits();
    const answer = await send(address, agent, visit);
    return { ...answer, page: visit.page, milliseconds: performance.now() - due };
  });
  const all = await Promise.all(answers);
  agent.destroy();
  return all;
}

function send(
  address: string,
  agent: Agent,
  visit: Visit,
): Promise<{ status: number; bytes: number }> {
  return new Promise((resolve, reject) => {
    const headers = visit.viewer ? { cookie: `rollcall_demo_viewer=${visit.viewer}` } : {};
    request(`${address}${visit.path}`, { agent, headers }, (response) => {
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, bytes }));
    })
      .on('error', reject)
      .end();
  });
}

/** The value below which `share` of the numbers lie: the nearest one above. */
export function quantile(numbers: readonly number[], share: number): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}
