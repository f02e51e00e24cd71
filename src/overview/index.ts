/** Pages that join slices: the start page, a school's home, a trust's, an authority's, England's. */
export { overviewApi } from './api.ts';
export { englandApi } from './england/api.ts';
export { englandCommands } from './england/commands.ts';
export { englandRoutes } from './england/page.ts';
export { groupHomeRoutes } from './groupHome.ts';
export { ownPages } from './ownPages.ts';
export { schoolHomeRoutes } from './schoolHome.ts';
export { startPage } from './start.ts';
