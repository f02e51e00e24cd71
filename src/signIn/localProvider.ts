import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Context, Provider } from 'oidc-provider';
import { Refusal } from '../base/problem.ts';
import { assetCacheControl, createAssets, createRenderer, securityHeaders } from '../ui/index.ts';
import { callbackPath, signedOutPath } from './provider.ts';
import { newToken } from './tokens.ts';

/** Somebody whom a visitor of the demo can be. */
export type LocalPerson = {
  /** Their name at the provider, for ever the same. */
  subject: string;
  givenName: string;
  familyName: string;
  email: string;
  /** What to know them by: `Head of Lanternfield High School`. */
  hint: string;
  /** As DfE Sign-in gives it. */
  organisation?: Readonly<Record<string, string>>;
};

export type LocalProvider = {
  issuer: string;
  clientId: string;
  clientSecret: string;
  close(): Promise<void>;
};

export type LocalProviderOptions = {
  /** These are the demo’s stores. Anywhere else the provider refuses to start. */
  demo: boolean;
  people: readonly LocalPerson[];
  /** The address at which people open the site that they sign in to. */
  site: string;
  host: string;
  /** 0 for any that is free. */
  port: number;
};

const clientId = 'rollcall';
const scope = 'openid profile email organisation';
const hour = 3600;

/**
 * An OpenID Connect provider of our own, where a visitor chooses whom to be and nobody has a password: for the demo and
 * tests alone. Its keys and all it knows are in memory, and gone when it ends.
 */
export async function startLocalProvider(options: LocalProviderOptions): Promise<LocalProvider> {
  if (!options.demo) {
    throw new Refusal(
      'not-ready',
      'At the local identity provider anybody can be anybody: it starts in the demo alone. Name a real one in the settings.',
    );
  }
  const oidc = await import('oidc-provider'); // and all that it brings, in the demo alone
  const server = createServer();
  await listen(server, options);
  const { port } = server.address() as AddressInfo;
  const issuer = `http://localhost:${port}`;
  const clientSecret = newToken();
  const provider = new oidc.Provider(
    issuer,
    configurationOf(options, clientSecret, pageMaker(issuer)),
  );
  server.on('request', requestHandler(provider, options, issuer));
  return {
    issuer,
    clientId,
    clientSecret,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, { host, port }: LocalProviderOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === 'EADDRINUSE'
          ? new Refusal(
              'store-held',
              `Port ${port}, for the demo’s identity provider, is in use by another program. Stop it, or choose another port.`,
              { cause: error },
            )
          : error,
      ),
    );
    server.listen(port, host, () => resolve());
  });
}

function configurationOf(
  { people, site }: LocalProviderOptions,
  clientSecret: string,
  page: PageMaker,
): Record<string, unknown> {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return {
    adapter: adapterInMemory(),
    jwks: {
      keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256', kid: '1' }],
    },
    cookies: { keys: [randomBytes(32).toString('base64url')] },
    clients: [
      {
        client_id: clientId,
        client_secret: clientSecret,
        redirect_uris: [`${site}${callbackPath}`],
        post_logout_redirect_uris: [`${site}${signedOutPath}`],
        response_types: ['code'],
        grant_types: ['authorization_code'],
        require_auth_time: true,
      },
    ],
    pkce: { required: () => true },
    claims: {
      openid: ['sub'],
      profile: ['given_name', 'family_name'],
      email: ['email'],
      organisation: ['organisation'],
    },
    ttl: {
      AccessToken: 300,
      AuthorizationCode: 60,
      Grant: hour,
      IdToken: hour,
      Interaction: hour,
      Session: 8 * hour,
    },
    interactions: { url: (_: Context, { uid }: { uid: string }) => `/interaction/${uid}` },
    features: {
      devInteractions: { enabled: false },
      rpInitiatedLogout: {
        enabled: true,
        async logoutSource(context: Context, form: string) {
          context.type = 'html';
          context.body = page('signIn/localLeave.njk', { form });
        },
        async postLogoutSuccessSource(context: Context) {
          context.type = 'html';
          context.body = page('signIn/localMessage.njk', { heading: 'You are signed out' });
        },
      },
    },
    async findAccount(_: Context, subject: string) {
      const person = people.find((each) => each.subject === subject);
      return person && { accountId: subject, claims: async () => claimsOf(person) };
    },
    /** Whoever is here agrees that the demo's site knows them. */
    async loadExistingGrant({ oidc }: Context) {
      const grant = new oidc.provider.Grant({
        accountId: oidc.session?.accountId,
        clientId: oidc.client?.clientId,
      });
      grant.addOIDCScope(scope);
      await grant.save();
      return grant;
    },
    async renderError(
      context: Context,
      { error_description: text }: { error_description?: string },
    ) {
      context.type = 'html';
      const heading = 'This sign-in cannot go on';
      context.body = page('signIn/localMessage.njk', { heading, ...(text ? { text } : {}) });
    },
  };
}

