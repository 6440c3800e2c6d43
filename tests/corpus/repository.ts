import { asDocument, type CorpusRequest } from './requests.ts';

export interface CorpusAnswer {
  /** It was taken, and its capture job says so too. */
  readonly isTaken: boolean;
  readonly status: number;
  /** What was said: a problem, the refusals of the job, or the answer to a query. */
  readonly text: string;
}

type Body = string | Buffer | undefined;

/** Times of RFC 3339; `to` itself is out. */
interface Span {
  readonly from: string;
  readonly to: string;
}

const LD = 'application/ld+json';
const HEAD = 'https://ref.gs1.org/standards/epcis/epcis-context.jsonld';

/** A running Isotherm, as a partner's system speaks with it. */
export class Repository {
  readonly #url: string;
  readonly #token: string;
  #queries = 0;

  constructor(url: string, token: string) {
    this.#url = url;
    this.#token = token;
  }

  async answer({ to, body, isXml }: CorpusRequest): Promise<CorpusAnswer> {
    if (to === 'xml query') return this.#send('POST', '/epcis/v1/query', body, 'text/xml');
    if (to === 'xml capture') return this.#send('POST', '/epcis/v1/capture', body, 'text/xml');
    if (to === 'query') return this.#query(body);
    const path = to === 'event' ? '/epcis/v2/events' : '/epcis/v2/capture';
    const response = await this.#fetch('POST', path, { body, type: isXml ? 'application/xml' : LD });
    const text = await response.text();
    const job = response.headers.get('location');
    if (!response.ok || job === null || to === 'event') return { isTaken: response.ok, status: response.status, text };
    return this.#settled(job, response.status);
  }

  /** Events of a span of event time, as a document in JSON-LD or XML of EPCIS 2.0. */
  async between({ from, to }: Span, accept: 'application/ld+json' | 'application/xml'): Promise<string> {
    const query = new URLSearchParams({ GE_eventTime: from, LT_eventTime: to, perPage: '1000' });
    const response = await this.#fetch('GET', `/epcis/v2/events?${query}`, { accept });
    return response.text();
  }

  /** The same in XML of EPCIS 1.2. */
  betweenInOld({ from, to }: Span): Promise<CorpusAnswer> {
    const param = (name: string, value: string) => `<param><name>${name}</name><value>${value}</value></param>`;
    const params = `<params>${param('GE_eventTime', from)}${param('LT_eventTime', to)}</params>`;
    const poll = `<q:Poll xmlns:q="urn:epcglobal:epcis-query:xsd:1"><queryName>SimpleEventQuery</queryName>${params}</q:Poll>`;
    return this.#send('POST', '/epcis/v1/query', asDocument(poll), 'text/xml');
  }

  async #query(body: string | Buffer): Promise<CorpusAnswer> {
    this.#queries++;
    const name = `corpus-${process.pid}-${this.#queries}`;
    const given = JSON.parse(body.toString('utf8')) as { readonly query: unknown };
    const made = await this.#send(
      'POST',
      '/epcis/v2/queries',
      JSON.stringify({ '@context': HEAD, ...given, name }),
      'application/json',
    );
    return made.isTaken ? this.#send('GET', `/epcis/v2/queries/${name}/events`) : made;
  }

  async #settled(job: string, status: number): Promise<CorpusAnswer> {
    for (;;) {
      const text = await (await this.#fetch('GET', new URL(job, this.#url).pathname)).text();
      const { running, success } = JSON.parse(text) as { readonly running: boolean; readonly success: boolean };
      if (!running) return { isTaken: success, status, text };
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async #send(method: string, path: string, body?: Body, type?: string): Promise<CorpusAnswer> {
    const response = await this.#fetch(method, path, { body, type });
    const text = await response.text();
    // A query in a document has the exception in its body.
    return { isTaken: response.ok && !/<epcisq:\w+Exception>/.test(text), status: response.status, text };
  }

  #fetch(
    method: string,
    path: string,
    { body, type, accept }: { readonly body?: Body; readonly type?: string | undefined; readonly accept?: string } = {},
  ): Promise<Response> {
    // Each by a connection of its own: one that is kept may be closed while a schema is read.
    const headers: Record<string, string> = { authorization: `Bearer ${this.#token}`, connection: 'close' };
    if (type !== undefined) headers['content-type'] = type;
    if (accept !== undefined) headers.accept = accept;
    return fetch(this.#url + path, { method, headers, ...(body === undefined ? {} : { body }) });
  }
}
