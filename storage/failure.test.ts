import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { InputError, UnavailableError } from '../domain/index.ts';
import { isPassing, mayBlameRecord, reasonOf } from './failure.ts';

function answered(code: string): Error {
  const error = new pg.DatabaseError('said the server', 0, 'error');
  error.code = code;
  return error;
}

describe('a failure', () => {
  it('is passing where a part is away or the database was busy with something else', () => {
    const serializationFailure = answered('40001');
    const shutdown = answered('57P01');
    const diskFull = answered('53100');
    const becameStandby = answered('25006');
    for (const error of [
      serializationFailure,
      shutdown,
      diskFull,
      becameStandby,
      new UnavailableError('INFLUX_AWAY', 'away'),
    ]) {
      expect([isPassing(error), mayBlameRecord(error)]).toEqual([true, false]);
    }
  });

  it('may be the fault of a record: its value, its keys, or what the handler makes of it', () => {
    const tooLarge = answered('22003');
    const foreignKey = answered('23503');
    for (const error of [
      tooLarge,
      foreignKey,
      new TypeError('undefined is not'),
      new InputError('X', 'x'),
      'a string',
    ]) {
      expect([isPassing(error), mayBlameRecord(error)]).toEqual([false, true]);
    }
  });

  it('is never the fault of a record where our statement or schema is wrong', () => {
    const noSuchTable = answered('42P01');
    const noRight = answered('42501');
    for (const error of [noSuchTable, noRight]) {
      expect([isPassing(error), mayBlameRecord(error)]).toEqual([false, false]);
    }
  });

  it('is told in one line', () => {
    expect(reasonOf(answered('22003'))).toBe('22003: said the server');
    expect(reasonOf(new TypeError('no such thing'))).toBe('no such thing');
    expect(reasonOf('why')).toBe('why');
  });
});
