/** A browser as far as tests of requests need one: keeps cookies, follows redirects, fills in forms. */
export class PlainBrowser {
  readonly cookies = new Map<string, string>();
  /** Every address it was led to, the last one last. */
  readonly visited: string[] = [];
  /** Every answer that it got. */
  readonly answers: Response[] = [];

  async get(address: string): Promise<Response> {
    return this.#go(address, {});
  }

  async post(address: string, form: Record<string, string>): Promise<Response> {
    return this.#go(address, { method: 'POST', body: new URLSearchParams(form) });
  }

  async #go(address: string, first: RequestInit): Promise<Response> {
    let next = address;
    let init = first;
    for (let hops = 0; hops < 15; hops += 1) {
      const response = await this.step(next, init);
      const location = response.headers.get('location');
      if (!location) {
        const sent = await sentByItself(response.clone());
        if (!sent) return response;
        next = new URL(sent.action, next).href;
        init = { method: 'POST', body: sent.form };
        continue;
      }
      next = new URL(location, next).href;
      init = {};
    }
    throw new Error(`led in circles: ${this.visited.slice(-4).join(' → ')}`);
  }

  /** One request, without following where it leads. */
  async step(address: string, init: RequestInit = {}): Promise<Response> {
    this.visited.push(address);
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(address, {
      ...init,
      redirect: 'manual',
      // A kept connection that the server ends just when it is used again would be a failure of its own.
      headers: { cookie, accept: 'text/html', connection: 'close' },
    });
    this.answers.push(response.clone());
    for (const each of response.headers.getSetCookie()) {
      const [pair = ''] = each.split(';');
      const [name = '', value = ''] = pair.split('=', 2);
      const isOver = value === '' || /expires=Thu, 01 Jan 1970/i.test(each);
      if (isOver) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return response;
  }

  /** Signs in as somebody; gives the last page, after being led back. */
  async signIn(site: string, subject: string, query = ''): Promise<Response> {
    const page = await this.get(`${site}/sign-in${query}`);
    const html = await page.text();
    const action = /<form action="(\/interaction\/[^"]+)"/.exec(html)?.[1];
    // Still signed in there: nobody is asked to choose.
    if (!action) return new Response(html, { status: page.status });
    const provider = new URL(this.visited.at(-1) ?? '').origin;
    return this.post(provider + action, { person: subject });
  }
}

/** The form of a page that a script sends at once, as the provider has it when one person follows another. */
async function sentByItself(response: Response) {
  const html = await response.text();
  if (!html.includes('document.forms[0].submit()')) return undefined;
  const fields = [...html.matchAll(/name="([^"]*)" value="([^"]*)"/g)];
  return {
    action: /action="([^"]+)"/.exec(html)?.[1] ?? '',
    form: new URLSearchParams(
      fields.map(([, name = '', value = '']): [string, string] => [name, value]),
    ),
  };
}
