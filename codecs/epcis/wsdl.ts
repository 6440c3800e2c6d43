import { escapedText } from './xml-query.ts';

/** What the query interface can be asked, with what each operation takes (EPCIS 1.2, sections 8.2.5 and 11.2). */
const OPERATIONS: Readonly<Record<string, { readonly takes: string; readonly gives: string }>> = {
  GetQueryNames: { takes: '', gives: strings() },
  Subscribe: {
    takes:
      element('queryName', 'xs:string') +
      element('params', 'q:Params') +
      element('dest', 'xs:anyURI') +
      element('controls', 'q:Controls') +
      element('subscriptionID', 'xs:string'),
    gives: '',
  },
  Unsubscribe: { takes: element('subscriptionID', 'xs:string'), gives: '' },
  GetSubscriptionIDs: { takes: element('queryName', 'xs:string'), gives: strings() },
  Poll: { takes: element('queryName', 'xs:string') + element('params', 'q:Params'), gives: '' },
  GetStandardVersion: { takes: '', gives: 'xs:string' },
  GetVendorVersion: { takes: '', gives: 'xs:string' },
};

/** Exceptions of the standard that an operation may end in; any of them may have each. */
export const XML_EXCEPTIONS: readonly string[] = [
  ...['InvalidURIException', 'NoSuchNameException', 'QueryParameterException', 'QueryTooLargeException'],
  ...['NoSuchSubscriptionException', 'DuplicateSubscriptionException', 'SubscriptionControlsException'],
  ...['SubscribeNotPermittedException', 'SecurityException', 'ValidationException', 'ImplementationException'],
];

const SCHEDULE = ['second', 'minute', 'hour', 'dayOfMonth', 'month', 'dayOfWeek'];

/**
 * The WSDL 1.1 of the query interface of EPCIS 1.2, document/literal, in words of ours: element and type names are those of the
 * standard, events stand as any XML.
 * @param address where it is asked, a URL
 */
export function queryWsdl(address: string): string {
  const names = Object.keys(OPERATIONS);
  const messages = names.flatMap((name) => [message(name, name), message(`${name}Answer`, resultOf(name))]);
  const faults = XML_EXCEPTIONS.map((name) => message(name, name));
  const ports = names.map((name) => {
    const fault = XML_EXCEPTIONS.map((one) => `<w:fault name="${one}" message="i:${one}"/>`).join('');
    return `<w:operation name="${first(name)}"><w:input message="i:${name}"/><w:output message="i:${name}Answer"/>${fault}</w:operation>`;
  });
  const bound = names.map((name) => {
    const fault = XML_EXCEPTIONS.map(
      (one) => `<w:fault name="${one}"><soap:fault name="${one}" use="literal"/></w:fault>`,
    ).join('');
    const body = '<soap:body use="literal"/>';
    return `<w:operation name="${first(name)}"><soap:operation soapAction=""/><w:input>${body}</w:input><w:output>${body}</w:output>${fault}</w:operation>`;
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<w:definitions xmlns:w="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/"`,
    ` xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:q="urn:epcglobal:epcis-query:xsd:1" xmlns:i="urn:epcglobal:epcis:wsdl:1"`,
    ` targetNamespace="urn:epcglobal:epcis:wsdl:1" name="EPCISQueryService">`,
    `<w:types><xs:schema targetNamespace="urn:epcglobal:epcis-query:xsd:1" elementFormDefault="unqualified">${schema()}</xs:schema></w:types>`,
    ...messages,
    ...faults,
    `<w:portType name="EPCISServicePortType">${ports.join('')}</w:portType>`,
    `<w:binding name="EPCISServiceBinding" type="i:EPCISServicePortType">`,
    `<soap:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>${bound.join('')}</w:binding>`,
    `<w:service name="EPCglobalEPCISService"><w:port name="EPCglobalEPCISServicePort" binding="i:EPCISServiceBinding">`,
    `<soap:address location="${escapedText(address)}"/></w:port></w:service></w:definitions>\n`,
  ].join('');
}

function schema(): string {
  const schedule = SCHEDULE.map((field) => element(field, 'xs:string', 0)).join('');
  const controls =
    element('schedule', 'q:Schedule', 0) +
    element('trigger', 'xs:anyURI', 0) +
    element('initialRecordTime', 'xs:dateTime', 0) +
    element('reportIfEmpty', 'xs:boolean');
  const any = '<xs:any processContents="lax" minOccurs="0" maxOccurs="unbounded"/>';
  return [
    type('Schedule', schedule),
    type('Controls', controls),
    type('Param', element('name', 'xs:string') + element('value', 'xs:anyType')),
    type('Params', '<xs:element name="param" type="q:Param" minOccurs="0" maxOccurs="unbounded"/>'),
    ...Object.entries(OPERATIONS).flatMap(([name, { takes, gives }]) => {
      const answer = gives.startsWith('xs:')
        ? `<xs:element name="${resultOf(name)}" type="${gives}"/>`
        : complex(resultOf(name), name === 'Poll' ? results(any) : gives);
      return [complex(name, takes), answer];
    }),
    ...XML_EXCEPTIONS.map((name) =>
      complex(name, element('reason', 'xs:string') + element('severity', 'xs:string', 0)),
    ),
  ].join('');
}

function results(any: string): string {
  const body = `<xs:element name="resultsBody"><xs:complexType><xs:sequence>${any}</xs:sequence></xs:complexType></xs:element>`;
  return element('queryName', 'xs:string') + element('subscriptionID', 'xs:string', 0) + body;
}

function strings(): string {
  return '<xs:element name="string" type="xs:string" minOccurs="0" maxOccurs="unbounded"/>';
}

function element(name: string, of: string, least: 0 | 1 = 1): string {
  return `<xs:element name="${name}" type="${of}"${least === 0 ? ' minOccurs="0"' : ''}/>`;
}

function type(name: string, content: string): string {
  return `<xs:complexType name="${name}"><xs:sequence>${content}</xs:sequence></xs:complexType>`;
}

function complex(name: string, content: string): string {
  return `<xs:element name="${name}"><xs:complexType><xs:sequence>${content}</xs:sequence></xs:complexType></xs:element>`;
}

function message(name: string, of: string): string {
  return `<w:message name="${name}"><w:part name="parameters" element="q:${of}"/></w:message>`;
}

function resultOf(name: string): string {
  return name === 'Poll' ? 'QueryResults' : `${name}Result`;
}

function first(name: string): string {
  return `${name.charAt(0).toLowerCase()}${name.slice(1)}`;
}
