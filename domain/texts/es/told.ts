import type { ToldTexts } from '../en/told.ts';

/** What is told of goods, alerts and rules, in Spanish. */
export const told: ToldTexts = {
  'summary.threshold':
    '{device} {side, select, above {por encima de} at {a} other {por debajo de}} {limit}{unit, select, none {} other { {unit}}} durante {duration}',
  'summary.silence': '{device}: ninguna medición de {metric}, atrasada desde {since}',
  'summary.silence.over': '{device}: ninguna medición de {metric}, atrasada durante {duration}',
  'summary.mkt': '{device}: temperatura cinética media por encima de {limit} {unit}, hasta {extreme} {unit}',
  'summary.rate': '{device}: {metric} cambió en {extreme} {unit}, más de {limit} {unit}',
  'summary.shock': '{device}: {metric} de {extreme} {unit}',
  'summary.interval': '{device}: mediciones de {metric} separadas hasta {extreme} minutos',
  'summary.freezeThaw': '{device}: descongelado después de congelarse',
  'summary.forecast': '{device}: {metric} en camino a {limit} {unit}, a {minutes} min en lo más cercano',
  'summary.budget':
    '{shipment}: {serials, plural, one {# número de serie} other {# números de serie}} fuera de límites durante {extreme} min, más que su presupuesto de {limit} min',
  'summary.cumulative':
    '{shipment}: {serials, plural, one {# número de serie} other {# números de serie}} más allá del límite durante {extreme} min en total, {limit} min son una alarma',
  'summary.goodsMkt':
    '{shipment}: temperatura cinética media de {serials, plural, one {# número de serie} other {# números de serie}} por encima de {limit} {unit}, hasta {extreme} {unit}',
  'summary.goodsFreezeThaw':
    '{shipment}: {serials, plural, one {# número de serie descongelado} other {# números de serie descongelados}} tras congelarse {extreme, plural, one {una vez} other {# veces}}',
  'summary.budgetForecast':
    '{shipment}: el presupuesto de {serials, plural, one {# número de serie} other {# números de serie}} se agota antes de la llegada, {extreme} min previstos de {limit} min',
  'summary.tamper':
    '{shipment}: {serials, plural, one {# número de serie} other {# números de serie}} con {extreme, plural, one {una señal} other {# señales}} de manipulación en camino',
  'summary.unexpected':
    '{serials, plural, one {# número de serie} other {# números de serie}} que nadie espera en {portal}',
  'summary.blocked':
    '{serials, plural, one {# número de serie} other {# números de serie}} en {portal} que no pueden seguir ({reasons})',

  'summary.group.opened': '{about}: {alerts, plural, one {# alerta} other {# alertas}}, {running, number} en curso',
  'summary.group.changed':
    '{about}: {alerts, plural, one {# alerta} other {# alertas}}, {running, number} en curso, {added, number} de ellas nuevas, {retracted, number} retiradas',
  'summary.group.escalated':
    '{about}: nadie ha confirmado {open, plural, one {# alerta} other {# alertas}} de {alerts, number}, {running, number} en curso',
  'summary.group.reminded':
    '{about}: todavía nadie ha confirmado {open, plural, one {# alerta} other {# alertas}} de {alerts, number}, {running, number} en curso',
  'summary.group.ended':
    '{about}: terminado; {alerts, plural, one {# alerta} other {# alertas}}, {open, number} de ellas confirmadas por nadie, {retracted, number} retiradas',

  'summary.health': 'Isotherm mismo: {part} falla y se intenta de nuevo',
  'summary.health.disk': 'Isotherm mismo: el disco del directorio de datos se llena',
  'summary.health.log-size': 'Isotherm mismo: el registro se llena; cuando esté lleno no se confirma nada',
  'summary.health.backup': 'Isotherm mismo: la última copia de seguridad es demasiado antigua',
  'summary.health.device': 'Isotherm mismo: no se acepta nada de {name}',
  'summary.health.calibration due': 'Isotherm mismo: la calibración de {name} va a vencer',
  'summary.health.calibration overdue': 'Isotherm mismo: la calibración de {name} está vencida',
  'summary.health.certificate': 'Isotherm mismo: alguien debe ocuparse del certificado de {name}',
  'summary.health.append': 'Isotherm mismo: no se puede aceptar nada',
  'summary.health.writer': 'Isotherm mismo: las mediciones se aceptan y no se guardan',
  'summary.health.writer checkpoint': 'Isotherm mismo: las mediciones se aceptan y no se guardan',
  'summary.health.tracer': 'Isotherm mismo: no se siguen los envíos ni los pasos',
  'summary.health.tracer checkpoint': 'Isotherm mismo: no se siguen los envíos ni los pasos',
  'summary.health.evaluator': 'Isotherm mismo: no se juzgan las reglas, pueden faltar alertas',
  'summary.health.evaluator checkpoint': 'Isotherm mismo: no se juzgan las reglas, pueden faltar alertas',
  'summary.health.alerts': 'Isotherm mismo: algunas alertas no se pueden elaborar',
  'summary.health.notifier': 'Isotherm mismo: no se envían mensajes',
  'summary.health.archive': 'Isotherm mismo: los mensajes recibidos no se archivan',
  'summary.health.archive checkpoint': 'Isotherm mismo: los mensajes recibidos no se archivan',
  'summary.health.retention': 'Isotherm mismo: lo que pasó su plazo de conservación no se borra',
  'summary.health.dead-records': 'Isotherm mismo: hay registros que no se pudieron tomar y esperan a una persona',
  'summary.health.routing': 'Isotherm mismo: el encaminamiento de alertas nombra lo que ya no existe',
  'summary.health.heartbeat': 'Isotherm mismo: el vigilante externo no toma su latido',
  'summary.health.undelivered-messages': 'Isotherm mismo: hay mensajes abandonados que esperan a una persona',

  'disposition.range': 'Debía permanecer {limits}.',
  'disposition.range.between': 'entre {min} y {max} {unit}',
  'disposition.range.below': 'a {max} {unit} o más frío',
  'disposition.range.above': 'a {min} {unit} o más caliente',
  'disposition.limits.none': 'Nadie dice entre qué temperaturas debía permanecer: una persona debe juzgar.',
  'disposition.measured': 'Estuvo entre {min} y {max} {unit}; su temperatura cinética media es de {mkt} {unit}.',
  'disposition.measured.none': 'No se midió nada a su alrededor: una persona debe juzgar.',
  'disposition.inside': 'Nunca estuvo fuera de límites.',
  'disposition.outside': 'Estuvo {above} min por encima y {below} min por debajo de los límites.',
  'disposition.excused': '{minutes} min de ello están excusados por un paso firmado.',
  'disposition.frozen':
    'Estuvo a {min} {unit}, y ningún tiempo fuera de límites compensa la congelación: una persona debe juzgar.',
  'disposition.budget.none': 'Nadie dice cuánto tiempo lo soporta el producto: una persona debe juzgar.',
  'disposition.budget.carried': 'Traía ya {minutes} min fuera de límites.',
  'disposition.budget.kept':
    'De los {limit} min que el producto soporta en toda su vida, se han usado {used} min y quedan {left} min.',
  'disposition.budget.overdrawn':
    'De los {limit} min que el producto soporta en toda su vida, se han usado {used} min: {over} min de más.',
  'disposition.unknown': '{unknown} min están sin datos y {suspect} min solo con datos sospechosos.',
  'disposition.unknown.harmless':
    'Aunque hubiera estado fuera de límites todo ese tiempo, el producto todavía lo soportaría.',
  'disposition.unknown.counted': 'Cuentan como fuera de límites, como dice el perfil de almacenamiento.',
  'disposition.unknown.asked':
    'Si hubiera estado fuera de límites todo ese tiempo, el producto no lo soportaría: una persona debe juzgar.',
  'disposition.unknown.unbudgeted':
    'Nadie dice cuánto tiempo soporta el producto estar fuera de límites: una persona debe juzgar ese tiempo.',

  'case.title.shipment': 'Desviación del envío {shipment}',
  'case.title.place': 'Desviación en {place}',
  'case.title.device': 'Desviación en {device}, cuyo lugar nadie dice',
  'case.title.missing': 'Faltan datos de {device}',
  'case.title.late': 'Datos que llegaron después de cerrarse {id}',

  'found.shortage':
    '{goods, plural, one {# número de serie} other {# números de serie}} de {shipments} {role, select, origin {no salieron} destination {no llegaron} other {no vistos}} con el resto en {portal}',
  'found.wrongDirection':
    '{goods, plural, one {# número de serie} other {# números de serie}} {direction, select, in {hacia dentro} other {hacia fuera}} por {portal} en {site}, contra el sentido debido',
  'found.wrongPortal':
    '{goods, plural, one {# número de serie pasó} other {# números de serie pasaron}} por {portal} en vez de {doors}',
  'found.noData':
    '{goods, plural, one {# número de serie pasó} other {# números de serie pasaron}} por {portal} sin datos: {lacking}',
  'found.noData.both': '{one}, {other}',
  'found.noData.notice': 'ningún aviso lo menciona',
  'found.noData.lot': 'su lote no se conoce',
  'found.noData.expiry': 'su caducidad no se conoce',
  'found.expired':
    '{goods, plural, one {# número de serie pasó} other {# números de serie pasaron}} por {portal} {past, plural, =0 {a menos de {days, plural, one {# día} other {# días}} de la caducidad} other {después de la caducidad}}',
  'found.clone':
    '{goods, plural, one {# número de serie fue leído} other {# números de serie fueron leídos}} en {portal} en {site} antes de lo que pueden viajar desde otro sitio: una etiqueta copiada, o mercancía que no es lo que dice',
  'found.cloneTid':
    '{goods, plural, one {# número de serie respondió} other {# números de serie respondieron}} en {portal} en {site} con otra etiqueta que antes, o con dos: una etiqueta copiada, o sustituida',
  'found.cloneEnded':
    '{goods, plural, one {# número de serie que consta como destruido, dispensado o desactivado respondió} other {# números de serie que constan como destruidos, dispensados o desactivados respondieron}} en {portal} en {site}: una etiqueta copiada, o un evento erróneo',
  'found.cloneSigns':
    '{goods, plural, one {# número de serie leído} other {# números de serie leídos}} en {portal} en {site} {goods, plural, one {puede} other {pueden}} tener una etiqueta copiada: leído demasiado pronto tras otro sitio, respondido por otra etiqueta, o fuera de circulación',
  'found.dwell':
    '{goods, plural, one {# número de serie {stands, select, yes {está} other {estuvo}}} other {# números de serie {stands, select, yes {están} other {estuvieron}}}} en {place} más de {minutes} min',
  'found.crossRead':
    '{goods, plural, one {# etiqueta fue leída} other {# etiquetas fueron leídas}} en {portal} al pasar por {doors}: su campo llega demasiado lejos',
  'found.diversion':
    '{goods, plural, one {# número de serie pasó} other {# números de serie pasaron}} por {portal} en {site}, donde no deberían estar: {routes}',
  'found.diversion.route': '{shipment} va de {origin} a {destination}',
  'found.diversion.sites': 'permitido solo en {sites}',

  'found.badData':
    '{goods, plural, one {# número de serie pasó} other {# números de serie pasaron}} por {portal} con datos que no pueden ser correctos: {wrong}',
  'found.badData.gtin': 'su GTIN {gtin} no está en el aviso de {shipment}',
  'found.badData.gln': '{shipment} nombra un lugar que nadie conoce',
  'found.badData.duplicate': 'mencionado por {shipment} y {other} a la vez',
  'found.badData.shipTo': '{shipment} se envió a otro lugar que el de su aviso',
  'found.badData.order':
    '{what, select, made {se movió antes de ser fabricado} other {entró antes de que {shipment} se expidiera}}',

  'found.surge': '{tags} etiquetas leídas en {portal} entre {from} y {to} hasta ahora, normalmente {usual} en esa hora',
  'found.weakReads':
    '{what} lee el {recent} % {antenna, select, yes {de las etiquetas que lee su puerta} other {de lo que debería haber}}, normalmente el {usual} %: ¿girada, tapada o fallando?',
  'found.weakReads.antenna': 'la antena {antenna} de {reader} en {portal}',

  'rule.surge': 'Más de {times} veces tantas etiquetas leídas en una puerta como es normal en esa hora.',
  'rule.weakReads':
    'Una puerta, o una de sus antenas, lee menos del {below} % de su parte habitual, en {passes} pasos.',
  'rule.tamper':
    'Señales en camino de que un precinto no aguantó: luz de {light} lux o más{shock, select, none {} other {, un golpe de {shock} g o más}}{opened, select, yes {, algo sacado de su unidad} other {}}.',
  'rule.silence': 'Ninguna medición de {metric} durante {lasting}.',
  'rule.silence.onlyGood': 'Llegan mediciones, y ninguna buena de {metric} durante {lasting}: un sensor defectuoso.',
  'rule.mkt': 'Temperatura cinética media en {window} por encima de {limit}.',
  'rule.rate': '{metric} {way, select, up {sube} other {baja}} más de {limit} en {window}.',
  'rule.shock': '{metric} de {limit} o más.',
  'rule.shock.joined': '{metric} de {limit} o más, reunidos en {joined}.',
  'rule.interval': 'Mediciones de {metric} más separadas de lo que EN 12830 permite para un viaje de {journey}.',
  'rule.freezeThaw': 'Descongelado {times} veces o más en {window}.',
  'rule.forecast':
    '{metric} en camino {side, select, above {por encima de} other {por debajo de}} {limit} en {within}.',
  'rule.budget': 'Se ha usado más del {share} % del tiempo fuera de límites que soporta la mercancía{through}.',
  'rule.budget.limits': 'La mercancía pasa en total más de {budgets}, al {share} % de ello{through}.',
  'rule.budget.limit': '{budget} {ends}',
  'rule.cumulative': 'La mercancía está {ends} durante {lasting} en total desde que se empaquetó{through}.',
  'rule.goodsMkt': 'Temperatura cinética media de la mercancía en {window} de su viaje por encima de {limit}.',
  'rule.goodsFreezeThaw':
    'La mercancía se descongeló tras congelarse {times, plural, one {una vez} other {# veces}} en su viaje{through}.',
  'rule.budgetForecast':
    'Al ritmo de las últimas {window}, el presupuesto de la mercancía se agota antes de llegar{through}.',
  'rule.through.goods':
    ', según la temperatura de mercancía que sigue al aire con una constante de tiempo de {constant}',
  'found.mass':
    'Juzgado como mercancía que sigue al aire con una constante de tiempo de {constant}, {by, select, product {como está registrado para el producto {product}} other {como dice la regla: no hay ninguna registrada para {product, select, none {ella} other {el producto {product}}}}}.',
  'found.mass.none':
    'Juzgado según el aire mismo: no hay constante de tiempo registrada para {product, select, none {la mercancía} other {el producto {product}}}.',
  'rule.through.goodsOfProduct':
    ', según la temperatura de mercancía que sigue al aire con la constante de tiempo de su producto{otherwise, select, none {, sin ella según el aire} other {, sin ella con {otherwise}}}',
  'rule.through.unless': ', sin contar mientras {metric} está {ends}, {most} como máximo',
  'rule.threshold':
    '{metric} {ends}{lasts, select, yes { durante {lasting} o más} other {}}{clear, select, yes {, hasta {clears}} other {}}{through}.',
  'rule.door':
    'Puerta {side, select, above {abierta} other {cerrada}}{lasts, select, yes { durante {lasting} o más} other {}}.',
  'rule.end.above': 'por encima de {limit}',
  'rule.end.atOrAbove': 'a {limit} o por encima',
  'rule.end.below': 'por debajo de {limit}',
  'rule.end.atOrBelow': 'a {limit} o por debajo',
  'rule.clear.above': '{limit} o menos',
  'rule.clear.below': '{limit} o más',
  'rule.either': '{one} o {other}',
  'rule.duration.day': '{count, plural, one {# día} other {# días}}',
  'rule.duration.hour': '{count, plural, one {# hora} other {# horas}}',
  'rule.duration.minute': '{count, plural, one {# minuto} other {# minutos}}',
  'rule.duration.second': '{count, plural, one {# segundo} other {# segundos}}',
  'rule.duration.ms': '{count} ms',

  'rule.unexpected': '{atLeast} números de serie o más en un paso que ningún envío espera allí.',
  'rule.blocked':
    '{atLeast} números de serie o más en un paso que no pueden seguir: retirados, robados, caducados o dados de baja.',
  'rule.shortage':
    '{atLeast} números de serie o más de un envío que no {when, select, departure {salen} receipt {llegan} other {salen o llegan}} con el resto; se espera a las unidades {wait} después de la última.',
  'rule.noData': '{atLeast} números de serie o más en un paso de los que no se sabe bastante: {needs}.',
  'rule.wrongDirection':
    '{atLeast} números de serie o más que van contra {way, select, none {el sentido de su envío} other {el sentido de la puerta, que es para {way}}}.',
  'rule.wrongPortal':
    '{atLeast} números de serie o más que pasan por {doors, select, none {otra puerta que la mayor parte de su envío} other {otra puerta que {doors}}}.',
  'rule.expired':
    '{atLeast} números de serie o más que se mueven {days, plural, =0 {después de su caducidad} one {a menos de # día de su caducidad} other {a menos de # días de su caducidad}}.',
  'rule.clone': '{atLeast} números de serie o más leídos en dos sitios en {travel}: antes de lo que pueden viajar.',
  'rule.cloneSigns': '{atLeast} números de serie o más cuya etiqueta puede ser una copia: {signs}.',
  'rule.cloneSign.travel': 'leídos en dos sitios en {travel}',
  'rule.cloneSign.tid': 'respondidos por otra etiqueta que antes',
  'rule.cloneSign.ended': 'leídos aunque destruidos, dispensados o desactivados',
  'rule.dwell':
    '{atLeast} números de serie o más que permanecen más de {longer} {places, select, none {donde una puerta los llevó} other {en {places}}}.',
  'rule.crossRead': '{atLeast} etiquetas o más leídas en una puerta que pasaron por otra.',
  'rule.badData':
    '{atLeast} números de serie o más en un paso de los que avisos y eventos dicen lo que no puede ser: {checks}.',
  'rule.diversion':
    '{atLeast} números de serie o más en un sitio que no es {sites, select, none {extremo de su envío} other {ninguno de {sites}}}.',
};
