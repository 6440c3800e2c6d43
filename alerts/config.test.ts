import { describe, expect, it } from 'vitest';
import { channelsSchema, routeSchema, simplePlan } from './config.ts';

const hook = { id: 'ops-hook', kind: 'webhook', url: 'http://127.0.0.1:9000/hook', secret: 'whsec_c2VjcmV0' };

describe('the channels of a configuration', () => {
  it('are webhooks with an address and a Standard Webhooks secret', () => {
    expect(channelsSchema.parse([hook])).toEqual([hook]);
    for (const wrong of [
      { url: 'ftp://127.0.0.1/hook' },
      { url: 'nowhere' },
      { secret: 'c2VjcmV0' },
      { secret: 'whsec_' },
      { secret: 'whsec_abc' },
      { id: 'Ops Hook' },
      { kind: 'pigeon' },
      { colour: 'red' },
    ]) {
      expect(channelsSchema.safeParse([{ ...hook, ...wrong }]).success, JSON.stringify(wrong)).toBe(false);
    }
  });

  it('have ids of their own', () => {
    expect(channelsSchema.safeParse([hook, hook]).success).toBe(false);
  });

  it('are told of alerts where the route names them', () => {
    const channels = channelsSchema.parse([hook, { ...hook, id: 'other' }]);
    expect(simplePlan({ channels, route: routeSchema.parse({ channel: 'other' }) })?.root.to).toEqual([
      { channel: 'other' },
    ]);
    expect(simplePlan({ channels, route: null })).toBeNull();
  });
});