function claimsOf({ subject, givenName, familyName, email, organisation }: LocalPerson) {
  return {
    sub: subject,
    given_name: givenName,
    family_name: familyName,
    email,
    ...(organisation ? { organisation } : {}),
  };
}

type PageMaker = (template: string, model: Record<string, unknown>) => string;

const assets = createAssets();

function pageMaker(issuer: string): PageMaker {
  const render = createRenderer({ site: { assets, homeHref: issuer, navigation: [], footer: [] } });
  const viewer = { description: 'at the demonstration’s identity provider', changeHref: null };
  const frame = { path: '/', viewer, demo: true };
  return (template, model) => render(template, { ...model, frame });
}

/** Sends the page on by itself; without script its button does. */
const leaveScript = `document.querySelector('button[name="logout"]').click();\n`;
const longestForm = 4096;

function requestHandler(
  provider: Provider,
  { people, site }: LocalProviderOptions,
  issuer: string,
) {
  const standard = provider.callback();
  const page = pageMaker(issuer);
  return (request: IncomingMessage, response: ServerResponse) => {
    for (const [name, value] of Object.entries(headersFor(site))) response.setHeader(name, value);
    const path = (request.url ?? '/').split('?')[0] ?? '/';
    const asset = assets.find(path);
    if (asset) {
      response.setHeader('cache-control', assetCacheControl);
      return send(response, 200, asset.contentType, asset.body);
    }
    if (path === '/leave.js') return send(response, 200, 'text/javascript', leaveScript);
    if (!path.startsWith('/interaction/')) return standard(request, response);
    return void choose(request, response).catch(() => {
      const heading = 'This sign-in took too long, or was begun in another browser';
      const text = 'Go back to the site and start again.';
      send(
        response,
        400,
        'text/html; charset=utf-8',
        page('signIn/localMessage.njk', { heading, text }),
      );
    });
  };

  async function choose(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { uid } = await provider.interactionDetails(request, response);
    const form = request.method === 'POST' ? await readForm(request) : undefined;
    const options = { mergeWithLastSubmission: false };
    if (form?.get('cancel')) {
      const refusal = { error: 'access_denied', error_description: 'nobody was chosen' };
      return provider.interactionFinished(request, response, refusal, options);
    }
    const person = people.find(({ subject }) => subject === form?.get('person'));
    if (person) {
      const login = { accountId: person.subject };
      return provider.interactionFinished(request, response, { login }, options);
    }
    const choices = people.map(({ subject, givenName, familyName, hint }) => ({
      value: subject,
      text: `${givenName} ${familyName}`,
      hint,
    }));
    const errors = form ? [{ text: 'Choose whom to be', href: '#person' }] : null;
    const html = page('signIn/localChoose.njk', { uid, choices, errors });
    send(response, form ? 400 : 200, 'text/html; charset=utf-8', html);
  }
}

/** As on every page, but that a form may lead back to the site, by way of this provider. */
function headersFor(site: string): Record<string, string> {
  const policy = securityHeaders['content-security-policy'] ?? '';
  return {
    ...securityHeaders,
    'content-security-policy': policy.replace("form-action 'self'", `form-action 'self' ${site}`),
    'cache-control': 'no-store',
  };
}

function send(response: ServerResponse, status: number, type: string, body: string | Buffer): void {
  response.writeHead(status, { 'content-type': type }).end(body);
}

async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  let body = '';
  for await (const part of request) {
    body += part;
    if (body.length > longestForm) throw new Refusal('bad-input', 'That form is too long.');
  }
  return new URLSearchParams(body);
}

type Stored = Record<string, unknown> & { grantId?: string; uid?: string; consumed?: number };

/** What goes with a grant; a sign-in under way stays. */
const ofGrant = /^(AccessToken|AuthorizationCode|RefreshToken) /;

/** Where the provider keeps what it has to remember. What is over is forgotten as more comes. */
function adapterInMemory() {
  const kept = new Map<string, { stored: Stored; until: number }>();
  const current = (key: string) => {
    const found = kept.get(key);
    return found && found.until > Date.now() ? found.stored : undefined;
  };
  return (model: string) => {
    const keyOf = (id: string) => `${model} ${id}`;
    return {
      async upsert(id: string, stored: Stored, seconds: number) {
        for (const [key, { until }] of kept) if (until <= Date.now()) kept.delete(key);
        kept.set(keyOf(id), { stored, until: Date.now() + seconds * 1000 });
      },
      find: async (id: string) => current(keyOf(id)),
      async findByUid(uid: string) {
        const keys = [...kept.keys()].filter((key) => key.startsWith(`${model} `));
        return keys.map(current).find((stored) => stored?.uid === uid);
      },
      findByUserCode: async () => undefined,
      async consume(id: string) {
        const stored = current(keyOf(id));
        if (stored) stored.consumed = Math.floor(Date.now() / 1000);
      },
      destroy: async (id: string) => void kept.delete(keyOf(id)),
      async revokeByGrantId(grantId: string) {
        for (const [key, { stored }] of kept) {
          if (stored.grantId === grantId && ofGrant.test(key)) kept.delete(key);
        }
      },
    };
  };
}
