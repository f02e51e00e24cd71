import { confirmBasis, type DataFlow, publicTask, registrationLaw } from '../access/index.ts';

/** What is kept of the weekly digest, and where it goes. */
export const digestFlows: readonly DataFlow[] = [
  {
    name: 'digest',
    title: 'The weekly digest by e-mail',
    about:
      'Once a week a head is sent what is new of the school, an authority’s officer of the area, and the department of England: rounded rates and sentences, with links. Nothing of a child, no count under ten and no expectation stands in it, and nobody’s name. It goes to the address that whoever vouches for the person gave. Everybody can stop it by the link in it.',
    whose: 'staff of schools, authorities and the department who are appointed here',
    comesFrom: [
      { who: 'Registers', how: 'Worked out from the figures of schools and areas.' },
      { who: 'The person', how: 'Stops the e-mails, or gets them again, on a page.' },
    ],
    classes: ['school statistic'],
    holds: {
      records: {
        digest_people: {
          person: 'Who.',
          token: 'What the link to stop the e-mails carries; it opens nothing else.',
          stopped_at: 'Since when the person gets none.',
        },
        digests: {
          id: 'Its number.',
          person: 'To whom.',
          role: 'As what.',
          scope: 'Of which school or area.',
          week: 'Of which week, by its Monday.',
          state: 'Whether it was begun, sent, or the mail server did not say.',
          at: 'When.',
        },
      },
    },
    basis: { article6: publicTask, law: [...registrationLaw], toConfirm: [confirmBasis] },
    kept: 'As long as the system is kept; none of it says what stood in an e-mail.',
    goesTo: [
      {
        who: 'The people appointed',
        how: 'By e-mail, through the mail server of whoever runs the site, over an encrypted connection.',
      },
    ],
  },
];
