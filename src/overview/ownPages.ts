import type { Viewer } from '../access/index.ts';
import type { Link } from '../ui/index.ts';

/** Where a viewer’s own work is: their school, class, area, children, cases; for the navigation. */
export function ownPages({ role, scope }: Viewer): Link[] {
  switch (role) {
    case 'head':
    case 'school':
      return [
        { text: 'Your school', href: `/schools/${scope}` },
        { text: 'This morning', href: `/schools/${scope}/morning` },
        { text: 'Worklist', href: `/schools/${scope}/worklist` },
        { text: 'Children', href: `/schools/${scope}/pupils` },
        { text: 'Register', href: `/schools/${scope}/register` },
        { text: 'Send a register', href: `/schools/${scope}/uploads` },
        { text: 'Absence', href: `/schools/${scope}/absence` },
      ];
    case 'teacher': {
      const [urn, className] = [scope?.slice(0, 6) ?? '', scope?.slice(7) ?? ''];
      const query = new URLSearchParams({ class: className });
      return [
        { text: 'Your class', href: `/schools/${urn}/pupils?${query}` },
        { text: 'Register', href: `/schools/${urn}/register?${query}` },
      ];
    }
    case 'trust':
      return [
        { text: 'Your trust', href: `/trusts/${scope}` },
        { text: 'Absence', href: `/trusts/${scope}/absence` },
      ];
    case 'authority':
    case 'analyst':
      return [
        { text: 'Your area', href: `/authorities/${scope}` },
        { text: 'This week', href: `/authorities/${scope}/week` },
        { text: 'Absence', href: `/authorities/${scope}/absence` },
      ];
    case 'inspector':
      return [
        { text: 'Your area', href: `/authorities/${scope}` },
        { text: 'Absence', href: `/authorities/${scope}/absence` },
      ];
    case 'adviser':
      return [{ text: 'Absence', href: `/regions/${scope}/absence` }];
    case 'department':
      return [
        { text: 'England', href: '/england' },
        { text: 'Absence', href: '/england/absence' },
      ];
    case 'parent':
      return [{ text: 'Your children', href: '/my-children' }];
    case 'pupil':
      return [{ text: 'Your record', href: '/my-record' }];
    case 'social-worker':
    case 'early-help':
      return [
        { text: 'Your cases', href: '/my-cases' },
        { text: 'Emergency', href: '/emergency' },
      ];
    case 'auditor':
      return [
        { text: 'Who looked at what', href: '/audit' },
        { text: 'Emergencies', href: '/emergencies' },
      ];
    case 'administrator':
      return [
        { text: 'People', href: '/administration/people' },
        { text: 'Keys', href: '/administration/keys' },
      ];
    default:
      return [];
  }
}
