import { z } from 'zod';
import { optionalUrl } from './url.ts';

/** Assistants that ask for people (docs/assistants.md). */
export const assistants = z
  .strictObject({
    enabled: z.boolean().default(false).meta({
      about:
        'Assistants may ask, at /mcp and by isotherm mcp, under the role of whoever they ask for. What they are told leaves this installation for wherever the assistant runs.',
      allowed: 'true or false',
    }),
    url: optionalUrl(['http', 'https']).default(null).meta({
      about: 'Of isotherm mcp: the installation it asks. Default: http.port on this machine.',
      allowed: 'http://host:port or https',
    }),
    token: z.string().min(16).nullable().default(null).meta({
      about: 'Of isotherm mcp: the API token it asks with; a token of a narrow role is enough (isotherm token create).',
      allowed: 'an API token',
      secret: true,
    }),
  })
  .prefault({});
