import type { Translation } from '../translation.ts';

/** Practising on invented goods beside the real site, in Spanish, whole. Names in quotes are those that the page shows. */
export const practice: Translation = {
  'practice.title': 'Práctica',
  'practice.menu': 'Practicar',
  'practice.lead':
    'Mercancía inventada junto al sitio real: tres sitios, cinco envíos, una puerta que quedó abierta, un palé con demasiados números de serie. Allí hace paso a paso las tareas de su función, con su propio nombre, y no puede estropear nada.',
  'practice.apart':
    'Tiene su propio proceso, su base de datos y su libro de registro, y no envía nada a nadie. Nada de ello aparece aquí: ni en alertas, informes, exportaciones y cifras ni en el libro de registro. Que usted practicó consta en la pista de auditoría.',
  'practice.role': 'Las tareas de quién',
  'practice.role.logistics': 'Logística',
  'practice.role.quality': 'Calidad',
  'practice.role.dock': 'Muelle',
  'practice.role.operations': 'Operaciones',
  'practice.start': 'Iniciar la práctica',
  'practice.enter': 'Entrar',
  'practice.starting': 'Se prepara la mercancía; tarda hasta un minuto.',
  'practice.runs':
    '{people, plural, =0 {Está lista. Aún no ha entrado nadie.} one {Está en marcha; ha entrado una persona.} other {Está en marcha; han entrado # personas.}}',
  'practice.failed': 'No se pudo iniciar: {reason}',
  'practice.anew': 'Empezar de nuevo',
  'practice.anew.ask':
    '{people, plural, =0 {¿Dejarlo todo como al principio?} one {¿Terminar lo practicado por una persona y dejarlo todo como al principio?} other {¿Terminar lo practicado por # personas y dejarlo todo como al principio?}}',
  'practice.end': 'Terminar la práctica',
  'practice.end.ask': '¿Terminarla para todos? Lo practicado se pierde.',
  'practice.others':
    'Hay otras personas practicando. Un administrador puede terminarla o empezarla de nuevo; lo que usted hizo queda como está hasta entonces.',
  'practice.ended': 'No está en marcha.',
  'practice.off.title': 'Aquí no se ofrece ninguna práctica',
  'practice.off':
    'Quien lleva esta instalación la activa en la configuración, con practice.enabled; entonces las tareas de su función se pueden practicar aquí con mercancía inventada.',
  'practice.off.help': 'Qué se puede practicar y cómo se activa',
  'practice.idle': 'Termina sola cuando nadie la usa durante una hora.',
  'practice.entering': 'Entrando…',
  'practice.entry.bad': 'Este acceso ya no es válido',
  'practice.entry.bad.next':
    'Se abre una sola vez, en el plazo de un minuto. Vuelva al sitio real y elija otra vez «Entrar».',
  'practice.as': 'Practica como {role}: {done} de {all} tareas hechas.',
  'practice.next': 'Siguiente: {job}',
  'practice.how': 'Cómo',
  'practice.open': 'Abrir la pantalla',
  'practice.all': 'Todas las tareas',
  'practice.leave': 'Volver al sitio real',
  'practice.allDone':
    'Todas las tareas de esta función están hechas. Empiece de nuevo, o practique otra función, desde el sitio real.',
  'practice.password': 'Donde se firma algo, su contraseña aquí es {password}',
  'practice.jobs': 'Tareas: {role}',
  'practice.done': 'hecha',
  'practice.open.job': 'por hacer',
  'practice.seen': 'Una tarea está hecha cuando consta en la pista de auditoría de la práctica: no se marca nada.',
  'practice.job.see-trouble': 'Ver de un vistazo qué va mal, y guardarlo como vista propia',
  'practice.steps.see-trouble':
    'Haga clic en el recuadro de excursiones: solo quedan esos envíos.\nAbra «Vistas», póngale un nombre y elija «Guardar esta vista».',
  'practice.job.announce': 'Anunciar un envío',
  'practice.steps.announce':
    'Elija de dónde sale, adónde va y cuándo.\nDé a una unidad un número y un registrador, para que su mercancía esté vigilada.\nEnvíelo. Lo que esté mal figura junto a su línea.',
  'practice.job.correct': 'Corregir un envío que llegará más tarde',
  'practice.steps.correct':
    'En SHP-1003 elija «Correct».\nPonga la llegada dos horas más tarde.\nDiga por qué, y elija «Correct it».',
  'practice.job.share': 'Mostrar un envío a su cliente',
  'practice.steps.share':
    'En SHP-1001 vaya a «Links for customers» y elija «Make a link».\nDiga para quién es y qué muestra.\nAbra el enlace: eso es lo que ve el cliente.',
  'practice.job.take-case': 'Hacerse cargo de un caso',
  'practice.steps.take-case': 'Abra un caso de la lista, el que vence primero.\nElija quién se ocupa: usted.',
  'practice.job.decide': 'Decidir sobre los números de serie de un caso, y firmar',
  'practice.steps.decide':
    'Lea por lo que pasó cada grupo, qué se propone y por qué.\nElija «Decide as proposed», o decida otra cosa, y diga por qué.\nFirme con su contraseña de aquí.',
  'practice.job.hold': 'Impedir que se borren los registros de un envío',
  'practice.steps.hold': 'En SHP-1005 elija «Put on hold».\nDiga por qué: una reclamación en estudio, por ejemplo.',
  'practice.job.set-aside': 'Apartar lecturas que no son de la mercancía',
  'practice.steps.set-aside':
    'En LOG-201 elija «Set readings aside».\nIndique el tiempo en que son erróneas, y por qué.\nQuedan registradas, y no cuentan para nada.',
  'practice.job.settle': 'Aclarar un palé con tres de más y uno de menos',
  'practice.steps.settle':
    'Mire el último palé que pasó por Madrid dock 1: qué muestra de más y qué falta.\nElija «Settle» en una línea y diga cómo: mirado, contado o escaneado.\nHaga lo mismo con el resto.',
  'practice.job.verify': 'Preguntar si un envase puede seguir',
  'practice.steps.verify':
    'Escriba en vez de escanear: GTIN 80614141123458, número de serie 1000, lote A17, caducidad 2028-06-30.\nElija «Verificar» y lea por qué.',
  'practice.job.count': 'Contar una unidad a mano',
  'practice.steps.count':
    'En SHP-1002 abra «Count a unit».\nPegue los números de serie encontrados, uno por línea: urn:epc:id:sgtin:0614141.812346.3000, etc.\nEnvíe el recuento.',
  'practice.job.acknowledge': 'Decir que usted atiende una alerta',
  'practice.steps.acknowledge': 'Abra la peor alerta que nadie atiende.\nElija «Atender».',
  'practice.job.assign': 'Pasar una alerta a un compañero',
  'practice.steps.assign': 'Marque una alerta de la lista.\nElija «Asignar» y nombre a quality.',
  'practice.job.silence': 'Silenciar un registrador en reparación',
  'practice.steps.silence':
    'Abra la alerta de LOG-401, que ha enmudecido.\nElija «Silence», cuánto tiempo y por qué.\nHasta entonces no se avisa a nadie; lo que se encuentra se sigue registrando.',
  'practice.job.resolve': 'Cerrar una alerta con lo que resultó de ella',
  'practice.steps.resolve': 'Abra una alerta que usted atendió.\nElija «Resolver» y diga qué resultó de ella.',
};
