/**
 * A school’s worklist: its children whose weeks need somebody, in an order, with what the school wrote of each and who has
 * it. It decides and sends nothing.
 */
export { worklistApi } from './api.ts';
export { worklistPages } from './page.ts';
export { showWorklist } from './show.ts';
