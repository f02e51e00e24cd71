/** Pages that join slices: the start page, a school's home, a trust's, an authority's. */
export { startPage } from './start.ts';
