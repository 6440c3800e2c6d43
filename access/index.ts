/**
 * Who may come in: people and their sessions, API tokens, and the credentials of devices, gateways and services, with
 * whom each speaks for. In come names, passwords and secrets; out come who it is, or null, and the word that something
 * was taken away. What each role may do stands in `domain/permission.ts`. It must never know HTTP, MQTT or a cookie.
 */
export { Accounts, type AccountsOptions } from './accounts.ts';
export type { Credential, CredentialChange, CredentialHolder } from './credentials.ts';
export { setUpDone } from './first-admin.ts';
export { nonceOf, OpenIdProvider, type OpenIdSettings, type SignatureSignIn, type Vouched } from './open-id.ts';
export type { ChallengeHolder, PasskeyRecord, RelyingParty } from './passkeys.ts';
export { DEMO_PASSWORD_RULES, PASSWORD_RULES, type PasswordRules } from './password-rules.ts';
export { PracticeTickets, type Practising } from './practice-tickets.ts';
export type { Grant, Revocations } from './revocations.ts';
export type { RoleChange, RoleRecord } from './roles.ts';
export type { CodeVerdict, FactorOwner, FactorState } from './second-factor.ts';
export type { Session, SessionMethod, SessionRecord } from './sessions.ts';
export type { SpokenFor } from './spoken-for.ts';
export { mayStill } from './standing.ts';
export type { ApiToken, TokenHolder } from './tokens.ts';
export type { User, UserChange, UserRecord } from './users.ts';
