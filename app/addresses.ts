import type { Config } from './config/index.ts';

/** Whether only this machine can reach a listener on `host`. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

/** A host as it stands in a URL. */
export function urlHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}

/** Where the web server is reached. @param port the one it listens on */
export function webUrl({ http }: Pick<Config, 'http'>, port: number): string {
  return http.url?.replace(/\/+$/, '') ?? ownUrl({ http }, port);
}

/** Where the web server listens. @param port the one it listens on */
export function ownUrl({ http }: Pick<Config, 'http'>, port: number): string {
  return `${http.tls.cert === null ? 'http' : 'https'}://${urlHost(http.host)}:${port}`;
}

/** Readings of one device and metric over a window, both ends included, in the API. @param from, to epoch ms UTC */
export function readingsUrl(url: string, device: string, metric: string, from: number, to: number): string {
  const iso = (at: number) => new Date(at).toISOString();
  const query = new URLSearchParams({ device, metric, from: iso(from), to: iso(to + 1) });
  return `${url}/api/v1/readings?${query}`;
}
