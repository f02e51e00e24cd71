import { parseViewer, type Route, type Viewer, viewerText } from '../access/index.ts';
import { Refusal } from '../base/problem.ts';
import { type Directories, directoriesOf, type Directory } from '../schools/index.ts';
import type { Stores } from '../stores/index.ts';
import { demoCast } from './cast.ts';

/**
 * The page on which a visitor of the demo chooses whom to be. It is wired into the demo's site alone; elsewhere neither
 * the page nor the choice exists.
 */
export function demoRoutes(directories: Directories): Route[] {
  return [
    {
      method: 'GET',
      path: '/demo',
      summary: 'Choose whom to be',
      needs: 'demonstration',
      async answer({ viewer }) {
        const choices = choicesIn(await directories()).map((choice) => ({
          ...choice,
          value: viewerText(choice.viewer),
          checked: viewerText(choice.viewer) === viewerText(viewer),
        }));
        return { kind: 'page', template: 'demo/choose.njk', model: { choices } };
      },
    },
    {
      method: 'POST',
      path: '/demo',
      summary: 'Be somebody else',
      needs: 'demonstration',
      async answer({ form }) {
        const viewer = parseViewer(form['viewer'] ?? '');
        const choice = choicesIn(await directories()).find(
          (each) => viewerText(each.viewer) === viewerText(viewer),
        );
        if (!choice) {
          throw new Refusal('bad-input', 'Choose one of the people on the page.');
        }
        return { kind: 'redirect', to: choice.goTo, viewer };
      },
    },
  ];
}

/** Whom one can be, for whoever starts the demo. */
export async function demoPeople(stores: Stores): Promise<Pick<Choice, 'text' | 'hint'>[]> {
  return choicesIn(await directoriesOf(stores)());
}

type Choice = { viewer: Viewer; text: string; hint: string; goTo: string };

function choicesIn(directory: Directory): Choice[] {
  const heads = [
    demoCast.improvingSecondary,
    demoCast.smallRuralPrimary,
    demoCast.academisedChain,
    demoCast.specialWithoutMatch,
    demoCast.newWithoutHistory,
  ].flatMap(({ urn, role }) => {
    const school = directory.find(urn);
    if (!school) return [];
    const scope = String(school.urn);
    return [
      {
        viewer: { role: 'head' as const, scope },
        text: `The head of ${school.name}`,
        hint: role,
        goTo: `/schools/${scope}`,
      },
    ];
  });
  const school = directory.find(demoCast.improvingSecondary.urn);
  if (!school) return heads;
  const { laCode, laName, trust } = school;
  return [
    ...heads,
    ...(trust
      ? [
          {
            viewer: { role: 'trust' as const, scope: trust.uid },
            text: `The chief executive of ${trust.name}`,
            hint: 'Sees the expectations of its own schools',
            goTo: `/trusts/${trust.uid}`,
          },
        ]
      : []),
    {
      viewer: { role: 'authority', scope: laCode },
      text: `An attendance officer of ${laName}`,
      hint: 'Sees the expectations of the schools in its area, and where support would do most',
      goTo: `/authorities/${laCode}`,
    },
    {
      viewer: { role: 'department', scope: null },
      text: 'The department',
      hint: 'Sees every expectation',
      goTo: '/authorities',
    },
    {
      viewer: { role: 'inspector', scope: laCode },
      text: `An inspector in ${laName}`,
      hint: 'Sees absence, and never an expectation',
      goTo: `/schools/${school.urn}`,
    },
    {
      viewer: { role: 'public', scope: null },
      text: 'A parent, or anyone',
      hint: 'Sees what is published, with small numbers hidden',
      goTo: `/schools/${school.urn}`,
    },
  ];
}
