/**
 * Who may come in: people and their sessions, API tokens, and the credentials of devices, gateways and services. In come
 * names, passwords and secrets; out come who it is, or null. What each may do stands in `domain/permission.ts`. It must
 * never know HTTP, MQTT or a cookie.
 */
export { Accounts, type AccountsOptions, type ApiToken, type Session, type User } from './accounts.ts';
export type { Credential } from './credentials.ts';
