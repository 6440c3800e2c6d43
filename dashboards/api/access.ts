import { z } from 'zod';
import { CREDENTIAL_KINDS, DEVICE_ID } from '../../domain/index.ts';
import type { Operations } from './operation.ts';
import { permissionName, roleName } from './role.ts';
import { line, listOf, named, pageQuery } from './schema.ts';
import { sites, sitesOut } from './session.ts';
import { durationIn, timeOut } from './time.ts';

const name = line(64).min(1);
const password = z.string().min(1).max(1_024);
const credentialId = z.string().regex(DEVICE_ID, 'expected 1 to 128 of A-Z a-z 0-9 . _ : -');
const sources = z.array(line(255).min(1)).max(10_000).describe('Devices and readers that it speaks for besides itself');
const kind = z.enum(CREDENTIAL_KINDS);

export const user = z
  .object({
    name: z.string(),
    role: z.string(),
    sites: sitesOut,
    disabled: z.boolean(),
    secondFactor: z.boolean(),
    createdAt: timeOut,
  })
  .register(named, { id: 'User' });
export type UserView = z.output<typeof user>;
export const userList = listOf(user).register(named, { id: 'UserList' });

export const userInput = z.strictObject({
  name,
  role: roleName,
  password,
  sites: sites.optional().describe('Default: all'),
});
export const userChange = z
  .strictObject({
    name: name.optional(),
    role: roleName.optional(),
    sites: sites.optional(),
    password: password.optional(),
    disabled: z.boolean().optional(),
  })
  .describe('What is to be different; the rest stays');

export const token = z
  .object({
    name: z.string(),
    role: z.string(),
    scope: z.array(z.string()).nullable().describe('What it is narrowed to; null: whatever its role may'),
    sites: sitesOut,
    door: z.string().nullable().describe('The portal whose screen it is, good for that alone; null: no screen'),
    partner: z.string().nullable().describe('The partner whose token it is, good for that alone; null: of none'),
    createdAt: timeOut,
    createdBy: z.string().nullable(),
    expiresAt: timeOut.nullable(),
    lastUsedAt: timeOut.nullable().describe('To the minute'),
  })
  .register(named, { id: 'Token' });
export type TokenView = z.output<typeof token>;
export const tokenList = listOf(token).register(named, { id: 'TokenList' });
export const tokenInput = z.strictObject({
  name,
  role: roleName,
  scope: z.array(permissionName).min(1).max(200).optional().describe('Permissions of the role; default: all of them'),
  sites: sites.optional().describe('Default: all'),
  expires: durationIn.optional().describe('90d; default: never'),
});
export const tokenCreated = token
  .extend({ token: z.string().describe('Shown this once') })
  .register(named, { id: 'TokenCreated' });

export const credential = z
  .object({
    id: z.string(),
    kind: kind.nullable().describe('null: not said; what it does first decides'),
    speaksFor: z.array(z.string()),
    waiting: z.array(z.string()).describe('Sources it has brought that a person has to confirm or refuse'),
    createdAt: timeOut,
    rotatedAt: timeOut.nullable(),
    lastSeenAt: timeOut.nullable().describe('To the minute'),
  })
  .register(named, { id: 'Credential' });
export type CredentialView = z.output<typeof credential>;
export const credentialList = listOf(credential).register(named, { id: 'CredentialList' });
export const credentialInput = z.strictObject({
  id: credentialId,
  kind: kind.optional(),
  speaksFor: sources.optional(),
});
export const credentialChange = z.strictObject({ kind: kind.optional(), speaksFor: sources.optional() });
export const sourceDecision = z.strictObject({ sources: sources.min(1) });
export const credentialSecret = z
  .object({ id: z.string(), username: z.string(), password: z.string().describe('Shown this once') })
  .register(named, { id: 'CredentialSecret' });

/** Where credentials are used. */
export const mqttDoor = z
  .object({ port: z.number().int().nullable(), tlsPort: z.number().int().nullable().describe('null: not open') })
  .register(named, { id: 'MqttDoor' });
export type MqttDoorView = z.output<typeof mqttDoor>;

export const ownPassword = z.strictObject({ old: password, new: password });
export const ownSession = z
  .object({
    id: z.string(),
    createdAt: timeOut,
    lastUsedAt: timeOut,
    expiresAt: timeOut,
    address: z.string().nullable(),
    agent: z.string().nullable(),
    isThis: z.boolean(),
  })
  .register(named, { id: 'OwnSession' });
