import { Refusal } from '../base/problem.ts';
import { isWeakSecret } from '../base/secret.ts';

/** How people sign in here. */
export type SignInSettings = {
  /** Who vouches for people: the issuer of the OpenID Connect provider. */
  issuer: string;
  clientId: string;
  clientSecret: string;
  /** What is asked of the provider: `openid profile email`, and of DfE Sign-in also `organisation`. */
  scopes: string;
  /** The address at which people open this site, without a path. */
  site: string;
  /** A session that was not used for so long is over. */
  idleMinutes: number;
  /** A session is over so long after it was begun, used or not. */
  absoluteHours: number;
};

export const signInDefaults = {
  scopes: 'openid profile email',
  idleMinutes: 30,
  absoluteHours: 8,
} as const;

const leastOfASecret = { signs: 24, different: 10 };

/** Refuses with `bad-input` what would not be safe. The demo alone may do without TLS and with a secret made at its start. */
export function checkSignInSettings(settings: SignInSettings, { demo }: { demo: boolean }): void {
  const { issuer, site, clientId, clientSecret, scopes, idleMinutes, absoluteHours } = settings;
  checkAddress('the address of the identity provider', issuer, demo);
  checkAddress('the address of this site', site, demo);
  if (new URL(site).origin !== site) {
    throw new Refusal(
      'bad-input',
      `Give the address of this site without a path: ${new URL(site).origin}.`,
    );
  }
  if (clientId === '') {
    throw new Refusal(
      'bad-input',
      'Give the name under which the identity provider knows this site.',
    );
  }
  if (!demo && isWeakSecret(clientSecret, leastOfASecret)) {
    const { signs, different } = leastOfASecret;
    throw new Refusal(
      'bad-input',
      `The secret shared with the identity provider is too weak: it needs at least ${signs} characters, ${different} of them different. Have the provider make a new one.`,
    );
  }
  if (!scopes.split(' ').includes('openid')) {
    throw new Refusal('bad-input', 'What is asked of the identity provider must include openid.');
  }
  if (!(idleMinutes >= 1 && idleMinutes <= absoluteHours * 60 && absoluteHours <= 24)) {
    throw new Refusal(
      'bad-input',
      'A session ends when it was not used for 1 minute or more, and at the latest a day after it was begun.',
    );
  }
}

function checkAddress(what: string, text: string, demo: boolean): void {
  const allowed = demo ? ['http:', 'https:'] : ['https:'];
  if (URL.canParse(text) && allowed.includes(new URL(text).protocol)) return;
  throw new Refusal('bad-input', `“${text}” is not ${what}: it must begin with https://.`);
}

/** Cookies go over TLS alone wherever the site has it. */
export function isSecure({ site }: Pick<SignInSettings, 'site'>): boolean {
  return site.startsWith('https:');
}
