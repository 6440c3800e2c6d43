import { expect, test } from 'vitest';
import { photoIn } from './photo.ts';

const segment = (marker: number, content: Buffer | string) => {
  const body = Buffer.from(content as string, 'latin1');
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(body.length + 2, 2);
  return Buffer.concat([head, body]);
};
const START = Buffer.from([0xff, 0xd8]);
const TABLES = segment(0xdb, '\x00'.repeat(65));
const COLOURS = segment(0xe2, 'ICC_PROFILE\x00\x01\x01profile');
// Within a scan 0xff is stuffed; a table between two scans may hold the bytes of an end.
const SCANS = Buffer.concat([
  segment(0xda, '\x01\x01\x00\x00\x3f\x00'),
  Buffer.from([0x12, 0xff, 0x00, 0x34, 0xff, 0xd0, 0x56]),
  segment(0xc4, '\xff\xd9\x01'),
  segment(0xda, '\x01\x01\x00\x00\x3f\x00'),
  Buffer.from([0x78, 0xff, 0xd9]),
]);
const chunk = (type: string, content: string) => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  return Buffer.concat([length, Buffer.from(type + content, 'latin1'), Buffer.alloc(4)]);
};
const PNG = Buffer.from('89504e470d0a1a0a', 'hex');

// A photo of a pallet told where the phone was, which phone it was, and who had it.
test('a photo is kept without what the camera wrote of place and device, and without the film behind it', () => {
  const given = Buffer.concat([
    ...[START, segment(0xe1, 'Exif\x00\x00 GPS 48.1 N 11.5 E'), segment(0xed, 'Photoshop'), COLOURS],
    ...[segment(0xfe, 'shot by Marta'), TABLES, SCANS, Buffer.from('ftypmp42 a film of the moment before')],
  ]);
  const photo = photoIn(given);
  expect(photo.bytes.equals(Buffer.concat([START, COLOURS, TABLES, SCANS]))).toBe(true);
  expect(photo.mediaType).toBe('image/jpeg');
  expect(photoIn(photo.bytes).sha256).toBe(photo.sha256);

  const plain = [chunk('IHDR', 'x'.repeat(13)), chunk('IDAT', 'picture'), chunk('IEND', '')];
  const told = Buffer.concat([PNG, plain[0] ?? PNG, chunk('eXIf', 'GPS'), chunk('tEXt', 'Author'), ...plain.slice(1)]);
  expect(photoIn(told).bytes.equals(Buffer.concat([PNG, ...plain]))).toBe(true);
});

test('what is no photo, or is cut short anywhere, is refused in a line', () => {
  const whole = Buffer.concat([START, COLOURS, TABLES, SCANS]);
  for (let length = 0; length < whole.length; length++) {
    expect(() => photoIn(whole.subarray(0, length)), `${length}`).toThrow(/JPEG or PNG|cut short/);
  }
  for (const other of ['', '<svg onload="x">', 'GIF89a', '\x00\x00\x00\x18ftypheic', '%PDF-1.7', 'RIFF....WEBP'])
    expect(() => photoIn(Buffer.from(other, 'latin1'))).toThrow(/JPEG or PNG/);
  expect(() =>
    photoIn(Buffer.concat([PNG, chunk('IHDR', 'x'), Buffer.from([0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4])])),
  ).toThrow(/cut short/);
});
