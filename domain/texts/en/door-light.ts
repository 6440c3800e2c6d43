/** Why a light at a door shows what it shows while the platform is away, and where the platform says otherwise (gateways/). */
export const doorLight = {
  'door.complete': '{reason}, by manifest {version}',
  'door.stopped': '{reason}, by manifest {version}',
  // The platform says it in English; in another language the finding is said before.
  'door.stop': '{finding, select, other {{reason}}}',
  'door.expired': 'it expired on {expiry}',
  'door.missing': '{reason}, by manifest {version}',
  'door.none': 'the platform is away and has not said what this door expects',
  'door.otherDoor': 'the platform is away, and manifest {version} does not know this door',
  'door.old': 'manifest {version} is old: the platform last stood by it {age} ago',
  'door.clock': 'manifest {version} cannot be dated: the clock of the gateway was set back',
  'door.unannounced':
    '{count, plural, one {one of its things was} other {{count} of its things were}} not announced here by {until} UTC (manifest {version}){left}',
  'door.nothing': 'nothing that was announced here by {until} UTC went through (manifest {version}){left}',
  'door.left': '; {shipments, plural, one {one shipment} other {{shipments} shipments}} did not fit into the manifest',
  'door.soFar': '{reason}; reads may still come (manifest {version})',
  'door.shared': '{reason} here, but reads of {readers} are with another gateway (manifest {version})',
  'door.many': 'more tags than a gateway judges at once (manifest {version})',
  'door.disk': 'the disk of the gateway takes no more reads: something may have gone through unseen; {reason}',
  'door.rules': '{said}; alert: {rules}',
  'door.rule': '{rule} ({severity}, {goods})',
  'door.differs':
    'The door showed {shown} at {at} UTC {manifest, plural, =0 {without a manifest} other {by manifest {manifest}}}; the platform says {light}: {reason}',
} as const;

/** What names a text of a light at a door. That the platform says otherwise is said by the platform, in English. */
export type DoorLightKey = Exclude<keyof typeof doorLight, 'door.differs'>;
/** The same in another language. */
export type DoorLightTexts = Readonly<Record<DoorLightKey, string>>;
