/** The API’s own pages: its description in plain English and as OpenAPI. Its routes stand in the slices’ `api.ts`. */
export { apiPages } from './pages.ts';
