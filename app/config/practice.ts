import { z } from 'zod';
import { optionalUrl } from './url.ts';

/** The practice site beside this one (docs/practice.md). */
export const practice = z
  .strictObject({
    enabled: z.boolean().default(true).meta({
      about:
        'People may start a practice site: the goods of the demo in a process and a database of their own, ended when nobody uses it.',
      allowed: 'true or false',
    }),
    port: z.number().int().min(0).max(65_535).default(8090).meta({
      about: 'Port of the practice site, on http.host and with the certificate of http.tls; open only while it runs.',
      allowed: 'a port from 0 to 65535 (0 = any free one)',
    }),
    url: optionalUrl(['http', 'https']).default(null).meta({
      about: 'Where people reach the practice site. Default: practice.port on the host that they reach this site at.',
      allowed: 'http://host or https://host, with a port where it needs one',
    }),
  })
  .prefault({});
