import { expect, test } from 'vitest';
import { serverUrl } from './server-url.ts';

test('a URL of one host is left as it is', () => {
  for (const url of [
    'postgres://u:p@db/x',
    'postgresql://u@localhost:5432/x?host=%2Ftmp%2Frun',
    'postgres://u@[::1]:5433/x',
  ]) {
    expect(serverUrl(url)).toEqual({ hosts: [], url });
  }
});

test('a URL of several hosts is taken apart, each with its port, or the usual one', () => {
  const { hosts, url } = serverUrl(
    'postgres://u:p%40%2C@one,two:5433,[2001:db8::1]:5434/x?sslmode=require&target_session_attrs=primary',
  );
  expect(hosts.map(({ host, port }) => [host, port])).toEqual([
    ['one', 5432],
    ['two', 5433],
    ['2001:db8::1', 5434],
  ]);
  expect(url).toBe('postgres://u:p%40%2C@one/x?sslmode=require');
  expect(hosts[1]?.url).toBe('postgres://u:p%40%2C@two:5433/x?sslmode=require');
});

test('what cannot be meant is refused, and never says the password', () => {
  for (const [url, what] of [
    ['mysql://u:secret@h/x', 'no postgres:// URL'],
    ['postgres://u:secret@one,/x', '"" is no host'],
    ['postgres://u:secret@one:1,two:70000/x', '"two:70000" is no host'],
    ['postgres://u:secret@one,two/x?target_session_attrs=standby', 'target_session_attrs=standby, allowed'],
    [`postgres://u:secret@${Array.from({ length: 17 }, (_, n) => `h${n}`).join()}/x`, '17 hosts, allowed: 16'],
  ] as const) {
    expect(() => serverUrl(url)).toThrow(what);
    expect(() => serverUrl(url)).not.toThrow('secret');
  }
});
