/** What the page is for: a pharmacy sees what it receives, verifies and settles, and nothing of doors and loggers. */
export const INSTALLATION_PURPOSES = ['everything', 'pharmacy'] as const;
export type InstallationPurpose = (typeof INSTALLATION_PURPOSES)[number];
