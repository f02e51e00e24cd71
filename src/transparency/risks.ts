export type Likelihood = 'remote' | 'possible' | 'probable';
export type Severity = 'minimal' | 'significant' | 'severe';

/** What could harm somebody, and what is done about it. */
export type Risk = {
  risk: string;
  harm: string;
  /** As if nothing were done; then as things are. */
  before: { likelihood: Likelihood; severity: Severity };
  measures: readonly Measure[];
  after: { likelihood: Likelihood; severity: Severity };
  /** What is left, and for whom. */
  left: string;
};

/** What is done, and the file of the test that fails when it is no longer so; null where no test holds it. */
export type Measure = { does: string; heldBy: string | null };

const overallRisk: Record<Severity, Record<Likelihood, 'low' | 'medium' | 'high'>> = {
  minimal: { remote: 'low', possible: 'low', probable: 'low' },
  significant: { remote: 'low', possible: 'medium', probable: 'high' },
  severe: { remote: 'low', possible: 'high', probable: 'high' },
};

/** The Information Commissioner’s matrix of how likely and how severe. */
export function overall({ likelihood, severity }: Risk['before']): 'low' | 'medium' | 'high' {
  return overallRisk[severity][likelihood];
}

export const risks: readonly Risk[] = [
  {
    risk: 'Somebody sees a child’s record who has no right to',
    harm: 'A child’s whereabouts, needs or family are known to somebody who may do harm with them.',
    before: { likelihood: 'probable', severity: 'severe' },
    measures: [
      {
        does: 'One table says who may see what; a pair that is not allowed is refused, and every role is tried on every route.',
        heldBy: 'src/access/matrix.test.ts',
      },
      {
        does: 'Everybody asks for every child, and gets what the sentences of the policy say and no more.',
        heldBy: 'src/access/children.test.ts',
      },
      {
        does: 'Children are reached through one door that asks the policy itself, behind the one of the web shell.',
        heldBy: 'src/pupils/pupils.test.ts',
      },
    ],
    after: { likelihood: 'remote', severity: 'severe' },
    left: 'A wrong appointment: an administrator who appoints the wrong person opens a school to them until it is noticed.',
  },
  {
    risk: 'A child is taken for what a worklist says of it',
    harm: 'Staff expect less of a child, or press its family, because a program put it high on a list; or leave one alone that it put low.',
    before: { likelihood: 'possible', severity: 'significant' },
    measures: [
      {
        does: 'The list is for the head and the attendance staff of the school alone, says why in words, says what its probabilities rest on, and decides and sends nothing.',
        heldBy: 'test/journeys/worklist.test.ts',
      },
      {
        does: 'Who a child is goes into no probability; how well they go for each group of pupils is published.',
        heldBy: 'src/earlyWarning/counts.test.ts',
      },
      {
        does: 'A note stays with the school that wrote it, is given to the family that asks, and goes with the record of the child.',
        heldBy: 'src/records/worklist.test.ts',
      },
    ],
    after: { likelihood: 'possible', severity: 'minimal' },
    left: 'What staff make of the order. The probabilities that are shipped rest on made-up pupils, and the page says so.',
  },
  {
    risk: 'Somebody with a right looks without a reason',
    harm: 'Curiosity about a neighbour’s or a colleague’s child.',
    before: { likelihood: 'probable', severity: 'significant' },
    measures: [
      {
        does: 'A purpose is chosen or implied, and every look is written down before anything is shown.',
        heldBy: 'src/access/trail.test.ts',
      },
      {
        does: 'A family is told who looked; an auditor searches.',
        heldBy: 'src/audit/audit.test.ts',
      },
      {
        does: 'An emergency opens one record for a limited time, loudly, and another person reviews it.',
        heldBy: 'src/pupils/pupils.test.ts',
      },
    ],
    after: { likelihood: 'possible', severity: 'significant' },
    left: 'Looks that are within one’s own school and purpose are seen only by who searches the trail: somebody has to.',
  },
  {
    risk: 'Somebody pretends to be somebody else',
    harm: 'All that the other may see.',
    before: { likelihood: 'possible', severity: 'severe' },
    measures: [
      {
        does: 'Sign-in by OpenID Connect with PKCE; sessions get new tokens at each step up, end when unused and after a working day, and are kept as hashes.',
        heldBy: 'src/signIn/signIn.test.ts',
      },
      {
        does: 'Proving again who one is asks at the provider although one is signed in there.',
        heldBy: 'src/signIn/signIn.test.ts',
      },
      {
        does: 'Files of children’s data want that proof of minutes ago.',
        heldBy: 'test/attacks/sessionFixation.test.ts',
      },
      {
        does: 'A weak or default secret is refused at the start.',
        heldBy: 'src/signIn/settings.test.ts',
      },
    ],
    after: { likelihood: 'remote', severity: 'severe' },
    left: 'Whoever controls somebody’s account at the identity provider is that person here.',
  },
  {
    risk: 'The system is attacked from outside',
    harm: 'Records of many children at once.',
    before: { likelihood: 'probable', severity: 'severe' },
    measures: [
      {
        does: 'Requests of one address and one person are limited; a flood is turned away, and the site recovers.',
        heldBy: 'test/attacks/flooding.test.ts',
      },
      {
        does: 'Slow clients are cut off, and others are served meanwhile.',
        heldBy: 'test/attacks/slowClients.test.ts',
      },
      {
        does: 'A form of another site changes nothing.',
        heldBy: 'test/attacks/forgedForms.test.ts',
      },
      {
        does: 'Whatever is typed comes back as text, and no page has anything inline or from elsewhere.',
        heldBy: 'test/attacks/scriptInjection.test.ts',
      },
      {
        does: 'A field too many, or twice, gives nothing that is not one’s own.',
        heldBy: 'test/attacks/extraFields.test.ts',
      },
      {
        does: 'No path leads out of the files that are served.',
        heldBy: 'test/attacks/pathTraversal.test.ts',
      },
      {
        does: 'The server fetches no address that a visitor names.',
        heldBy: 'test/attacks/serverSideRequests.test.ts',
      },
      {
        does: 'Bodies that are too large, too deep or unpack to too much are refused unread.',
        heldBy: 'test/attacks/oversizedUploads.test.ts',
      },
      {
        does: 'No file that is given out runs in a spreadsheet.',
        heldBy: 'test/attacks/spreadsheetFormulas.test.ts',
      },
      {
        does: 'Files that are brought in are checked row by row and have limits of size, rows and inflation.',
        heldBy: 'src/publications/badFiles.test.ts',
      },
      {
        does: 'Dependencies are few, pinned and each has a reason; a bill of materials names all that comes with them.',
        heldBy: 'src/transparency/dependencies.test.ts',
      },
    ],
    after: { likelihood: 'remote', severity: 'severe' },
    left: 'No independent penetration test has been done. One has to be, before records of real children are held.',
  },
  {
    risk: 'A child’s name stands where it is not expected: logs, metrics, errors, addresses',
    harm: 'People who run machines see children’s data without being known.',
    before: { likelihood: 'probable', severity: 'significant' },
    measures: [
      {
        does: 'A child is a number outside the page about it; the trail refuses what looks like a UPN or a birthday.',
        heldBy: 'src/access/trail.test.ts',
      },
      {
        does: 'Every journey is gone through, and everything written meanwhile is searched for a child.',
        heldBy: 'test/journeys/nothingOfAChild.test.ts',
      },
    ],
    after: { likelihood: 'remote', severity: 'significant' },
    left: 'What a proxy in front of the site logs is set by who runs it; addresses hold numbers only.',
  },
  {
    risk: 'It is told that another service knows a child',
    harm: 'Telling a family can put a child at risk.',
    before: { likelihood: 'possible', severity: 'severe' },
    measures: [
      {
        does: 'Only the head and the service itself see it; families are answered in the same words whether there is any or not.',
        heldBy: 'src/pupils/pupils.test.ts',
      },
      {
        does: 'Somebody else’s child and no child at all are refused in the same words.',
        heldBy: 'src/access/children.test.ts',
      },
    ],
    after: { likelihood: 'remote', severity: 'severe' },
    left: 'A head who tells.',
  },
  {
    risk: 'A child is recognised in small numbers',
    harm: 'A figure about two pupils tells of each.',
    before: { likelihood: 'possible', severity: 'significant' },
    measures: [
      {
        does: 'Figures of fewer than six pupils are hidden in one place, last, and so are others from which they could be worked out.',
        heldBy: 'src/access/disclosure.test.ts',
      },
      { does: 'On every page and route.', heldBy: 'src/web/smallNumbers.test.ts' },
    ],
    after: { likelihood: 'remote', severity: 'significant' },
    left: 'The publications themselves are open to anybody.',
  },
  {
    risk: 'An expectation is used to judge or to rank schools',
    harm: 'Pressure on heads comes down on families.',
    before: { likelihood: 'probable', severity: 'significant' },
    measures: [
      {
        does: 'What was issued to a school is not shown to inspectors, parents, the public or other schools.',
        heldBy: 'src/access/matrix.test.ts',
      },
      {
        does: 'It is told with its uncertainty, its reasons and the chance to meet it by luck alone.',
        heldBy: 'src/targets/reasons.test.ts',
      },
    ],
    after: { likelihood: 'possible', severity: 'significant' },
    left: 'Whoever may see it can tell others. The method is open, so anybody can compute something like it.',
  },
  {
    risk: 'The forecast is worse for some groups of schools',
    harm: 'Schools with poorer children are asked for more than is fair, or for less.',
    before: { likelihood: 'probable', severity: 'significant' },
    measures: [
      {
        does: 'Past years are forecast again, and every group that is out is named in the record of the algorithm.',
        heldBy: 'src/targets/backtest.test.ts',
      },
      {
        does: 'What is asked of a school lies between two limits, whatever the model says.',
        heldBy: 'src/targets/expectation.test.ts',
      },
    ],
    after: { likelihood: 'possible', severity: 'significant' },
    left: 'Groups are still out, as the record says. They are schools, not children: no child is scored.',
  },
  {
    risk: 'What is held of a child is wrong',
    harm: 'A decision rests on it.',
    before: { likelihood: 'probable', severity: 'significant' },
    measures: [
      {
        does: 'A family or a school asks for a correction; a named person decides, with an answer, and the trail keeps it.',
        heldBy: 'src/pupils/pupils.test.ts',
      },
      {
        does: 'While a question is open the record can be restricted: kept and not used.',
        heldBy: 'src/pupils/pupils.test.ts',
      },
    ],
    after: { likelihood: 'possible', severity: 'minimal' },
    left: 'What the school’s own system holds has to be put right there too.',
  },
  {
    risk: 'Records are kept too long, or go too soon',
    harm: 'A past follows a child; or a register is missing that the law wants kept.',
    before: { likelihood: 'probable', severity: 'significant' },
    measures: [
      {
        does: 'Erasure is refused while registers must be kept, and takes away everything that says who the child is.',
        heldBy: 'src/pupils/pupils.test.ts',
      },
    ],
    after: { likelihood: 'possible', severity: 'significant' },
    left: 'Nothing is erased by itself: pupils retain has to be run. Older backups hold erased records until they are deleted.',
  },
  {
    risk: 'Somebody covers up what they did',
    harm: 'Misuse is not found.',
    before: { likelihood: 'possible', severity: 'significant' },
    measures: [
      {
        does: 'The trail is a chain of hashes whose heads are kept in the other store; alteration, removal, insertion and reordering are found.',
        heldBy: 'src/audit/verify.test.ts',
      },
    ],
    after: { likelihood: 'remote', severity: 'significant' },
    left: 'Whoever can write to both stores: a head noted elsewhere finds them too.',
  },
  {
    risk: 'Records are lost',
    harm: 'A child’s absence is not followed up.',
    before: { likelihood: 'possible', severity: 'significant' },
    measures: [
      {
        does: 'One commit for both stores; a crash loses nothing acknowledged.',
        heldBy: 'src/stores/crash.test.ts',
      },
      {
        does: 'A store that goes away and comes back loses nothing.',
        heldBy: 'src/stores/outage.test.ts',
      },
      {
        does: 'Backup and restore by one command each, compared figure by figure.',
        heldBy: 'src/stores/backup.test.ts',
      },
    ],
    after: { likelihood: 'remote', severity: 'significant' },
    left: 'Backups have to be made, and tried.',
  },
  {
    risk: 'A disk or a backup is stolen',
    harm: 'Records of many children at once.',
    before: { likelihood: 'possible', severity: 'severe' },
    measures: [
      {
        does: 'A backup is readable by its owner alone, and holds no session and no key.',
        heldBy: 'src/stores/backup.test.ts',
      },
      {
        does: 'Encryption of disks and of backups is set up by who runs the system; the runbooks say how.',
        heldBy: null,
      },
    ],
    after: { likelihood: 'possible', severity: 'severe' },
    left: 'Rollcall does not encrypt what it stores: without encrypted disks the risk stays high.',
  },
  {
    risk: 'A machine decides about a child',
    harm: 'A letter, a fine or a referral that no person weighed.',
    before: { likelihood: 'possible', severity: 'severe' },
    measures: [
      {
        does: 'What computes expectations cannot reach a child’s record: the folder may not import it.',
        heldBy: 'src/testing/structure.test.ts',
      },
      {
        does: 'What is suggested to a school shows what it rests on, and its head can set it aside with a reason.',
        heldBy: 'src/targets/overrule.test.ts',
      },
    ],
    after: { likelihood: 'remote', severity: 'severe' },
    left: 'Models about children are planned. Each needs an assessment of its own first.',
  },
  {
    risk: 'An e-mail tells more than it should, or reaches somebody else',
    harm: 'Figures of a few children stand in mailboxes that nobody here knows of.',
    before: { likelihood: 'possible', severity: 'significant' },
    measures: [
      {
        does: 'The weekly digest holds rounded rates and the names of what was found: nothing of a child, no count under ten, no expectation; and it goes once, to addresses that the provider of the sign-in vouches for.',
        heldBy: 'src/digest/digest.test.ts',
      },
    ],
    after: { likelihood: 'remote', severity: 'minimal' },
    left: 'Somebody who left a school gets its digest until the appointment is ended, or their address is closed.',
  },
];
