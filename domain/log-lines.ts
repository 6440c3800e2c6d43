/** A line that a running Isotherm can write into its log, besides debug lines. */
export interface LogLineDefinition {
  readonly level: 'info' | 'warn' | 'error';
  /** The folder that writes it. */
  readonly room: string;
  /** What has happened, in a sentence. */
  readonly means: string;
  /** What an operator does about it; absent where nothing is to be done. */
  readonly action?: string;
}

/**
 * Every line of the log by its text, so that a reader can list what is reported; docs/operating.md is written from it.
 * A line that is not here does not compile. What happens often is counted instead (the metrics of each room).
 */
export const LOG_LINES = {
  'could not look what access was taken away; tried again in two seconds': {
    ...{ level: 'warn', room: 'access', means: 'Whoever lost access meanwhile stays connected until the next look.' },
    action: 'See whether the database answers (`/readyz`).',
  },
  'refused sign-ins could not be written down': {
    ...{ level: 'warn', room: 'access', means: 'An entry of the audit trail about wrong passwords is missing.' },
    action: 'See whether the database answers (`/readyz`).',
  },
  'a sign-in by the OpenID provider was refused': {
    ...{
      level: 'warn',
      room: 'access',
      means: 'A person came back from the provider and was not let in; `why` says what for.',
    },
    action:
      'Compare the claim that `why` names with `oidc.roles` and `oidc.sitesClaim`; else see the log of the provider.',
  },
  'the OpenID provider cannot be asked': {
    ...{ level: 'warn', room: 'access', means: 'Nobody signs in by the provider; passwords and passkeys work.' },
    action: 'See whether `oidc.issuer` is reached from this machine; it is asked again at the next sign-in.',
  },
  'a subscriber did not take its events; they are sent again': {
    ...{
      level: 'warn',
      room: 'trace',
      means: 'Of a subscription to an EPCIS query; `reason` is what the receiver said.',
    },
    action: 'Ask whose address it is; it is tried for three days, and what was missed follows in order.',
  },
  'a partner did not take what was said of an exception; it is sent again': {
    ...{
      level: 'warn',
      room: 'partners',
      means: 'The webhook of a partner does not answer, or refuses. What was said is kept and sent again, in order.',
    },
    action: 'Test the connection (Administration, *Partners*); it is tried for three days.',
  },
  'a partner could not be told of an exception': {
    ...{
      level: 'error',
      room: 'partners',
      means: 'It was tried for three days, the partner answered 410, or there is no webhook or agreement any more.',
    },
    action: 'Share the exception by a link, or mend the webhook and tell the partner again.',
  },
  'a subscription ended': {
    ...{
      level: 'error',
      room: 'trace',
      means:
        'A subscriber is told nothing more: it answered 410, took nothing for three days, or who made it may no more.',
    },
    action: 'Tell the partner; then have it go on from the page of health, and they have what they missed.',
  },
  'could not keep who speaks for whom': {
    ...{
      level: 'warn',
      room: 'access',
      means: 'What a gateway brought for the first time is not on the list of what waits.',
    },
    action: 'Nothing: it is written when it is brought again after a restart.',
  },
  'what is due could not be told; it is looked at again': {
    ...{
      level: 'warn',
      room: 'alerts',
      means: 'Snoozes that are over could not be ended, or escalations and reminders not be sent.',
    },
    action: 'See whether the database answers (`/readyz`).',
  },
  'alerts were opened without their serials; they are tried again': {
    ...{ level: 'warn', room: 'alerts', means: 'Single findings could not be explained; their alerts say so.' },
    action: 'See `troubles` in `/readyz`: the reason names what fails.',
  },
  'the practice site was not started': {
    ...{ level: 'warn', room: 'app', means: 'People who want to practise cannot; the real site is not touched.' },
    action: '`reason` names what is missing; a port that is taken is changed with `practice.port`.',
  },
  'a new certificate was taken': {
    ...{ level: 'info', room: 'app', means: 'The files of a door changed; handshakes from now on show the new one.' },
  },
  'a new certificate was not taken': {
    ...{ level: 'warn', room: 'app', means: 'The files of a door changed and do not do; the door keeps what it has.' },
    action: 'Mend the files that the reason names; they are read again within five seconds.',
  },
  'a folder of a partner cannot be read': {
    ...{
      level: 'warn',
      room: 'app',
      means: 'Files that partners brought to `partners.folder` stay where they are; they are looked at again in 5 s.',
    },
    action: 'See whether the folder can be read and written, and whether the log takes anything (`/readyz`).',
  },
  'a file of a partner cannot be taken': {
    ...{ level: 'warn', room: 'app', means: 'It stays where it is and is tried again; the files of others are taken.' },
    action:
      'See the reason: a name that is no UTF-8 is to be changed, a link at `done` or `refused` removed, rights to read given; `/readyz` says whether the log takes anything.',
  },
  'files of a partner wait: more than is agreed': {
    ...{
      level: 'warn',
      room: 'app',
      means: 'It has brought all that its quota of the day allows; the rest stays in its folder.',
    },
    action: 'Ask it why, or raise its quota; it is looked at again within five minutes, and after 00:00 UTC.',
  },
  'a folder of a system cannot be read': {
    ...{
      level: 'warn',
      room: 'app',
      means: 'Files that ERP or WMS brought to `systems.folder` stay where they are; they are looked at again in 5 s.',
    },
    action: 'See whether the folder can be read and written, and whether the log takes anything (`/readyz`).',
  },
  'a file of a system cannot be taken': {
    ...{ level: 'warn', room: 'app', means: 'It stays where it is and is tried again; the files of others are taken.' },
    action:
      'See the reason: a name that is no UTF-8 is to be changed, a link at `done`, `refused` or `out` removed, rights given, `out` emptied.',
  },
  'files of a system wait: more than is agreed': {
    ...{
      level: 'warn',
      room: 'app',
      means: 'It has brought all that its mapping file allows for a day; the rest stays in its folder.',
    },
    action: 'Ask who runs it why, or raise `quota`; it is looked at again within five minutes, and after 00:00 UTC.',
  },
  'the folder of logger files cannot be read': {
    ...{
      level: 'warn',
      room: 'app',
      means: 'Files in `loggerFiles.folder` stay where they are; it is looked at again in 5 s.',
    },
    action: 'See whether the folder can be read and written, and whether the log takes anything (`/readyz`).',
  },
  'the goods of a shipment could not be judged; it is tried again': {
    ...{
      level: 'warn',
      room: 'rules',
      means:
        'Rules on goods (budgets, time in all) say nothing new of this shipment until it succeeds; the others go on.',
    },
    action: 'See whether the database answers (`/readyz`), and what the error says.',
  },
  'goods could not be judged; it is tried again': {
    ...{
      level: 'warn',
      room: 'rules',
      means: 'Rules on goods (budgets, time in all) wait; readings are judged as before.',
    },
    action: 'See whether the database answers (`/readyz`), and what the error says.',
  },
  'evidence of decided cases could not be compared': {
    ...{
      level: 'warn',
      room: 'quality',
      means: 'Late data does not reopen the cases that it concerns yet; it is compared again in some seconds.',
    },
    action: 'See whether the database answers (`/readyz`), and what the error says.',
  },
  'decommissioned packs could not be told to the log yet': {
    ...{
      level: 'warn',
      room: 'dashboards',
      means:
        'Packs that were decommissioned, or whose decommissioning was reverted, do not show so elsewhere yet; it is told again.',
    },
    action: 'See whether the log takes anything (`/readyz`).',
  },
  'decisions could not be told to the log yet': {
    ...{
      level: 'warn',
      room: 'dashboards',
      means: 'A signed decision does not stop or release its goods at the doors yet; it is told again.',
    },
    action: 'See whether the log takes anything (`/readyz`).',
  },
  'a logger file could not be taken in': {
    ...{
      level: 'warn',
      room: 'app',
      means: 'A file of `loggerFiles.folder` could not be read or moved; it is tried every 5 s, the others go on.',
    },
    action: 'See whether the file, and the folders `done` and `refused`, can be read and written.',
  },
  'a logger file was refused': {
    ...{
      level: 'warn',
      room: 'app',
      means: 'A file of `loggerFiles.folder` is in `refused`, with the reason beside it.',
    },
    action: 'Read the reason, and upload the file on the page with what it does not say itself.',
  },
  'the health of Isotherm itself could not be looked at; it is again in 10 s': {
    ...{ level: 'warn', room: 'app', means: 'Lag, dead records or undelivered messages could not be read.' },
    action: 'See whether the database answers (`/readyz`).',
  },
  'the alert worker cannot see its work; it looks again': {
    ...{ level: 'warn', room: 'alerts', means: 'The list of changed findings could not be read.' },
    action: 'See whether the database answers (`/readyz`).',
  },
  'alerts could not be settled; they are tried again': {
    ...{ level: 'warn', room: 'alerts', means: 'A group of findings could not be made into alerts.' },
    action: 'Where it goes on for more than a minute, `troubles` in `/readyz` says why.',
  },
  'the routing could not be read again; what was in force stays': {
    ...{ level: 'warn', room: 'alerts', means: 'Somebody changed who is told of alerts, and it could not be read.' },
    action: 'See whether the database answers (`/readyz`).',
  },
  'a message was given up': {
    ...{ level: 'error', room: 'alerts', means: 'A message was tried for three days and did not arrive.' },
    action: 'Mend the channel, and tell the people by hand.',
  },
  'the heartbeat is held back: alerts might not go out': {
    ...{ level: 'warn', room: 'alerts', means: 'A part fails without which readings or alerts are lost or late.' },
    action: 'See to the parts that are named; the watchdog outside will speak.',
  },
  'a message was delivered, but not to all': {
    ...{ level: 'warn', room: 'alerts', means: 'The mail server took a message for some of its receivers only.' },
    action: 'Mend the addresses of the channel; the line names those that were refused.',
  },
  'a message could not be delivered; it is tried again': {
    ...{ level: 'warn', room: 'alerts', means: 'The first try to deliver a message failed.' },
    action: 'See whether the channel’s receiver is up; its answer is in the line.',
  },
  'the outbox could not be looked through; it is again in 5 s': {
    ...{
      level: 'warn',
      room: 'alerts',
      means: 'Messages that wait could not be listed, or no jobs be made for them. They wait on.',
    },
    action: 'See whether the database answers, and Redis where `REDIS_URL` is set (`/readyz`).',
  },
  'the head of the audit trail could not be kept outside the database': {
    ...{ level: 'warn', room: 'app', means: 'The file that proves the audit trail’s length was not written.' },
    action: 'See whether the disk is full or the data directory is read-only.',
  },
  'how far the archive has come could not be kept outside the database': {
    ...{ level: 'warn', room: 'app', means: 'The file that proves the archive’s length was not written.' },
    action: 'See whether the disk is full or the data directory is read-only.',
  },
  'the record is not what was received': {
    ...{ level: 'error', room: 'app', means: 'The nightly check found something changed or gone; `reason` says what.' },
    action: 'Run `isotherm archive verify`, and find out who changed the database.',
  },
  'the record could not be checked; it is tried again the next night': {
    ...{ level: 'warn', room: 'app', means: 'The nightly check of the record did not come to its end.' },
    action: 'See the error in the line, and run `isotherm archive verify`.',
  },
  'a sensor gives one value, and is not believed': {
    ...{
      level: 'warn',
      room: 'app',
      means:
        'Every reading of `device` since `since` is exactly the same, for far longer than ever before: it is set aside.',
    },
    action: 'Look at the sensor, swap it, or take its readings as fact again on its page, with a reason.',
  },
  'stuck sensors could not be looked for; it is tried again': {
    ...{ level: 'warn', room: 'app', means: 'Readings could not be read, or the log took no fact.' },
    action: 'See the error in the line, and whether the database answers (`/readyz`).',
  },
  stopping: { level: 'info', room: 'app', means: 'A signal asked the process to end.' },
  starting: { level: 'info', room: 'app', means: 'A step of the start; `step` says which.' },
  'a rule says what is probably not meant': {
    ...{ level: 'warn', room: 'app', means: 'A rule of the rule file looks like a mistake of units.' },
    action: 'Look at the rule; the line says what is odd.',
  },
  'MQTT connection refused': {
    ...{ level: 'warn', room: 'broker', means: 'A client could not sign in; at most once a minute each.' },
    action: 'mqtt.md has the reasons; `isotherm device rotate ID` makes a new password.',
  },
  'MQTT broker error': {
    ...{ level: 'error', room: 'broker', means: 'The MQTT library reported an error of its own.' },
    action: 'Report it with the line.',
  },
  'MQTT connection not taken': {
    ...{ level: 'warn', room: 'broker', means: 'More clients than may be connected, or the broker is stopping.' },
    action: 'See who opens so many connections.',
  },
  'MQTT packet not taken, client disconnected': {
    ...{ level: 'warn', room: 'broker', means: 'A packet was too large or none of MQTT 3.1.1.' },
    action: 'Look at the client; the line names it and the problem.',
  },
  'MQTT version not spoken here, client disconnected': {
    ...{ level: 'warn', room: 'broker', means: 'A client asked for MQTT 5, or for a version that is none.' },
    action: 'Set the client at that address to MQTT 3.1.1.',
  },
  'the MQTT broker is away': {
    ...{
      level: 'warn',
      room: 'broker',
      means: 'The broker of `mqtt.url` does not answer, or does not let Isotherm in.',
    },
    action: 'See the reason in the line; `isotherm doctor` tries it.',
  },
  'states of gateways and descriptions of devices cannot be had from the broker': {
    ...{
      level: 'warn',
      room: 'broker',
      means:
        'The broker of `mqtt.url` refuses their topics: stack lights stay amber, and units that devices told before are not known.',
    },
    action: 'Mend its list of rights (docs/mqtt-broker.md).',
  },
  'what another process left at the MQTT broker is taken over': {
    ...{ level: 'info', room: 'broker', means: 'A process is gone; what came for it at the broker is handed on.' },
  },
  'MQTT subscription refused': {
    ...{ level: 'warn', room: 'broker', means: 'A client asked for a topic that is not its own.' },
    action: 'Mend the client’s subscription.',
  },
  'MQTT message refused, client disconnected': {
    ...{ level: 'warn', room: 'broker', means: 'A message broke a limit that only abuse breaks.' },
    action: 'Look at the client; the line names it and the reason.',
  },
  'MQTT message could not be made durable': {
    ...{
      level: 'error',
      room: 'broker',
      means: 'A message was not appended and not acknowledged; its sender repeats it.',
    },
    action: 'See `troubles` in `/readyz`.',
  },
  'built the page': { level: 'info', room: 'dashboards', means: 'The page was built anew at the start.' },
  'could not tell who opens a socket': {
    ...{ level: 'warn', room: 'dashboards', means: 'Sign-ins could not be looked up.' },
    action: 'See whether the database answers (`/readyz`).',
  },
  'could not push live': {
    ...{
      level: 'warn',
      room: 'dashboards',
      means: 'A change did not reach open pages; they catch up when they reconnect.',
    },
    action: 'See whether the database answers (`/readyz`).',
  },
  'a request failed': {
    ...{ level: 'error', room: 'dashboards', means: 'A request ended with a defect (500).' },
    action: 'Report it with the line.',
  },
  'web server listens': { level: 'info', room: 'dashboards', means: 'The page and the API can be had there.' },
  'the spool takes no writes; readers keep their reads': {
    ...{ level: 'error', room: 'gateways', means: 'The gateway’s disk is full or broken.' },
    action: 'Make room; nothing is lost while the readers’ buffers last.',
  },
  'a batch in the spool is not what the disk took; told as a gap': {
    ...{
      level: 'error',
      room: 'gateways',
      means: 'The gateway’s disk gave back other bytes than it took: reads are lost.',
    },
    action: 'Look at the disk: one that does so once does so again.',
  },
  'reads in the spool are not what the disk took; told as a gap': {
    ...{
      level: 'error',
      room: 'gateways',
      means: 'The gateway’s disk gave back other bytes than it took: reads are lost.',
    },
    action: 'Look at the disk: one that does so once does so again.',
  },
  'the spool was damaged and is laid aside; an empty one begins': {
    ...{
      level: 'error',
      room: 'gateways',
      means: 'The spool’s file is no whole database any more: what waited in it is lost.',
    },
    action: 'Look at the disk; the file is kept beside the new one.',
  },
  'gateway started': {
    level: 'info',
    room: 'gateways',
    means: 'The gateway runs; what waits in its spool is counted.',
  },
  'a door manifest does not hold all shipments': {
    ...{ level: 'warn', room: 'app', means: 'More is announced at a gateway’s doors than its manifest may hold.' },
    action: 'Raise doors.maxThings and doors.maxBytes, or close what has arrived.',
  },
  'door manifests cannot be made; they are tried again': {
    ...{ level: 'warn', room: 'app', means: 'The database did not answer while gateways were to be told.' },
    action: 'See the database; cut off now, gateways go by what they were told last.',
  },
  'door manifest taken': {
    level: 'info',
    room: 'gateways',
    means: 'The platform said what the gateway’s doors expect.',
  },
  'door manifest refused; the last good one stays': {
    ...{
      level: 'warn',
      room: 'gateways',
      means: 'A manifest was signed by another key, cut short, older or not its own.',
    },
    action: 'See gateway.md, what a manifest is refused for; after a change of the key give it the new one.',
  },
  'the door manifest on disk is not taken': {
    ...{
      level: 'error',
      room: 'gateways',
      means: 'The manifest that was kept is no good; lights are amber while cut off.',
    },
    action: 'Connect the gateway: it gets a new one. See whether the disk is failing or somebody changed it.',
  },
  'the door manifest cannot be kept on disk': {
    ...{ level: 'error', room: 'gateways', means: 'The disk took no manifest; it stands in memory until a restart.' },
    action: 'Make room on the gateway’s disk.',
  },
  'platform is back': { level: 'info', room: 'gateways', means: 'The gateway reaches the platform again.' },
  'platform is away; stack lights show amber': {
    ...{ level: 'warn', room: 'gateways', means: 'The gateway has no answer from the platform and spools.' },
    action: 'See the network between the two.',
  },
  'command not understood': {
    ...{ level: 'warn', room: 'gateways', means: 'A command to the gateway had a field that it does not know.' },
    action: 'Bring gateway and platform to the same version.',
  },
  'the stack light cannot be set': {
    ...{ level: 'warn', room: 'gateways', means: 'The reader refused to set its outputs.' },
    action: 'See `isotherm doctor`.',
  },
  'reader is away; trying again': {
    ...{ level: 'warn', room: 'gateways', means: 'The reader cannot be reached or refuses; the wait doubles to 30 s.' },
    action: 'See `isotherm doctor`; the line has the reason.',
  },
  'the reader ran out of room: reads are lost': {
    ...{ level: 'error', room: 'gateways', means: 'The reader’s buffer overflowed; the gap is shown at its portal.' },
    action: 'Shorten outages, or count what went through by hand.',
  },
  'reader buffer fills up': {
    ...{ level: 'warn', room: 'gateways', means: 'The reader says how full its buffer is.' },
    action: 'See why its reports are not fetched.',
  },
  'reader exception': {
    ...{ level: 'warn', room: 'gateways', means: 'The reader reports a fault of its own; its words are in the line.' },
    action: 'See the reader’s own log.',
  },
  'antenna disconnected': {
    ...{ level: 'warn', room: 'gateways', means: 'The reader says that an antenna is off.' },
    action: 'Check the cable.',
  },
  'antenna connected': { level: 'info', room: 'gateways', means: 'The reader says that an antenna is on again.' },
  "the reader's clock is off; its times are corrected": {
    ...{ level: 'warn', room: 'gateways', means: 'The reader’s clock differs from the gateway’s.' },
    action: 'Set up NTP on the reader.',
  },
  "the reader's clock has jumped": {
    ...{ level: 'warn', room: 'gateways', means: 'The reader’s clock changed while it was connected.' },
    action: 'Set up NTP on the reader.',
  },
  'another client tried to connect to the reader': {
    ...{ level: 'warn', room: 'gateways', means: 'Another program wants the reader’s one connection.' },
    action: 'Find it: a second gateway, or the maker’s tool.',
  },
  'malformed frame left out': {
    ...{ level: 'warn', room: 'gateways', means: 'The reader sent bytes that are no LLRP message; the rest was read.' },
    action: 'Report the bytes with the reader’s firmware.',
  },
  'reading without Impinj extensions': {
    ...{ level: 'warn', room: 'gateways', means: 'The reader refused Impinj’s extensions and is read without them.' },
    action: 'Set `impinj: off`, or update the reader.',
  },
  'reading without the TIDs of tags': {
    ...{
      level: 'warn',
      room: 'gateways',
      means: 'The reader refused to read the tags’ own numbers; it reads their EPCs.',
    },
    action: 'Set `tidWords: 0`, or fewer; rules cannot tell two tags with one EPC apart at this reader.',
  },
  'commands cannot be had from the platform': {
    ...{ level: 'warn', room: 'gateways', means: 'The subscription to commands was refused.' },
    action: 'See whether the gateway signs in under its own name.',
  },
  'platform cannot be reached': {
    ...{ level: 'warn', room: 'gateways', means: 'The connection to the platform failed; the reason is in the line.' },
    action: 'See `isotherm doctor`.',
  },
  'acknowledged batches cannot be deleted': {
    ...{ level: 'error', room: 'gateways', means: 'The spool’s disk does not take deletions.' },
    action: 'See the disk; batches are sent again after a restart and change nothing.',
  },
  'the log answers again': { level: 'info', room: 'ingest', means: 'Messages are appended and acknowledged again.' },
  'messages could not be appended': {
    ...{ level: 'error', room: 'ingest', means: 'A group of messages was refused by the log; senders repeat it.' },
    action: 'See `troubles` in `/readyz`.',
  },
  'the log does not answer': {
    ...{ level: 'error', room: 'ingest', means: 'Nothing is acknowledged until the database answers.' },
    action: 'See `troubles` in `/readyz`.',
  },
  'a decoder failed': {
    ...{ level: 'error', room: 'ingest', means: 'A message made a decoder fail; it is in quarantine.' },
    action: 'Report the message; `isotherm original` finds it.',
  },
  'tick not appended': {
    ...{ level: 'warn', room: 'ingest', means: 'The clock’s tick could not be appended; silences are noticed later.' },
    action: 'See `troubles` in `/readyz`.',
  },
  'copying all stored readings to InfluxDB': { level: 'info', room: 'mirror', means: 'A full copy begins.' },
  'all stored readings are in InfluxDB': { level: 'info', room: 'mirror', means: 'The full copy has ended.' },
  'rules are judged in another number of shares from here on': {
    ...{ level: 'info', room: 'app' },
    means:
      'Every process with the part rules has to have the same `rules.shares`; devices are judged on from where they stood.',
  },
  'rules are judged in another number of shares; waiting to divide them anew': {
    ...{ level: 'warn', room: 'app' },
    means: 'This process judges nothing until those with another `rules.shares` have been stopped.',
    action: 'Give all processes the same number and restart those that have another.',
  },
  'rules could not be divided anew; it is tried again': {
    ...{ level: 'warn', room: 'app' },
    means: 'The database is away, or it was refused.',
    action: 'Look at the error if it goes on.',
  },
  'who has which share could not be looked at; it is again in a second': {
    ...{ level: 'warn', room: 'app' },
    means: 'Processes keep the shares they have.',
    action: 'Look at the error if it goes on.',
  },
  'the evaluator has taken up its state': { level: 'info', room: 'rules', means: 'Rules judge from here on.' },
  'a rule version does not compile; it judges nothing': {
    ...{
      level: 'error',
      room: 'rules',
      means: 'A stored rule is no longer understood, after an upgrade or a change by hand.',
    },
    action: 'Write the rule anew.',
  },
  'the ledger, or a record under it, is not what was signed': {
    ...{ level: 'error', room: 'storage', means: 'A record was changed, removed or put in past Isotherm.' },
    action: 'Keep everything as it is; run `isotherm ledger verify` and find out who had access to the database.',
  },
  'the ledger could not be verified; it is tried again the next night': {
    ...{ level: 'warn', room: 'storage', means: 'The nightly verification of the ledger did not finish.' },
    action: 'See the error; run `isotherm ledger verify`.',
  },
  'leaves of the ledger could not be placed; they are tried again': {
    ...{ level: 'warn', room: 'storage', means: 'Leaves of the ledger are kept and wait for their place.' },
    action: 'See `/readyz`, which says why; `isotherm ledger verify` where the ledger was changed.',
  },
  'the newest checkpoint of the ledger could not be kept outside the database': {
    ...{ level: 'warn', room: 'app', means: 'Leaves cut off the end of the ledger would not be missed.' },
    action: 'Let the data directory be written to.',
  },
  'audit entries could not be placed; they are tried again': {
    ...{ level: 'warn', room: 'storage', means: 'Entries of the audit trail are kept and wait for their place.' },
    action: 'See whether the database answers (`/readyz`).',
  },
  'stopping a PostgreSQL left behind by an earlier process': {
    ...{
      level: 'warn',
      room: 'storage',
      means: 'An Isotherm was killed before; its database is stopped in good order.',
    },
  },
  'PostgreSQL takes too long to shut down; it will recover at the next start': {
    ...{ level: 'warn', room: 'storage', means: 'The embedded server was stopped without its last checkpoint.' },
  },
  'PostgreSQL gives up': {
    ...{ level: 'error', room: 'storage', means: 'The embedded server ended and says why in its own words.' },
    action: 'Read its reason: a full disk, a damaged cluster.',
  },
  'PostgreSQL has died; starting it again': {
    ...{ level: 'error', room: 'storage', means: 'The embedded server ended by itself.' },
    action: 'See the memory and disk of the machine.',
  },
  'PostgreSQL is back': { level: 'warn', room: 'storage', means: 'The embedded server answers again.' },
  'PostgreSQL does not start; trying again': {
    ...{ level: 'error', room: 'storage', means: 'The embedded server cannot be started; the reason is in the line.' },
    action: 'Make room on the disk, or restore a backup.',
  },
  'the read replica is not asked; the primary answers': {
    ...{
      level: 'warn',
      room: 'storage',
      means: 'The stand-by of `database.readUrl` is away or too far behind; nothing else is affected.',
    },
    action: 'See the reason; its network, its disk, and whether it still follows the primary (`pg_stat_replication`).',
  },
  'the read replica answers questions': {
    ...{
      level: 'info',
      room: 'storage',
      means: 'It has what the primary has, and takes history, reports and statistics.',
    },
  },
  'listening to the database again': { level: 'info', room: 'storage', means: 'Notices of the database come again.' },
  'the log cannot append; trying again': {
    ...{ level: 'warn', room: 'storage', means: 'An append failed; what waits is in the line.' },
    action: 'See `troubles` in `/readyz`.',
  },
  'the database refused records': {
    ...{ level: 'error', room: 'storage', means: 'Records could not be written as they are.' },
    action: 'Report it with the line.',
  },
  'records were dropped before a consumer came to them': {
    ...{ level: 'warn', room: 'storage', means: 'A consumer was further behind than the log is kept.' },
    action: 'See whether it is one that catches up from the tables (the mirror).',
  },
  'a consumer met a defect': {
    ...{
      level: 'error',
      room: 'storage',
      means: 'An invariant broke while a batch was worked in; the line has which.',
    },
    action: 'Report it with the line.',
  },
  'a consumer failed; it takes its work up again from the checkpoint': {
    ...{ level: 'warn', room: 'storage', means: 'A batch could not be worked in and is tried again.' },
    action: 'Where it stays in `troubles`, its reason says what to do.',
  },
  'a consumer cannot take a record; it was moved to log_dead': {
    ...{ level: 'error', room: 'storage', means: 'A record failed three times by itself and has no effect.' },
    action: 'See “`dead` is not 0” above.',
  },
  'a consumer lost its connection; it takes up its work on a new one': {
    ...{
      level: 'warn',
      room: 'storage',
      means:
        'A database connection was cut or did not answer in time; with `OWNERSHIP_LOST`, another process had taken over.',
    },
  },
  'another process runs this consumer; standing by': {
    ...{ level: 'info', room: 'storage', means: 'This process takes over when the other one is gone.' },
  },
  'a live view could not take a batch': {
    ...{ level: 'error', room: 'storage', means: 'Open pages may have missed a change until they reload.' },
    action: 'Report it with the line.',
  },
  'the log is open': { level: 'info', room: 'storage', means: 'Messages can be taken from here on.' },
  'readings are parted over more streams from here on': {
    ...{ level: 'info', room: 'storage', means: '`nats.partitions` was raised, here or in another process.' },
  },
  'readings are parted over more streams than nats.partitions says; it is what is in force': {
    ...{ level: 'info', room: 'storage', means: 'The number was raised before; a lower one changes nothing.' },
  },
  'a dead record could not be reported': {
    ...{ level: 'error', room: 'storage', means: 'A record was moved to `log_dead`, and nobody could be told.' },
    action: 'See “`dead` is not 0” above.',
  },
  'dropped a log segment': { level: 'info', room: 'storage', means: 'Every consumer that must has passed it.' },
  'a consumer fell behind the cap of the log and was detached': {
    ...{
      level: 'warn',
      room: 'storage',
      means: 'An optional consumer no longer holds the log up; it catches up by itself.',
    },
    action: 'See why it is slow.',
  },
  'the log is full; appends are refused': {
    ...{ level: 'error', room: 'storage', means: 'A consumer that must keep up holds more log than may be kept.' },
    action: 'See `lag` in `/readyz`; give room or mend the consumer.',
  },
  'readings that were acknowledged are gone from the log': {
    ...{
      level: 'error',
      room: 'storage',
      means: 'A stream on NATS has lost messages, or gives something else than was sent; all others go on.',
    },
    action:
      'scaling.md, “When NATS loses something”: see `reason`, the disks of the servers, and `sync_interval`; tell quality which hours are incomplete.',
  },
  'the log takes appends again': { level: 'info', room: 'storage', means: 'There is room in the log again.' },
  'an upkeep step of the log failed; it is tried again': {
    ...{ level: 'warn', room: 'storage', means: 'Segments could not be made or dropped.' },
    action: 'A long query in the database may hold a lock.',
  },
  'the database holds tables of something else; ours are in a schema of their own': {
    ...{ level: 'info', room: 'storage', means: 'Our tables are in the schema `isotherm`, not in `public`.' },
  },
  'a database connection has died without a word; it is cut': {
    ...{ level: 'warn', room: 'storage', means: 'Nothing came over it any more; its work goes on over a new one.' },
    action: 'Where it comes again, look at what lies between: a firewall, a proxy, a NAT that forgets.',
  },
  'another database server takes writes now; connections to the former one are cut': {
    ...{
      level: 'warn',
      room: 'storage',
      means: 'The former primary stood still and closed nothing; work goes on at the new one.',
    },
    action: 'Look at why it stood still. What it alone had was not acknowledged.',
  },
  'migrated the database': { level: 'info', room: 'storage', means: 'The schema was brought up to this version.' },
  'made partitions for readings': { level: 'info', room: 'storage', means: 'Room was made for the days to come.' },
  'an upkeep step of the readings failed; it is tried again': {
    ...{ level: 'warn', room: 'storage', means: 'Partitions or rollups could not be kept up.' },
    action: 'Nothing is lost; see the error in the line.',
  },
  'a sweep of what is past its retention failed; it is tried again': {
    ...{ level: 'error', room: 'storage', means: 'Old data was not deleted.' },
    action: 'See the error in the line, and the disk.',
  },
  'deleted readings past their retention': {
    ...{
      level: 'info',
      room: 'storage',
      means: 'A partition was dropped, as `retention` says; it is in the log of deletions.',
    },
  },
  'damaged packed readings stay past their retention': {
    ...{
      level: 'warn',
      room: 'storage',
      means:
        'A stretch of packed readings that something is kept of cannot be read, so that nobody can say which of it may go.',
    },
    action: 'Restore the device’s day from a backup or its originals (docs/storage.md, “Packed readings”).',
  },
  'a round of packing readings failed; it is tried again': {
    ...{
      level: 'warn',
      room: 'storage',
      means: 'Weeks that could be packed stay rows; everything reads them as before.',
    },
    action: 'See the error in the line, and `/readyz`; it is tried again in ten minutes.',
  },
  'packed a week of readings': {
    ...{ level: 'info', room: 'storage', means: 'The rows of a week are stretches now, and their partition is gone.' },
  },
  'packed readings are damaged': {
    ...{ level: 'error', room: 'storage', means: 'A stretch is not what was written: its readings cannot be given.' },
    action: 'Restore the device’s day from a backup or its originals (docs/storage.md, “Packed readings”).',
  },
  'reads may be missing': {
    ...{ level: 'warn', room: 'trace', means: 'A reader or gateway reported a gap; it is shown at the portal.' },
    action: 'Count what went through in that time.',
  },
  'gateway batches are missing': {
    ...{
      level: 'warn',
      room: 'trace',
      means: 'A gateway’s numbers have holes: its spool was lost or something was dropped.',
    },
    action: 'See gateway.md, what a lost spool means.',
  },
  'missing gateway batches arrived': { level: 'info', room: 'trace', means: 'The hole has closed.' },
  'MQTT stays closed until there is a user': {
    ...{
      level: 'info',
      room: 'app',
      means: 'The MQTT port would be open to other machines, and nobody runs this yet.',
    },
    action: 'Open the page and set Isotherm up, or make a user with `isotherm user create`.',
  },
  'there is a user: MQTT is open': {
    ...{ level: 'info', room: 'app', means: 'Set-up has made the first admin; devices can connect.' },
  },
  'MQTT could not be opened': {
    ...{ level: 'error', room: 'app', means: 'There is a user now, and the MQTT port cannot be opened.' },
    action: 'See the reason: a port that is taken is set by `mqtt.port`. Then restart.',
  },
} as const satisfies Readonly<Record<string, LogLineDefinition>>;

type Lines = typeof LOG_LINES;

/** The text of a line of a level. */
export type LogLine<Level extends LogLineDefinition['level']> = {
  [Text in keyof Lines]: Lines[Text]['level'] extends Level ? Text : never;
}[keyof Lines];
