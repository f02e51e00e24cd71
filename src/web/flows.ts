import { confirmBasis, type DataFlow, publicTask } from '../access/index.ts';

const visits: DataFlow = {
  name: 'visits',
  title: 'Visits',
  about:
    'From which address requests come, to hold back whoever asks too much. Counters tell how many requests a route had, and never of which school, child or person. There is no log of requests.',
  whose: 'everybody who opens a page',
  comesFrom: [{ who: 'The visitor’s browser', how: 'The address that a request comes from.' }],
  classes: [],
  holds: {},
  basis: {
    article6: publicTask,
    law: ['UK GDPR, Article 32 (security)'],
    toConfirm: [confirmBasis, 'What a proxy in front of the site logs, and for how long.'],
  },
  kept: 'In memory, for minutes. Where something is read of a child, refused or changed, the address stands in the trail.',
  goesTo: [],
};

/** What is known of who visits. */
export const webFlows: readonly DataFlow[] = [visits];
