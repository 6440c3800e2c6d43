import { describe, expect, test } from 'vitest';
import { listener, said } from './testing/said.ts';

describe('Homie (homieiot.github.io)', () => {
  const description = (nodes: object) => ({ homie: '5.0', version: 1, nodes });
  const temperature = (unit?: string) => ({
    properties: { temperature: { datatype: 'float', ...(unit ? { unit } : {}) } },
  });

  /** Has heard that `sensor/temperature` is in °C. */
  const told = () => {
    const hear = listener();
    hear('homie/5/fridge/$description', description({ sensor: temperature('°C') }));
    return hear;
  };

  test('a property has a topic, and its value is text', () => {
    const taken = { taken: ['fridge temperature 5.1'], refused: [], asked: [] };
    expect(told()('homie/5/fridge/sensor/temperature', '5.1')).toEqual(taken);
    const four = listener();
    four('homie/fridge/sensor/temperature/$unit', '°C');
    expect(four('homie/fridge/sensor/temperature', '5.1')).toEqual(taken);
  });

  // homieiot.github.io/specification: `unit` is optional, and °F stands among the recommended ones.
  test('a temperature whose unit nobody had told was taken as °C: it waits, as do all that may be in several units', () => {
    const hear = listener();
    const waits = (field: string) => ({ taken: [], refused: [`UNIT_NOT_UNDERSTOOD ${field}`], asked: [] });
    for (const version of ['', '5/']) {
      for (const property of ['temperature', 'pressure', 'battery', 'humidity', 'illuminance']) {
        const value = hear(`homie/${version}${property}-1/sensor/${property}`, '41');
        expect(value, version + property).toEqual(waits(`sensor/${property}`));
      }
    }
    hear('homie/5/fridge/$description', description({ sensor: temperature() }));
    expect(hear('homie/5/fridge/sensor/temperature', '41')).toEqual(waits('sensor/temperature'));
    hear('homie/5/fridge/$description', description({ sensor: temperature('°F') }));
    expect(hear('homie/5/fridge/sensor/temperature', '41').taken).toEqual(['fridge temperature 5']);
    // A name says it as well as a unit; a door has none.
    expect(hear('homie/van/sensor/temperature-c', '5').taken).toEqual(['van temperature 5']);
    expect(hear('homie/van/sensor/door', 'true').taken).toEqual(['van door 1']);
  });

  test('the description says in which unit it is', () => {
    const hear = listener();
    hear('homie/5/fridge/$description', description({ sensor: temperature('°F') }));
    expect(hear('homie/5/fridge/sensor/temperature', '41').taken).toEqual(['fridge temperature 5']);
    hear('homie/5/fridge/$description', description({ sensor: temperature('kelvins') }));
    expect(hear('homie/5/fridge/sensor/temperature', '278').refused).toEqual([
      'UNIT_NOT_UNDERSTOOD sensor/temperature',
    ]);
  });

  test('in version 4 the unit has a topic of its own', () => {
    const hear = listener();
    expect(hear('homie/fridge/sensor/temperature/$unit', '°F').taken).toEqual([]);
    expect(hear('homie/fridge/sensor/temperature', '41').taken).toEqual(['fridge temperature 5']);
  });

  test('where several nodes have the same property each is a device', () => {
    const hear = listener();
    hear('homie/5/fridge/$description', description({ top: temperature('°C'), bottom: temperature('°C') }));
    expect(hear('homie/5/fridge/top/temperature', '5').taken).toEqual(['fridge.top temperature 5']);
    expect(hear('homie/5/fridge/bottom/temperature', '4').taken).toEqual(['fridge.bottom temperature 4']);
  });

  test('two probes of a device without a description are not mixed into one', () => {
    const hear = listener();
    for (const node of ['top', 'bottom']) hear(`homie/fridge/${node}/temperature/$unit`, '°C');
    expect(hear('homie/fridge/top/temperature', '5').taken).toEqual(['fridge temperature 5']);
    expect(hear('homie/fridge/bottom/temperature', '4')).toMatchObject({
      taken: [],
      refused: ['BIRTH_MISSING bottom/temperature'],
    });
  });

  test.each([
    ['', [], []],
    ['5,1', [], ['VALUE_NOT_NUMBER sensor/temperature']],
    ['nan', [], ['VALUE_NOT_NUMBER sensor/temperature']],
    ['1e400', [], ['VALUE_NOT_PHYSICAL sensor/temperature']],
    ['true', [], ['VALUE_NOT_NUMBER sensor/temperature']],
    ['-0', ['fridge temperature 0'], []],
  ])('a value of %j', (payload, taken, refused) => {
    expect(told()('homie/5/fridge/sensor/temperature', payload)).toEqual({ taken, refused, asked: [] });
  });

  test('states, targets and settings measure nothing', () => {
    for (const tail of [
      '$state',
      '$log/warn',
      'sensor/temperature/$target',
      'sensor/temperature/set',
      'sensor/$name',
    ]) {
      expect(said(`homie/5/fridge/${tail}`, '5'), tail).toEqual({ taken: [], refused: [] });
    }
  });

  test('a description that cannot be read leaves the one before', () => {
    const hear = listener();
    hear('homie/5/fridge/$description', description({ sensor: temperature('°F') }));
    expect(hear('homie/5/fridge/$description', '{').refused).toEqual(['PAYLOAD_NOT_JSON $description']);
    expect(hear('homie/5/fridge/sensor/temperature', '41').taken).toEqual(['fridge temperature 5']);
  });
});

