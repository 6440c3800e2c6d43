import type { MessageTexts } from '../en/message.ts';

/** What a message about an alert says, in French. */
export const message: MessageTexts = {
  'message.alert.opened': 'Une alerte s’est ouverte.',
  'message.alert.escalated': 'Personne n’a encore pris en compte cette alerte ; il vous est demandé d’intervenir.',
  'message.alert.reminded': 'Personne n’a encore pris en compte cette alerte.',
  'message.alert.snoozeEnded': 'L’alerte avait été reportée, et son délai est écoulé.',
  'message.alert.acknowledged': 'Prise en compte par {who}.',
  'message.alert.resolved': 'Résolue par {who}.',
  'message.alert.retracted': 'Cela n’a pas eu lieu : des données ultérieures disent autre chose. L’alerte est retirée.',
  'message.alert.changed':
    'Ce que cette alerte touche a changé depuis que quelqu’un a agi. Regardez de nouveau ses numéros de série.',
  'message.alert.flapping':
    'Elle s’ouvre et se ferme trop souvent : {opened, number} fois en {withinMinutes, number} minutes. Ce qui s’ouvre désormais est retenu jusqu’à ce que ce soit fini.',
  'message.alert.flappingEnded':
    'Elle ne s’ouvre et ne se ferme plus sans cesse. Ce qui demeure est signalé à partir de maintenant.',
  'message.group.standing': 'Ces alertes sont arrivées ensemble et sont signalées ensemble.',
  'message.group.ended': 'C’est fini : aucune de ces alertes n’est plus ouverte.',
  'message.silence.title': 'Un de vos silences a pris fin : {reason}',
  'message.silence':
    'Il a pris fin à {until}. {muted, plural, =0 {Il n’a retenu aucune alerte.} one {Il a retenu # alerte.} other {Il a retenu # alertes.}} Ce qui demeure est signalé à partir de maintenant.',
  'message.other': 'Quelque chose a changé au sujet d’une alerte.',
  'message.clock.site': '{time} (sur place : {site})',
  'message.code': '{code} est votre code',
  'message.code.sentence':
    'Saisissez-le sous Compte pour être averti à cette adresse. Si vous ne l’avez pas demandé, ne faites rien.',
  'message.link.account': 'Votre compte',
  'message.channel.test': 'Ceci est un essai',
  'message.channel.test.sentence':
    'Quelqu’un l’a envoyé depuis Isotherm pour voir si les messages arrivent par le canal {channel}. Tout va bien.',
  'message.severity':
    '{severity, select, critical {Critique} warning {Avertissement} info {Information} other {{severity}}}',
  'message.title': '{taken, select, true {Retirée : } other {}}{severity} : {summary}',
  'message.fact.serials': 'Numéros de série touchés',
  'message.fact.serials.value': '{count, plural, =0 {aucun} one {# numéro de série} other {# numéros de série}}',
  'message.fact.alerts': 'Alertes',
  'message.fact.alerts.value':
    '{alerts, plural, one {# alerte} other {# alertes}}, {open, number} ouvertes, {running, number} en cours',
  'message.fact.exposure': 'Pire exposition',
  'message.fact.exposure.minutes': '{minutes, plural, one {# minute} other {# minutes}} hors de la plage',
  'message.fact.exposure.extreme': 'jusqu’à {extreme}',
  'message.fact.exposure.limit': '{extreme}, la limite étant {limit}',
  'message.fact.place': 'Où',
  'message.fact.since': 'Depuis',
  'message.fact.until': '{from} à {to}',
  'message.fact.for': 'Pour',
  'message.fact.stake': 'En jeu',
  'message.fact.stake.class':
    '{serials, plural, one {# numéro de série} other {# numéros de série}} de classe de valeur {valueClass, number}',
  'message.fact.stake.budget':
    'au moins {minutes, plural, one {# minute} other {# minutes}} de budget de stabilité restantes',
  'message.fact.late': 'Trouvée tard',
  'message.fact.late.value': 'les mesures sont arrivées après coup',
  'message.serials.more': '{count, plural, one {et # autre} other {et # autres}}',
  'message.do': 'Que faire maintenant',
  'message.do.threshold':
    'Ramenez les produits dans leur plage, puis cherchez la cause. Ne libérez rien de ce qui est touché : la qualité décide.',
  'message.do.silence':
    'Regardez l’enregistreur et sa passerelle : courant, réseau, pile. Tant qu’il se tait, l’air est inconnu.',
  'message.do.mkt': 'Retenez les produits ; la moyenne de toute la durée est trop chaude. La qualité décide.',
  'message.do.rate': 'Regardez si une porte est restée ouverte ou si le froid s’est arrêté.',
  'message.do.shock': 'Cherchez des dommages aux produits et à leur emballage.',
  'message.do.interval': 'Réglez l’enregistreur sur des mesures plus fréquentes, ou placez-en un second à côté.',
  'message.do.freezeThaw': 'Retenez les produits ; ils ont gelé puis dégelé. La qualité décide.',
  'message.do.forecast': 'Il est encore temps : agissez avant que la limite soit atteinte.',
  'message.do.unexpected': 'Arrêtez la palette à la porte et comparez-la à ses papiers.',
  'message.do.blocked': 'Ces produits ne doivent pas aller plus loin. Mettez-les de côté et demandez à la qualité.',
  'message.do.group': 'Cherchez la cause commune : courant, réseau ou froid de tout le lieu.',
  'message.do.health': 'Voyez Administration, System health : ce qui manque et que faire.',
  'message.do.other': 'Regardez l’alerte et décidez qui s’en occupe.',
  'message.mention': '{by} vous mentionne dans {case}',
  'message.fact.case': 'Dossier',
  'message.link.case': 'Ouvrir le dossier',
  'message.link.alert': 'Ouvrir l’alerte',
  'message.link.alerts': 'Ouvrir les alertes',
  'message.pin': 'Pour prendre en compte, répondez {pin}.',
  'message.link.acknowledge': 'Prendre en compte…',
  'message.footer': 'Isotherm envoie ceci parce qu’une règle d’alerte mène ici.',
};
