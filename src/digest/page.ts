import type { Route } from '../access/index.ts';
import type { Clock } from '../base/clock.ts';
import { digestStopped, stopDigests } from '../records/index.ts';
import type { Stores } from '../stores/index.ts';

const path = '/digest/stop';

/** Stopping the weekly e-mails, and getting them again, by the link that each has in it: without signing in. */
export function digestRoutes({ stores, clock }: { stores: Stores; clock: Clock }): Route[] {
  const { records } = stores;
  const page = async (token: string) => {
    const found = await digestStopped(records, token);
    return {
      kind: 'page',
      template: 'digest/stop.njk',
      model: { isKnown: found !== undefined, stopped: found?.stopped === true, token, path },
    } as const;
  };
  return [
    {
      ...{ method: 'GET', path, summary: 'Stop the weekly e-mails', needs: 'public statistic' },
      answer: ({ query }) => page(query['token'] ?? ''),
    },
    {
      ...{ method: 'POST', path, summary: 'Stop the weekly e-mails, or get them again' },
      needs: 'own sign-in',
      async answer({ form }) {
        const token = form['token'] ?? '';
        await stopDigests(records, token, form['again'] === 'yes' ? null : clock());
        return page(token);
      },
    },
  ];
}
