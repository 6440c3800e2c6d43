import { ANTENNA, type DemoShipment, PORTALS, ROOM_SENSORS, SHIPMENTS, SITES, yardOf } from './cast.ts';
import type { ApiClient } from './client.ts';

const HOUR = 3_600_000;

/** Tells the platform about places, doors, devices and shipments, through its public API. */
export async function setStage(api: ApiClient, now: number): Promise<void> {
  for (const site of SITES) {
    const { zone, position } = site;
    await api.put(`/places/${path(site.id)}`, { kind: 'site', name: site.name, parent: null, zone, position });
    const yard = { kind: 'vehicle', name: `Truck outside ${site.name}`, parent: null, zone };
    await api.put(`/places/${path(yardOf(site.id))}`, yard);
    for (const room of site.rooms) {
      await api.put(`/places/${path(room.id)}`, { kind: 'room', name: room.name, parent: site.id, zone });
    }
  }
  for (const portal of PORTALS) {
    await api.put(`/portals/${path(portal.id)}`, {
      name: portal.name,
      site: portal.site,
      inside: portal.site,
      outside: yardOf(portal.site),
      antennas: [
        { reader: portal.reader, antenna: ANTENNA.outside, side: 'outside' },
        { reader: portal.reader, antenna: ANTENNA.inside, side: 'inside' },
      ],
      quiet: '3s',
    });
  }
  for (const sensor of ROOM_SENSORS) {
    await api.post('/devices', {
      id: sensor.id,
      kind: 'sensor',
      interval: '1m',
      attachment: { subject: sensor.room, from: new Date(now - 48 * HOUR).toISOString() },
    });
  }
  for (const shipment of SHIPMENTS) {
    for (const unit of shipment.units) {
      await api.post('/devices', {
        id: unit.logger,
        kind: 'logger',
        interval: '1m',
        reportsEvery: reportsEvery(unit.logger),
      });
    }
    await api.post('/shipments', asn(shipment, now));
  }
}

/** The logger of the late excursion uploads when it meets a network: it is not nagged for hours of silence. */
function reportsEvery(logger: string): string | undefined {
  return logger === 'LOG-501' ? '6h' : undefined;
}

function asn(shipment: DemoShipment, now: number): object {
  return {
    id: shipment.id,
    profile: shipment.profile,
    origin: shipment.origin,
    destination: shipment.destination,
    departs: new Date(now + shipment.departsH * HOUR).toISOString(),
    arrives: new Date(now + shipment.arrivesH * HOUR).toISOString(),
    units: shipment.units.map((unit) => ({
      sscc: unit.sscc,
      devices: [unit.logger],
      children: unit.serials,
      from: new Date(now - 48 * HOUR).toISOString(),
    })),
    products: [shipment.product],
  };
}

function path(id: string): string {
  return encodeURIComponent(id);
}
