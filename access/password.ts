import { type Argon2Parameters, argon2, randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';

/** How dear a guess is (RFC 9106). */
export interface PasswordCost {
  readonly memoryKib: number;
  readonly passes: number;
  readonly lanes: number;
}

/** The OWASP Password Storage Cheat Sheet's first choice: argon2id with 19 MiB, two passes, one lane. */
export const PASSWORD_COST: PasswordCost = { memoryKib: 19_456, passes: 2, lanes: 1 };

const SALT_BYTES = 16;
const HASH_BYTES = 32;
const ARGON2 = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([^$]+)\$([^$]+)$/;
const SCRYPT = /^\$scrypt\$ln=(\d+),r=(\d+),p=(\d+)\$([^$]+)\$([^$]+)$/;

/** @returns `$argon2id$v=19$m=19456,t=2,p=1$salt$hash`, salt and hash in base64 without padding (PHC string format) */
export async function hashPassword(password: string, cost: PasswordCost = PASSWORD_COST): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const hash = await byArgon2(password, salt, cost);
  return `$argon2id$v=19$${parametersOf(cost)}$${base64(salt)}$${base64(hash)}`;
}

/** Whether a stored hash is of another kind or cost than new ones: it is replaced at the next sign-in. */
export function isOutdated(stored: string, cost: PasswordCost = PASSWORD_COST): boolean {
  return !stored.startsWith(`$argon2id$v=19$${parametersOf(cost)}$`);
}

/** In constant time for a given cost. False, after no work, for text that is no such hash. */
export async function matchesPassword(password: string, stored: string): Promise<boolean> {
  const [, memory, passes, lanes, ...ofArgon2] = ARGON2.exec(stored) ?? [];
  const [, logN, r, p, ...ofScrypt] = SCRYPT.exec(stored) ?? [];
  const [salt, hash] = ofArgon2.length > 0 ? ofArgon2 : ofScrypt;
  if (salt === undefined || hash === undefined) return false;
  const bytes = Buffer.from(salt, 'base64');
  const actual =
    ofArgon2.length > 0
      ? await byArgon2(password, bytes, { memoryKib: Number(memory), passes: Number(passes), lanes: Number(lanes) })
      : await byScrypt(password, bytes, { N: 2 ** Number(logN), r: Number(r), p: Number(p) });
  const expected = Buffer.from(hash, 'base64');
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}

/** The same password typed on another keyboard is the same password (NIST SP 800-63B, 3.1.1.2). */
export function normalized(password: string): string {
  return password.normalize('NFKC');
}

function parametersOf({ memoryKib, passes, lanes }: PasswordCost): string {
  return `m=${memoryKib},t=${passes},p=${lanes}`;
}

function base64(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}

function byArgon2(password: string, nonce: Buffer, { memoryKib, passes, lanes }: PasswordCost): Promise<Buffer> {
  const parameters: Argon2Parameters = {
    ...{ message: normalized(password), nonce, tagLength: HASH_BYTES },
    ...{ memory: memoryKib, passes, parallelism: lanes },
  };
  return new Promise((resolve, reject) => {
    argon2('argon2id', parameters, (error, key) => (error ? reject(error) : resolve(key)));
  });
}

/** What passwords were hashed with before argon2id. */
function byScrypt(password: string, salt: Buffer, cost: { N: number; r: number; p: number }): Promise<Buffer> {
  const options: ScryptOptions = { ...cost, maxmem: 256 * cost.N * cost.r };
  return new Promise((resolve, reject) => {
    scrypt(normalized(password), salt, HASH_BYTES, options, (error, key) => (error ? reject(error) : resolve(key)));
  });
}
