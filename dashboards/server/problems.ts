import type { ErrorRequestHandler, Request, Response } from 'express';
import { z } from 'zod';
import {
  ConflictError,
  hasServerText,
  InputError,
  type IsothermError,
  type Logger,
  serverText,
  UnavailableError,
} from '../../domain/index.ts';
import { PROBLEM_TYPE, type Problem } from '../api/index.ts';

/** A request that HTTP itself refuses: who asks, how, how often. */
export class Refusal extends InputError {
  readonly status: number;

  constructor(status: number, code: string, message: string, details: Readonly<Record<string, unknown>> = {}) {
    super(code, message, details);
    this.status = status;
  }
}

export function notFound(code: string, message: string): Refusal {
  return new Refusal(404, code, message);
}

/**
 * Checks what came in against its schema.
 * @throws {InputError} `code`, with the fields that are wrong
 */
export function parsed<T extends z.ZodType>(
  schema: T,
  given: unknown,
  code: 'ARGUMENTS_INVALID' | 'BODY_INVALID' | 'QUERY_INVALID',
): z.output<T> {
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const errors = result.error.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message }));
  const [first] = errors;
  const where = first === undefined || first.path === '' ? 'the request' : first.path;
  throw new InputError(code, `${where}: ${first?.message ?? 'not as expected'}`, { errors });
}

/** The page of the API an error becomes (RFC 9457); of a defect it tells nothing but that it was ours. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Refusal) return problem(error.status, error);
  if (error instanceof InputError) return problem(inputStatus(error.code), error);
  if (error instanceof ConflictError) return { ...problem(409, error), current: { ...error.details } };
  if (error instanceof UnavailableError) return { ...problem(503, error), retryAfterSeconds: 5 };
  const parserStatus = bodyParserStatus(error);
  if (parserStatus !== null) return parserStatus;
  return {
    type: 'urn:isotherm:problem:DEFECT',
    title: serverText('problem.DEFECT'),
    status: 500,
    code: 'DEFECT',
    detail: serverText('problem.DEFECT.detail'),
  };
}

/** What is addressed and is not there, by the name of the code. */
const NOT_THERE =
  /^(ALERT|CALIBRATION_FILE|CASE|CASE_ATTACHMENT|CASE_CLOCK|CASE_TASK|CHANNEL|DECOMMISSIONING|DEVICE|EPCIS_QUERY|EPCIS_SUBSCRIPTION|EXCEPTION|MARKET|PARTNER|PARTNER_FILE|PASS|PHOTO|PLACE|PORTAL|PRODUCT|RULE|SERIAL|SHIPMENT|SYSTEM|SYSTEM_FILE|SYSTEM_MESSAGE|TRACE_REQUEST|UNIT|VERIFICATION_DIRECTORY)_UNKNOWN$/;
/** What cannot be read at all; everything else was read and makes no sense. */
const UNREADABLE =
  /^(BODY_INVALID|QUERY_INVALID|TEXT_INVALID|ASN_INVALID|LIMIT_BAD|VERIFICATION_REQUEST_BAD|CURSOR_\w+|EPC(IS)?_\w+)$/;

function inputStatus(code: string): number {
  if (NOT_THERE.test(code)) return 404;
  if (/^(EPCIS_TOO_MANY|(PARTNER|SYSTEM)_FILE_TOO_LARGE)$/.test(code)) return 413;
  if (code === 'PARTNER_QUOTA' || code === 'SYSTEM_QUOTA') return 429;
  return UNREADABLE.test(code) ? 400 : 422;
}

/** Of the code where the status alone would say something else than what is wrong. */
function titleOf(status: number, code: string): string {
  const key = [`problem.${code}`, `problem.${status}`].find(hasServerText);
  return serverText(key ?? 'problem.other');
}

function problem(status: number, error: IsothermError): Problem {
  const errors = fieldErrors.safeParse(error.details.errors ?? refusalErrors(error.details.refusals));
  const retryAfter = error.details.retryAfterSeconds;
  return {
    type: `urn:isotherm:problem:${error.code}`,
    title: titleOf(status, error.code),
    status,
    code: error.code,
    detail: error.message,
    ...(errors.success ? { errors: errors.data } : {}),
    ...(typeof retryAfter === 'number' ? { retryAfterSeconds: retryAfter } : {}),
  };
}

/** The trace room's way of saying what is wrong with a notice. */
const refusals = z.array(z.object({ path: z.string(), given: z.string(), allowed: z.string() })).min(1);

const fieldErrors = z.array(z.object({ path: z.string(), message: z.string() })).min(1);

function refusalErrors(given: unknown): { path: string; message: string }[] | undefined {
  const parsedRefusals = refusals.safeParse(given);
  if (!parsedRefusals.success) return undefined;
  return parsedRefusals.data.map(({ path, given: was, allowed }) => ({
    path,
    message: `given ${was}, allowed ${allowed}`,
  }));
}

/** Express's own body parser and router speak http-errors. */
function bodyParserStatus(error: unknown): Problem | null {
  if (!(error instanceof Error) || !('status' in error) || typeof error.status !== 'number') return null;
  const { status } = error;
  if (status < 400 || status >= 500) return null;
  const code = status === 413 ? 'BODY_TOO_LARGE' : 'REQUEST_MALFORMED';
  return {
    type: `urn:isotherm:problem:${code}`,
    title: titleOf(hasServerText(`problem.${status}`) ? status : 400, code),
    status,
    code,
    detail: error.message,
  };
}

/**
 * The last handler: every error of every route ends here, once.
 * @param typeOf what the problem is called where a standard has words of its own
 */
export function problemHandler(
  logger: Logger,
  countDefect: () => void,
  typeOf: (problem: Problem) => string = ({ type }) => type,
): ErrorRequestHandler {
  return (error: unknown, request: Request, response: Response, next) => {
    const problem = problemOf(error);
    const answer = { ...problem, type: typeOf(problem) };
    if (answer.status === 500) {
      countDefect();
      logger.error({ error, method: request.method, path: withoutSecret(request.path) }, 'a request failed');
    }
    if (response.headersSent) {
      next(error);
      return;
    }
    if (answer.retryAfterSeconds !== undefined) response.set('Retry-After', String(answer.retryAfterSeconds));
    if (answer.status === 401) response.set('WWW-Authenticate', 'Bearer');
    response.status(answer.status).type(PROBLEM_TYPE).send(JSON.stringify(answer));
  };
}

/** Links of customers and of messages are secrets: whoever reads the log must not be able to open them. */
function withoutSecret(path: string): string {
  return path.replace(/^((?:\/api\/v1)?\/(?:shared|acknowledge|answer)\/)[^/]+/, '$1…');
}
