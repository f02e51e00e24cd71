/**
 * Who somebody is: signing in with OpenID Connect, sessions, appointments that say as what one may act and until when,
 * the keys of other systems, and the pages and verbs on which an administrator gives and takes them.
 *
 * Invariant: what somebody may see comes from their appointments here, never from what the identity provider says of them.
 */
export { administrationRoutes } from './administration.ts';
export { appointable, isInForce, parseAppointment } from './appointments.ts';
export { signInCommands } from './commands.ts';
export { signInFlows } from './flows.ts';
export { doorkeeperOf, type KnownSystem } from './doorkeeper.ts';
export { type Ability, findKey, longestKeyDays, makeKey } from './keys.ts';
export { type LocalPerson, type LocalProvider, startLocalProvider } from './localProvider.ts';
export { connectProvider, type Provider } from './provider.ts';
export { ownPath } from './returnPath.ts';
export { signInRoutes } from './routes.ts';
export { openSessions, type Sessions, type SignedIn } from './sessions.ts';
export { checkSignInSettings, isSecure, signInDefaults, type SignInSettings } from './settings.ts';
