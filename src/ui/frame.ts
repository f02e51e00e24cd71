import type { Assets } from './assets.ts';

export type Link = { text: string; href: string };

/** What every page of one request shares: the layout shows it around the page's own content. */
export type Frame = {
  /** The path of the page shown; marks the current item of the navigation. */
  path: string;
  /** What “who can see this page?” asks about: this path, the pattern of one that failed, or nothing. */
  page?: string | null;
  /** Who is looking, as a sentence goes on after "You are": `the head of Ashgrove Primary School`. */
  viewer: {
    description: string;
    changeHref: string | null;
    signedIn?: boolean;
    /** Who signed in could act in another role than this one. */
    hasOtherRoles?: boolean;
    /** For which purpose they look at children’s data, in words; null while none was chosen. */
    purpose?: string | null;
    /** There are several purposes for which somebody in this role looks. */
    choosesPurpose?: boolean;
  };
  /** Where this viewer’s own work is: stands in the navigation after what everybody has. */
  ownPages?: readonly Link[];
  /** All schools here are made up: every page says so. */
  demo: boolean;
};

/** What every page of a site shares. Paths are the web shell's to decide. */
export type Site = {
  assets: Assets;
  homeHref: string;
  navigation: Link[];
  footer: Link[];
};

export type NavigationItem = Link & {
  /** This is the page shown. */
  current: boolean;
  /** The page shown is below this one. */
  active: boolean;
};

/** The navigation with the item marked whose path is the longest beginning of the page's. */
export function markedNavigation(navigation: readonly Link[], path: string): NavigationItem[] {
  const nearest = navigation
    .filter((link) => path === link.href || path.startsWith(`${link.href}/`))
    .sort((one, other) => other.href.length - one.href.length)[0];
  return navigation.map((link) => ({
    ...link,
    current: link.href === path,
    active: link === nearest,
  }));
}