describe('Home Assistant, MQTT statestream', () => {
  const of = (object: string, attribute: string, domain = 'sensor') => `homeassistant/${domain}/${object}/${attribute}`;

  test('a temperature is taken once its unit was told, and in that unit', () => {
    const hear = listener();
    expect(hear(of('fridge_temperature', 'state'), '41').refused).toEqual(['UNIT_NOT_UNDERSTOOD unit_of_measurement']);
    hear(of('fridge_temperature', 'unit_of_measurement'), String.raw`"\u00b0F"`);
    expect(hear(of('fridge_temperature', 'state'), '41').taken).toEqual(['fridge temperature 5']);
    hear(of('fridge_temperature', 'unit_of_measurement'), '"°C"');
    expect(hear(of('fridge_temperature', 'state'), '5.1').taken).toEqual(['fridge temperature 5.1']);
  });

  // home-assistant.io/integrations/sensor: a battery's voltage is of class voltage, absolute humidity of its own, in g/m³.
  test('a battery, humidity or light was taken by its name alone: its unit has to be told, or a class of one unit', () => {
    const hear = listener();
    for (const [object, unit, taken] of [
      ['probe_battery', '"V"', []],
      ['room_humidity', '"g/m³"', []],
      ['van_battery', '"%"', ['van battery 3.1']],
      ['shop_humidity', '"%"', ['shop humidity 3.1']],
      ['dock_illuminance', '"lx"', ['dock light 3.1']],
    ] as const) {
      expect(hear(of(object, 'state'), '3.1').refused, object).toEqual(['UNIT_NOT_UNDERSTOOD unit_of_measurement']);
      hear(of(object, 'unit_of_measurement'), unit);
      expect(hear(of(object, 'state'), '3.1').taken, object).toEqual(taken);
    }
    // A temperature's class does not say whether it is in °F.
    hear(of('hall', 'device_class'), '"temperature"');
    expect(hear(of('hall', 'state'), '41').refused).toEqual(['UNIT_NOT_UNDERSTOOD unit_of_measurement']);
  });

  test('the class of a device says what it measures, whatever it is called', () => {
    const hear = listener();
    expect(hear(of('probe', 'state'), '45')).toMatchObject({ taken: [], refused: [] });
    hear(of('probe', 'device_class'), '"humidity"');
    expect(hear(of('probe', 'state'), '45').taken).toEqual(['probe humidity 45']);
  });

  test('a door is on while it is open', () => {
    const hear = listener();
    hear(of('cold_room', 'device_class', 'binary_sensor'), '"door"');
    expect(hear(of('cold_room', 'state', 'binary_sensor'), 'on').taken).toEqual(['cold_room door 1']);
    expect(hear(of('cold_room', 'state', 'binary_sensor'), 'off').taken).toEqual(['cold_room door 0']);
  });

  test('what is not known is no reading', () => {
    for (const state of ['unknown', 'unavailable', '']) {
      expect(said(of('fridge_humidity', 'state'), state), state).toEqual({ taken: [], refused: [] });
    }
    expect(said(of('fridge_humidity', 'state'), 'wet').refused).toEqual(['VALUE_NOT_NUMBER state']);
  });
});
