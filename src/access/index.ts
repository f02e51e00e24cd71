/**
 * Who may see what: viewers, the policy as a table, and the shape of a verb on the command line. Nothing here reads
 * data; whoever reads data asks here first.
 */
export type {
  Command,
  CommandContext,
  CommandInput,
  CommandOption,
  CommandSettings,
  MailSettings,
  Output,
} from './command.ts';
export {
  confirmBasis,
  type DataFlow,
  type Door,
  type LawfulBasis,
  publicTask,
  registrationLaw,
} from './dataFlow.ts';
export {
  type Act,
  allowOrRefuse,
  type DataClass,
  type Decision,
  dataClasses,
  dataClassNames,
  decide,
  mayBeKept,
  policy,
  type Purpose,
  type PupilSubject,
  pupilData,
  purposes,
  purposesFor,
  purposesOf,
  type Rule,
  type Subject,
} from './policy.ts';
export { actOf, grant } from './grant.ts';
export { type ApiAsk, apiRoute, type ParameterFault, ParameterRefusal } from './apiRoute.ts';
export {
  hideAlso,
  isOfTheCircle,
  type Part,
  rateByMail,
  rateOutside,
  safeToShow,
  shareOutside,
  type Total,
  weekIsOfMany,
} from './disclosure.ts';
export {
  type CellCounts,
  type HiddenCells,
  hideTogether,
  type TableArea,
  totalDivision,
} from './disclosureTables.ts';
export { areasGivingCodes, areasGivingSessions } from './disclosureCodes.ts';
export type {
  Answer,
  AnswerCookie,
  ApiLinks,
  ApiSchema,
  Ask,
  AskSession,
  Route,
  Sent,
} from './route.ts';
export {
  type Action,
  actions,
  loudTrail,
  openTrail,
  type Trace,
  type Trail,
  trailOf,
} from './trail.ts';
export {
  operator,
  parseViewer,
  publicViewer,
  type Role,
  roleNames,
  roles,
  type ScopeKind,
  type Viewer,
  viewerText,
} from './viewer.ts';
