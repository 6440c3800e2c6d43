import { describe, expect, it } from 'vitest';
import { parseCheckpoint } from './checkpoint.ts';
import { parseNote, SigningKey, signersOf, VerifierKey } from './note.ts';

/* The example of C2SP signed-note. */
const VKEY = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k';
const NOTE = `This is an example message.

\u2014 example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=
`;

const key = SigningKey.random((id) => `isotherm-${id.slice(0, 8)}/ledger`);

describe('a note', () => {
  it('of the standard is verified by the key of the standard', () => {
    const verifier = VerifierKey.parse(VKEY);
    expect(verifier.toString()).toBe(VKEY);
    expect(signersOf(parseNote(NOTE), [verifier])).toEqual([verifier]);
  });

  it('that was changed, or whose signature was, is refused', () => {
    const verifier = VerifierKey.parse(VKEY);
    for (const changed of [NOTE.replace('This', 'That'), NOTE.replace('Uw2QOkn8', 'Uw2QOkn9')]) {
      expect(() => signersOf(parseNote(changed), [verifier])).toThrow('does not fit');
    }
  });

  it('is signed by nobody known where another has signed it', () => {
    expect(signersOf(parseNote(NOTE), [key.verifier])).toEqual([]);
  });

  it.each([
    ['nothing', ''],
    ['no signature', 'text\n'],
    ['no newline at the end', NOTE.slice(0, -1)],
    ['a carriage return', NOTE.replaceAll('\n', '\r\n')],
    ['a signature that is no base64', NOTE.replace('Uw2Q', '!w2Q')],
    ['a hyphen for the dash', NOTE.replace('\u2014', '-')],
  ])('with %s is none', (_, text) => {
    expect(() => parseNote(text)).toThrow(expect.objectContaining({ code: 'LEDGER_NOTE_BAD' }));
  });
});

describe('a key', () => {
  it('signs and cosigns what its two verifier keys verify, each only its own', () => {
    const text = 'example.com/log\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n';
    const both = parseNote(`${text}\n${key.signatureOf(text)}${key.cosignatureOf(text, 1_679_315_147_000)}`);
    expect(signersOf(both, [key.verifier, key.cosigner]).map(({ type }) => type)).toEqual([1, 4]);
    expect(both.signatures[1]?.signature.readBigUInt64BE(0)).toBe(1_679_315_147n);
    const signed = parseNote(`${text}\n${key.signatureOf(text)}`);
    expect(signersOf(signed, [key.cosigner])).toEqual([]);
  });

  it('comes back from how it is kept, and is never shown in an error', () => {
    const again = SigningKey.parse(key.secret());
    expect(again.verifier.toString()).toBe(key.verifier.toString());
    const broken = `${key.secret().slice(0, -4)}AAAA`;
    expect(() => SigningKey.parse(broken)).toThrow('(not shown)');
  });

  it.each(['', 'x', VKEY.replace('530d', '530e'), VKEY.replace('+Aek', '+Bek'), `${VKEY}=`])('"%s" is none', (text) => {
    expect(() => VerifierKey.parse(text)).toThrow(expect.objectContaining({ code: 'LEDGER_KEY_BAD' }));
  });
});

describe('a checkpoint', () => {
  const root = 'CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=';
  const signed = (text: string) => `${text}\n${key.signatureOf(text)}`;

  it('says whose tree it is, how large, and its root', () => {
    const { checkpoint } = parseCheckpoint(signed(`example.com/log\n20852163\n${root}\n`));
    expect(checkpoint).toEqual({ origin: 'example.com/log', size: 20_852_163, root: Buffer.from(root, 'base64') });
  });

  it.each([
    `example.com/log\n020\n${root}\n`,
    `example.com/log\n-1\n${root}\n`,
    `example.com/log\n9007199254740993\n${root}\n`,
    `example.com/log\n1\n${root.slice(0, 20)}\n`,
    `\n1\n${root}\n`,
    'example.com/log\n1\n',
  ])('of %j is none', (text) => {
    expect(() => parseCheckpoint(signed(text))).toThrow(expect.objectContaining({ code: 'LEDGER_CHECKPOINT_BAD' }));
  });
});
