/** Why a pass was judged as it was (trace/passes). */
export const pass = {
  'pass.stray.itself': 'it {why}',
  'pass.stray.elsewhere': 'was read {theirs} at {portal}, here {ours}',
  'pass.stray.before': 'went through {portal} at {at} UTC, read {theirs}; here {ours}',
  'pass.stray.standing': 'stands near the door: read {ours} without a direction',
  'pass.read': '{count, plural, one {once} other {{count} times}}',
  'pass.read.at': '{count, plural, one {once} other {{count} times}} at {rssi} dBm',
  'pass.other': 'neither a serial nor a logistic unit',
  'pass.expected': '{shipment} expects it here{alone}',
  'pass.unexpected.late': '{shipment} does not expect it here at that time{alone}',
  'pass.unexpected.elsewhere': '{shipment} neither leaves from this site nor goes to it{alone}',
  'pass.unexpected': 'no shipment expects it here{alone}',
  'pass.alone': ', but {unit} that it is in did not pass',
  'pass.direction.tags': '{moved} of its {tags} tags moved {direction}',
  'pass.direction.shipment.destination': 'its shipment goes to this site',
  'pass.direction.shipment.origin': 'its shipment leaves from this site',
  'pass.direction.none': 'neither its tags nor a manifest show a direction',
} as const;
