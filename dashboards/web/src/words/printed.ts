/**
 * A unit as its label prints it: `(00) 106141412345678908`. What is no SSCC stays as it is.
 * GS1 General Specifications, 3.2: extension digit, company prefix, serial reference, check digit.
 */
export function unitText(epc: string): string {
  const parts = /^urn:epc:id:sscc:(\d+)\.(\d)(\d*)$/.exec(epc);
  if (parts === null) return epc;
  const [, company = '', extension = '', reference = ''] = parts;
  const digits = `${extension}${company}${reference}`;
  return `(00) ${digits}${checkDigit(digits)}`;
}

/** The same of the 18 digits. */
export function printedSscc(digits: string): string {
  return `(00) ${digits}`;
}

/** Modulo 10, weights 3 and 1 from the right: GS1 General Specifications, 7.9. */
function checkDigit(digits: string): number {
  const sum = [...digits].toReversed().reduce((total, digit, at) => total + Number(digit) * (at % 2 === 0 ? 3 : 1), 0);
  return (10 - (sum % 10)) % 10;
}

/** A serial as its pack prints it: GTIN with 14 digits (AI 01) and serial number (AI 21); null for what is no SGTIN. */
export function packOf(epc: string): { readonly gtin: string; readonly serial: string } | null {
  const parts = /^urn:epc:id:sgtin:(\d+)\.(\d)(\d*)\.(.+)$/.exec(epc);
  if (parts === null) return null;
  const [, company = '', indicator = '', item = '', serial = ''] = parts;
  const digits = `${indicator}${company}${item}`;
  return { gtin: `${digits}${checkDigit(digits)}`, serial: decodeURIComponent(serial) };
}

/** The subject of an entry of the audit trail, `serial:urn:epc:...` or `pack:GTIN.SERIAL`, as its pack or unit is printed; any other as it is. */
export function printedSubject(subject: string): string {
  const epc = subject.slice(subject.indexOf(':') + 1);
  const [, gtin, serial] = /^pack:(\d{14})\.(.+)$/.exec(subject) ?? [];
  const pack = gtin === undefined || serial === undefined ? packOf(epc) : { gtin, serial };
  if (pack !== null) return `GTIN ${pack.gtin}, SN ${pack.serial}`;
  const unit = unitText(epc);
  return unit === epc ? subject : unit;
}

/** A sentence of the server with its units and serials as they are printed. */
export function withPrinted(sentence: string): string {
  return sentence
    .replace(/urn:epc:id:sscc:[\d.]+\d/g, unitText)
    .replace(/urn:epc:id:sgtin:[^\s,;]+/g, (epc) => `serial ${packOf(epc)?.serial ?? epc}`);
}
