import { type AuditTrail, type Logger, silentLogger, type TimeSource } from '../domain/index.ts';
import { type Database, type InstallationKey, PostgresAuditTrail } from '../storage/index.ts';
import { Credentials } from './credentials.ts';
import { FirstAdmin } from './first-admin.ts';
import { Passkeys } from './passkeys.ts';
import type { PasswordCost } from './password.ts';
import type { PasswordRules } from './password-rules.ts';
import { ProviderIdentities } from './provider-identities.ts';
import { Revocations } from './revocations.ts';
import { Roles } from './roles.ts';
import { Screens } from './screens.ts';
import { SecondFactors } from './second-factor.ts';
import { Sessions } from './sessions.ts';
import { SignInLog } from './sign-in-log.ts';
import { SpokenFor } from './spoken-for.ts';
import { Tokens } from './tokens.ts';
import { Users } from './users.ts';

export interface AccountsOptions {
  readonly database: Database;
  readonly time: TimeSource;
  readonly logger?: Logger;
  /** How long a session lasts at most, and without being used. */
  readonly sessionMs?: number;
  readonly idleMs?: number;
  readonly passwordRules?: PasswordRules;
  readonly passwordCost?: PasswordCost;
  /** Seals the secrets of second factors; an administration command that only takes away needs none. */
  readonly key?: InstallationKey;
}

/** Everybody and everything that may come in. */
export class Accounts {
  readonly firstAdmin: FirstAdmin;
  readonly roles: Roles;
  readonly users: Users;
  readonly factors: SecondFactors;
  readonly passkeys: Passkeys;
  readonly providers: ProviderIdentities;
  readonly sessions: Sessions;
  readonly signIns: SignInLog;
  readonly tokens: Tokens;
  readonly screens: Screens;
  readonly credentials: Credentials;
  readonly spokenFor: SpokenFor;
  readonly revocations: Revocations;
  readonly audit: AuditTrail;

  constructor(options: AccountsOptions) {
    const { database, logger = silentLogger } = options;
    const audit = new PostgresAuditTrail({ database });
    const revocations = new Revocations({ ...options, logger });
    const parts = { ...options, logger, audit, revocations };
    this.audit = audit;
    this.revocations = revocations;
    this.firstAdmin = new FirstAdmin(parts);
    this.roles = new Roles(parts);
    this.users = new Users(parts);
    this.factors = new SecondFactors(parts);
    this.passkeys = new Passkeys(parts);
    this.providers = new ProviderIdentities({ ...parts, users: this.users });
    this.sessions = new Sessions(parts);
    this.signIns = new SignInLog(parts);
    this.tokens = new Tokens(parts);
    this.screens = new Screens(parts);
    this.credentials = new Credentials(parts);
    this.spokenFor = new SpokenFor(parts);
  }

  /** From here on what is taken away elsewhere ends here. An administration command does not need it. */
  async start(): Promise<void> {
    await this.revocations.start();
    await this.spokenFor.start();
  }

  async stop(): Promise<void> {
    this.signIns.stop();
    await this.revocations.stop();
    await this.spokenFor.settled();
  }
}
