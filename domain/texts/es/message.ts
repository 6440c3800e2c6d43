import type { MessageTexts } from '../en/message.ts';

/** What a message about an alert says, in Spanish. */
export const message: MessageTexts = {
  'message.alert.opened': 'Se ha abierto una alerta.',
  'message.alert.escalated': 'Nadie ha confirmado aún esta alerta; se le pide que intervenga.',
  'message.alert.reminded': 'Nadie ha confirmado aún esta alerta.',
  'message.alert.snoozeEnded': 'La alerta estaba aplazada y su plazo ha terminado.',
  'message.alert.acknowledged': 'Confirmada por {who}.',
  'message.alert.resolved': 'Resuelta por {who}.',
  'message.alert.retracted': 'Esto no ocurrió: datos posteriores dicen otra cosa. La alerta se retira.',
  'message.alert.changed':
    'Lo que afecta esta alerta ha cambiado desde que alguien actuó. Mire de nuevo sus números de serie.',
  'message.alert.flapping':
    'Se abre y se cierra demasiado: {opened, number} veces en {withinMinutes, number} minutos. Lo que se abra desde ahora se retiene hasta que termine.',
  'message.alert.flappingEnded': 'Ya no se abre y se cierra sin parar. Lo que sigue en pie se comunica desde ahora.',
  'message.group.standing': 'Estas alertas llegaron juntas y se comunican juntas.',
  'message.group.ended': 'Ha terminado: ninguna de estas alertas sigue abierta.',
  'message.silence.title': 'Un silencio suyo ha terminado: {reason}',
  'message.silence':
    'Terminó a las {until}. {muted, plural, =0 {No retuvo ninguna alerta.} one {Retuvo # alerta.} other {Retuvo # alertas.}} Lo que sigue en pie se comunica desde ahora.',
  'message.other': 'Algo ha cambiado en una alerta.',
  'message.clock.site': '{time} (en el lugar: {site})',
  'message.code': '{code} es su código',
  'message.code.sentence':
    'Introdúzcalo en Cuenta para recibir avisos en esta dirección. Si no lo ha pedido, no haga nada.',
  'message.link.account': 'Su cuenta',
  'message.channel.test': 'Esto es una prueba',
  'message.channel.test.sentence':
    'Alguien la envió desde Isotherm para ver si los mensajes llegan por el canal {channel}. No pasa nada.',
  'message.severity': '{severity, select, critical {Crítica} warning {Advertencia} info {Aviso} other {{severity}}}',
  'message.title': '{taken, select, true {Retirada: } other {}}{severity}: {summary}',
  'message.fact.serials': 'Números de serie afectados',
  'message.fact.serials.value': '{count, plural, =0 {ninguno} one {# número de serie} other {# números de serie}}',
  'message.fact.alerts': 'Alertas',
  'message.fact.alerts.value':
    '{alerts, plural, one {# alerta} other {# alertas}}, {open, number} abiertas, {running, number} en curso',
  'message.fact.exposure': 'Peor exposición',
  'message.fact.exposure.minutes': '{minutes, plural, one {# minuto} other {# minutos}} fuera de rango',
  'message.fact.exposure.extreme': 'hasta {extreme}',
  'message.fact.exposure.limit': '{extreme}, siendo el límite {limit}',
  'message.fact.place': 'Dónde',
  'message.fact.since': 'Desde',
  'message.fact.until': '{from} a {to}',
  'message.fact.for': 'Para',
  'message.fact.stake': 'En juego',
  'message.fact.stake.class':
    '{serials, plural, one {# número de serie} other {# números de serie}} de la clase de valor {valueClass, number}',
  'message.fact.stake.budget':
    'quedan al menos {minutes, plural, one {# minuto} other {# minutos}} de presupuesto de estabilidad',
  'message.fact.late': 'Hallada tarde',
  'message.fact.late.value': 'las lecturas llegaron después de los hechos',
  'message.serials.more': '{count, plural, one {y # más} other {y # más}}',
  'message.do': 'Qué hacer ahora',
  'message.do.threshold':
    'Devuelva la mercancía a su rango y busque después la causa. No libere lo afectado: decide calidad.',
  'message.do.silence':
    'Mire el registrador y su pasarela: corriente, red, batería. Mientras calle, el aire es desconocido.',
  'message.do.mkt': 'Retenga la mercancía; la media de todo el tiempo es demasiado alta. Decide calidad.',
  'message.do.rate': 'Mire si hay una puerta abierta o si el frío se ha parado.',
  'message.do.shock': 'Busque daños en la mercancía y su embalaje.',
  'message.do.interval': 'Ajuste el registrador para medir más a menudo, o ponga otro al lado.',
  'message.do.freezeThaw': 'Retenga la mercancía; se congeló y se descongeló. Decide calidad.',
  'message.do.forecast': 'Aún hay tiempo: actúe antes de que se alcance el límite.',
  'message.do.unexpected': 'Detenga el palé en la puerta y compárelo con sus papeles.',
  'message.do.blocked': 'Esta mercancía no debe seguir. Apártela y pregunte a calidad.',
  'message.do.group': 'Busque la causa común: corriente, red o frío de todo el lugar.',
  'message.do.health': 'Mire en Administration, System health: dice qué falla y qué hacer.',
  'message.do.other': 'Mire la alerta y decida quién se ocupa.',
  'message.mention': '{by} le menciona en {case}',
  'message.fact.case': 'Caso',
  'message.link.case': 'Abrir el caso',
  'message.link.alert': 'Abrir la alerta',
  'message.link.alerts': 'Abrir las alertas',
  'message.pin': 'Para confirmar, responda {pin}.',
  'message.link.acknowledge': 'Confirmar…',
  'message.footer': 'Isotherm envía esto porque una ruta de alertas lleva aquí.',
};
