import type { Translation } from '../translation.ts';

/** Names of screens of records, partners and markets, and what markets ask of a shipment, in French. */
export const menu: Translation = {
  'markets.title': 'Marchés',
  'market.field.ndc': 'National Drug Code',
  'market.field.strength': 'dosage',
  'market.field.dosageForm': 'forme pharmaceutique',
  'market.field.containerSize': 'taille du conditionnement',
  'shipment-markets.title': 'Ce que les marchés exigent',
  'shipment-markets.ship': '{market} : départ de {site}',
  'shipment-markets.receive': '{market} : arrivée à {site}',
  'shipment-markets.day': 'au {day}',
  'shipment-markets.met':
    'Rien ne manque dans les données. Ce qui est imprimé sur les boîtes, c’est à vous de le regarder.',
  'shipment-markets.noSerials': 'Aucun numéro de série de {product} n’a été communiqué.',
  'shipment-markets.packs':
    '{packs, plural, one {# boîte} other {# boîtes}} de {product} : {element} n’a pas été communiqué.',
  'shipment-markets.transaction': 'Informations de transaction : {field} n’est pas connu.',
  'shipment-markets.elsewhere': '{product} est rattaché à d’autres marchés : est-il destiné à celui-ci ?',
  'shipment-markets.party.from': 'du vendeur',
  'shipment-markets.party.to': 'de l’acheteur',
  'shipment-markets.field.name': 'nom',
  'shipment-markets.field.address': 'adresse',
  'shipment-markets.field.transactedOn': 'jour de la transaction',
  'shipment-markets.look': 'À regarder sur les boîtes : {elements}',
  'shipment-markets.tell': 'Le communiquer au partenaire',
  'receive.here': 'Elle est là : la réceptionner',
  'receive.record': 'Imprimer le relevé de transactions',
  'receive.tell': 'Communiquer au partenaire ce qui ne va pas',
  'partners.title': 'Partenaires',
  'exceptions.title': 'Écarts',
  'record.title': 'Relevés',
  'holds.title': 'Blocages',
  'retention.title': 'Conservation',
  'systems.title': 'ERP et WMS',
  'exceptions.tell': 'Le communiquer au partenaire',
  'exceptions.tell.of': 'Le communiquer au partenaire : {name}',
};