export type OwnSessionView = z.output<typeof ownSession>;
export const ownSessionList = listOf(ownSession).register(named, { id: 'OwnSessionList' });

/** One's own sign-ins and password. */
export const ownAccessOperations = {
  setPassword: {
    method: 'put',
    path: '/session/password',
    summary: 'Set an own password; other sessions end',
    permission: 'signed in',
    body: ownPassword,
    answers: { 204: null },
  },
  sessions: {
    method: 'get',
    path: '/sessions',
    summary: 'Own sessions, the newest first',
    permission: 'signed in',
    answers: { 200: ownSessionList },
  },
  endSession: {
    method: 'delete',
    path: '/sessions/:id',
    summary: 'End an own session',
    permission: 'signed in',
    answers: { 204: null },
  },
} as const satisfies Operations;

/** People who may sign in. */
export const userOperations = {
  list: {
    method: 'get',
    path: '/users',
    summary: 'Users',
    permission: 'access.manage',
    query: pageQuery,
    answers: { 200: userList },
  },
  create: {
    method: 'post',
    path: '/users',
    summary: 'Create a user',
    permission: 'access.manage',
    body: userInput,
    answers: { 201: user },
  },
  change: {
    method: 'put',
    path: '/users/:name',
    summary: "Change a user's name, role, sites or password, or whether the user may sign in",
    permission: 'access.manage',
    body: userChange,
    answers: { 200: user },
  },
  resetFactor: {
    method: 'post',
    path: '/users/:name/reset-factor',
    summary: 'Take away the second factor of somebody who has lost it; sign-ins of the user end',
    permission: 'access.manage',
    answers: { 204: null },
  },
  remove: {
    method: 'delete',
    path: '/users/:name',
    summary: 'Delete a user; what is open ends within five seconds',
    permission: 'access.manage',
    answers: { 204: null },
  },
} as const satisfies Operations;

/** What programs show instead of a password. */
export const tokenOperations = {
  list: {
    method: 'get',
    path: '/tokens',
    summary: 'API tokens, without their secrets',
    permission: 'access.manage',
    query: pageQuery,
    answers: { 200: tokenList },
  },
  create: {
    method: 'post',
    path: '/tokens',
    summary: 'Create an API token',
    permission: 'access.manage',
    body: tokenInput,
    answers: { 201: tokenCreated },
  },
  revoke: {
    method: 'delete',
    path: '/tokens/:name',
    summary: 'Revoke an API token; what is open ends within five seconds',
    permission: 'access.manage',
    answers: { 204: null },
  },
} as const satisfies Operations;

/** What devices, gateways and services sign in with. */
export const credentialOperations = {
  door: {
    method: 'get',
    path: '/mqtt',
    summary: 'The ports at which devices and gateways sign in',
    permission: 'access.manage',
    answers: { 200: mqttDoor },
  },
  list: {
    method: 'get',
    path: '/credentials',
    summary: 'Credentials of devices, gateways and services, without their passwords',
    permission: 'access.manage',
    query: pageQuery,
    answers: { 200: credentialList },
  },
  create: {
    method: 'post',
    path: '/credentials',
    summary: 'Create credentials of a device, gateway or service',
    permission: 'access.manage',
    body: credentialInput,
    answers: { 201: credentialSecret },
  },
  change: {
    method: 'put',
    path: '/credentials/:id',
    summary: 'Say what a credential is, and whom it speaks for',
    permission: 'access.manage',
    body: credentialChange,
    answers: { 200: credential },
  },
  rotate: {
    method: 'post',
    path: '/credentials/:id/rotate',
    summary: 'A new password; the old one, and what is open with it, ends within five seconds',
    permission: 'access.manage',
    answers: { 200: credentialSecret },
  },
  confirm: {
    method: 'post',
    path: '/credentials/:id/confirm',
    summary: 'Confirm sources that a gateway or service has brought',
    permission: 'access.manage',
    body: sourceDecision,
    answers: { 200: credential },
  },
  refuse: {
    method: 'post',
    path: '/credentials/:id/refuse',
    summary: 'Refuse sources that a gateway or service has brought',
    permission: 'access.manage',
    body: sourceDecision,
    answers: { 200: credential },
  },
  revoke: {
    method: 'delete',
    path: '/credentials/:id',
    summary: 'Revoke credentials; the open connection ends within five seconds',
    permission: 'access.manage',
    answers: { 204: null },
  },
} as const satisfies Operations;
