import type { Translation } from '../translation.ts';

/** Labels to print, in Spanish, whole. */
export const label: Translation = {
  'labels.labels': 'Etiquetas',
  'labels.of': 'Etiquetas de {id}',
  'labels.back': 'Volver a {id}',
  'labels.print': 'Imprimir las etiquetas',
  'labels.packs': 'También {count, plural, one {la etiqueta de su envase} other {las etiquetas de sus # envases}}',
  'labels.unit': '{id}, {serials}',
  'labels.most': 'Los primeros {most} envases de {count}. Etiquetas de los demás: en la página de cada envase.',
  'labels.empty': 'No viaja en ninguna unidad',
  'labels.empty.hint': 'Elija arriba las etiquetas de sus envases.',
  'serial.label': 'Etiqueta',
  'serial.labelOf': 'Etiqueta de {name}',
  'serial.noLabel': 'No tiene un código propio que una etiqueta pudiera mostrar',
  'serial.backTo': 'Volver a {name}',
  'serial.printLabel': 'Imprimir',
  'serial.labelLeads': 'Un teléfono que lo escanea abre {link}, tras iniciar sesión.',
};
