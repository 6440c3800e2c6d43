import type { ToldTexts } from '../en/told.ts';

/** What is told of goods, alerts and rules, in French. */
export const told: ToldTexts = {
  'summary.threshold':
    '{device} {side, select, above {au-dessus de} at {à} other {en dessous de}} {limit}{unit, select, none {} other { {unit}}} depuis {duration}',
  'summary.silence': '{device} : aucune mesure de {metric}, en retard depuis {since}',
  'summary.silence.over': '{device} : aucune mesure de {metric}, en retard pendant {duration}',
  'summary.mkt': '{device} : température cinétique moyenne au-dessus de {limit} {unit}, jusqu’à {extreme} {unit}',
  'summary.rate': '{device} : {metric} a varié de {extreme} {unit}, plus de {limit} {unit}',
  'summary.shock': '{device} : {metric} de {extreme} {unit}',
  'summary.interval': '{device} : mesures de {metric} espacées de jusqu’à {extreme} minutes',
  'summary.freezeThaw': '{device} : décongelé après avoir été congelé',
  'summary.forecast': '{device} : {metric} en route vers {limit} {unit}, à {minutes} min au plus près',
  'summary.budget':
    '{shipment} : {serials, plural, one {# numéro de série} other {# numéros de série}} hors limites pendant {extreme} min, plus que leur budget de {limit} min',
  'summary.cumulative':
    '{shipment} : {serials, plural, one {# numéro de série} other {# numéros de série}} au-delà de la limite pendant {extreme} min en tout, {limit} min sont une alarme',
  'summary.goodsMkt':
    '{shipment} : température cinétique moyenne de {serials, plural, one {# numéro de série} other {# numéros de série}} au-dessus de {limit} {unit}, jusqu’à {extreme} {unit}',
  'summary.goodsFreezeThaw':
    '{shipment} : {serials, plural, one {# numéro de série décongelé} other {# numéros de série décongelés}} après congélation {extreme, plural, one {une fois} other {# fois}}',
  'summary.budgetForecast':
    '{shipment} : le budget de {serials, plural, one {# numéro de série} other {# numéros de série}} s’épuise avant l’arrivée, {extreme} min attendues sur {limit} min',
  'summary.tamper':
    '{shipment} : {serials, plural, one {# numéro de série} other {# numéros de série}} avec {extreme, plural, one {un signe} other {# signes}} de manipulation en route',
  'summary.unexpected':
    '{serials, plural, one {# numéro de série} other {# numéros de série}} que personne n’attend à {portal}',
  'summary.blocked':
    '{serials, plural, one {# numéro de série} other {# numéros de série}} à {portal} ne doivent pas aller plus loin ({reasons})',

  'summary.group.opened': '{about} : {alerts, plural, one {# alerte} other {# alertes}}, {running, number} en cours',
  'summary.group.changed':
    '{about} : {alerts, plural, one {# alerte} other {# alertes}}, {running, number} en cours, dont {added, number} nouvelles, {retracted, number} retirées',
  'summary.group.escalated':
    '{about} : personne n’a pris en compte {open, plural, one {# alerte} other {# alertes}} sur {alerts, number}, {running, number} en cours',
  'summary.group.reminded':
    '{about} : toujours personne n’a pris en compte {open, plural, one {# alerte} other {# alertes}} sur {alerts, number}, {running, number} en cours',
  'summary.group.ended':
    '{about} : terminé ; {alerts, plural, one {# alerte} other {# alertes}}, dont {open, number} prises en compte par personne, {retracted, number} retirées',

  'summary.health': 'Isotherm lui-même : {part} échoue et est réessayé',
  'summary.health.disk': 'Isotherm lui-même : le disque du répertoire de données se remplit',
  'summary.health.log-size': 'Isotherm lui-même : le journal se remplit ; une fois plein, plus rien n’est confirmé',
  'summary.health.backup': 'Isotherm lui-même : la dernière sauvegarde est trop ancienne',
  'summary.health.device': 'Isotherm lui-même : rien n’est accepté de {name}',
  'summary.health.calibration due': 'Isotherm lui-même : l’étalonnage de {name} arrive à échéance',
  'summary.health.calibration overdue': 'Isotherm lui-même : l’étalonnage de {name} est échu',
  'summary.health.certificate': 'Isotherm lui-même : quelqu’un doit s’occuper du certificat de {name}',
  'summary.health.append': 'Isotherm lui-même : rien ne peut être accepté',
  'summary.health.writer': 'Isotherm lui-même : les mesures sont acceptées et ne sont pas enregistrées',
  'summary.health.writer checkpoint': 'Isotherm lui-même : les mesures sont acceptées et ne sont pas enregistrées',
  'summary.health.tracer': 'Isotherm lui-même : expéditions et passages ne sont pas suivis',
  'summary.health.tracer checkpoint': 'Isotherm lui-même : expéditions et passages ne sont pas suivis',
  'summary.health.evaluator': 'Isotherm lui-même : les règles ne sont pas jugées, des alertes peuvent manquer',
  'summary.health.evaluator checkpoint':
    'Isotherm lui-même : les règles ne sont pas jugées, des alertes peuvent manquer',
  'summary.health.alerts': 'Isotherm lui-même : certaines alertes ne peuvent être établies',
  'summary.health.notifier': 'Isotherm lui-même : les messages ne sont pas envoyés',
  'summary.health.archive': 'Isotherm lui-même : les messages reçus ne sont pas archivés',
  'summary.health.archive checkpoint': 'Isotherm lui-même : les messages reçus ne sont pas archivés',
  'summary.health.retention': 'Isotherm lui-même : ce qui a dépassé sa durée de conservation n’est pas supprimé',
  'summary.health.dead-records': 'Isotherm lui-même : des enregistrements n’ont pu être pris et attendent une personne',
  'summary.health.routing': 'Isotherm lui-même : l’acheminement des alertes nomme ce qui n’existe plus',
  'summary.health.heartbeat': 'Isotherm lui-même : le veilleur extérieur ne prend pas son battement',
  'summary.health.undelivered-messages':
    'Isotherm lui-même : des messages ont été abandonnés et attendent une personne',

  'disposition.range': 'Il devait rester {limits}.',
  'disposition.range.between': 'entre {min} et {max} {unit}',
  'disposition.range.below': 'à {max} {unit} ou plus froid',
  'disposition.range.above': 'à {min} {unit} ou plus chaud',
  'disposition.limits.none': 'Personne ne dit entre quelles températures il devait rester : une personne doit juger.',
  'disposition.measured':
    'Il était entre {min} et {max} {unit} ; sa température cinétique moyenne est de {mkt} {unit}.',
  'disposition.measured.none': 'Rien n’a été mesuré autour de lui : une personne doit juger.',
  'disposition.inside': 'Il n’a jamais été hors limites.',
  'disposition.outside': 'Il a été {above} min au-dessus et {below} min en dessous des limites.',
  'disposition.excused': '{minutes} min en sont excusées par une étape signée.',
  'disposition.frozen':
    'Il a été à {min} {unit}, et aucun temps hors limites ne compense la congélation : une personne doit juger.',
  'disposition.budget.none': 'Personne ne dit combien de temps le produit supporte cela : une personne doit juger.',
  'disposition.budget.carried': 'Il avait déjà {minutes} min hors limites.',
  'disposition.budget.kept':
    'Des {limit} min que le produit supporte durant toute sa vie, {used} min sont utilisées et {left} min restent.',
  'disposition.budget.overdrawn':
    'Des {limit} min que le produit supporte durant toute sa vie, {used} min sont utilisées : {over} min de trop.',
  'disposition.unknown': '{unknown} min sont sans données et {suspect} min n’ont que des données suspectes.',
  'disposition.unknown.harmless':
    'Même s’il avait été hors limites pendant tout ce temps, le produit le supporterait encore.',
  'disposition.unknown.counted': 'Elles comptent comme hors limites, comme le dit le profil de stockage.',
  'disposition.unknown.asked':
    'S’il avait été hors limites pendant tout ce temps, le produit ne le supporterait pas : une personne doit juger.',
  'disposition.unknown.unbudgeted':
    'Personne ne dit combien de temps le produit supporte d’être hors limites : une personne doit juger ce temps.',

  'case.title.shipment': 'Excursion de l’expédition {shipment}',
  'case.title.place': 'Excursion à {place}',
  'case.title.device': 'Excursion à {device}, dont personne ne dit le lieu',
  'case.title.missing': 'Données de {device} manquantes',
  'case.title.late': 'Données arrivées après la clôture de {id}',

  'found.shortage':
    '{goods, plural, one {# numéro de série} other {# numéros de série}} de {shipments} {role, select, origin {non partis} destination {non arrivés} other {non vus}} avec le reste à {portal}',
  'found.wrongDirection':
    '{goods, plural, one {# numéro de série est} other {# numéros de série sont}} {direction, select, in {entrés} other {sortis}} par {portal} à {site}, contre le sens prévu',
  'found.wrongPortal':
    '{goods, plural, one {# numéro de série est passé} other {# numéros de série sont passés}} par {portal} au lieu de {doors}',
  'found.noData':
    '{goods, plural, one {# numéro de série est passé} other {# numéros de série sont passés}} par {portal} sans données : {lacking}',
  'found.noData.both': '{one}, {other}',
  'found.noData.notice': 'aucun avis ne le mentionne',
  'found.noData.lot': 'son lot n’est pas connu',
  'found.noData.expiry': 'sa péremption n’est pas connue',
  'found.expired':
    '{goods, plural, one {# numéro de série est passé} other {# numéros de série sont passés}} par {portal} {past, plural, =0 {à moins de {days, plural, one {# jour} other {# jours}} de la péremption} other {après la péremption}}',
  'found.clone':
    '{goods, plural, one {# numéro de série a été lu} other {# numéros de série ont été lus}} à {portal} à {site} plus tôt après un autre site qu’ils ne peuvent voyager : une étiquette copiée, ou des marchandises qui ne sont pas ce qu’elles disent',
  'found.cloneTid':
    '{goods, plural, one {# numéro de série a répondu} other {# numéros de série ont répondu}} à {portal} à {site} par une autre étiquette qu’avant, ou par deux : une étiquette copiée, ou remplacée',
  'found.cloneEnded':
    '{goods, plural, one {# numéro de série dit détruit, délivré ou désactivé a répondu} other {# numéros de série dits détruits, délivrés ou désactivés ont répondu}} à {portal} à {site} : une étiquette copiée, ou un événement erroné',
  'found.cloneSigns':
    '{goods, plural, one {# numéro de série lu} other {# numéros de série lus}} à {portal} à {site} {goods, plural, one {a} other {ont}} peut-être une étiquette copiée : lu trop tôt après un autre site, répondu par une autre étiquette, ou dit hors circulation',
  'found.dwell':
    '{goods, plural, one {# numéro de série {stands, select, yes {est resté} other {resta}}} other {# numéros de série {stands, select, yes {sont restés} other {restèrent}}}} à {place} plus de {minutes} min',
  'found.crossRead':
    '{goods, plural, one {# étiquette a été lue} other {# étiquettes ont été lues}} à {portal} en passant par {doors} : son champ porte trop loin',
  'found.diversion':
    '{goods, plural, one {# numéro de série est passé} other {# numéros de série sont passés}} par {portal} à {site}, où ils ne devraient pas être : {routes}',
  'found.diversion.route': '{shipment} va de {origin} à {destination}',
  'found.diversion.sites': 'permis à {sites} seulement',

  'found.badData':
    '{goods, plural, one {# numéro de série est passé} other {# numéros de série sont passés}} par {portal} avec des données qui ne peuvent être justes : {wrong}',
  'found.badData.gtin': 'son GTIN {gtin} n’est pas sur l’avis de {shipment}',
  'found.badData.gln': '{shipment} nomme un lieu que personne ne connaît',
  'found.badData.duplicate': 'mentionné par {shipment} et {other} à la fois',
  'found.badData.shipTo': '{shipment} a été envoyé ailleurs que ne le dit son avis',
  'found.badData.order':
    '{what, select, made {a circulé avant d’être fabriqué} other {est entré avant que {shipment} soit expédié}}',

  'found.surge': '{tags} étiquettes lues à {portal} entre {from} et {to} jusqu’ici, d’habitude {usual} à cette heure',
  'found.weakReads':
    '{what} lit {recent} % {antenna, select, yes {des étiquettes que lit sa porte} other {de ce qui devrait y être}}, d’habitude {usual} % : tournée, couverte ou défaillante ?',
  'found.weakReads.antenna': 'l’antenne {antenna} de {reader} à {portal}',

  'rule.surge': 'Plus de {times} fois autant d’étiquettes lues à une porte que d’habitude à cette heure.',
  'rule.weakReads':
    'Une porte, ou l’une de ses antennes, lit moins de {below} % de sa part habituelle, sur {passes} passages.',
  'rule.tamper':
    'Signes en route qu’un scellé n’a pas tenu : lumière de {light} lux ou plus{shock, select, none {} other {, un choc de {shock} g ou plus}}{opened, select, yes {, quelque chose retiré de son unité} other {}}.',
  'rule.silence': 'Aucune mesure de {metric} pendant {lasting}.',
  'rule.silence.onlyGood':
    'Des mesures arrivent, et aucune bonne de {metric} pendant {lasting} : un capteur défectueux.',
  'rule.mkt': 'Température cinétique moyenne sur {window} au-dessus de {limit}.',
  'rule.rate': '{metric} {way, select, up {monte} other {descend}} de plus de {limit} en {window}.',
  'rule.shock': '{metric} de {limit} ou plus.',
  'rule.shock.joined': '{metric} de {limit} ou plus, regroupés en {joined}.',
  'rule.interval': 'Mesures de {metric} plus espacées que la norme EN 12830 ne le permet pour un trajet de {journey}.',
  'rule.freezeThaw': 'Décongelé {times} fois ou plus en {window}.',
  'rule.forecast': '{metric} en route {side, select, above {au-dessus de} other {en dessous de}} {limit} en {within}.',
  'rule.budget': 'Plus de {share} % du temps hors limites que supportent les marchandises est utilisé{through}.',
  'rule.budget.limits': 'Les marchandises passent en tout plus que {budgets}, à {share} % de cela{through}.',
  'rule.budget.limit': '{budget} {ends}',
  'rule.cumulative': 'Les marchandises sont {ends} pendant {lasting} en tout depuis leur emballage{through}.',
  'rule.goodsMkt': 'Température cinétique moyenne des marchandises sur {window} de leur trajet au-dessus de {limit}.',
  'rule.goodsFreezeThaw':
    'Les marchandises ont décongelé après congélation {times, plural, one {une fois} other {# fois}} durant leur trajet{through}.',
  'rule.budgetForecast':
    'Au rythme des dernières {window}, le budget des marchandises s’épuise avant leur arrivée{through}.',
  'rule.through.goods':
    ', selon la température de marchandises qui suivent l’air avec une constante de temps de {constant}',
  'found.mass':
    'Jugé comme des marchandises qui suivent l’air avec une constante de temps de {constant}, {by, select, product {comme enregistré pour le produit {product}} other {comme le dit la règle : aucune n’est enregistrée pour {product, select, none {elles} other {le produit {product}}}}}.',
  'found.mass.none':
    'Jugé selon l’air même : aucune constante de temps n’est enregistrée pour {product, select, none {elles} other {le produit {product}}}.',
  'rule.through.goodsOfProduct':
    ', selon la température de marchandises qui suivent l’air avec la constante de temps de leur produit{otherwise, select, none {, à défaut selon l’air} other {, à défaut avec {otherwise}}}',
  'rule.through.unless': ', sans compter tant que {metric} est {ends}, {most} au plus',
  'rule.threshold':
    '{metric} {ends}{lasts, select, yes { pendant {lasting} ou plus} other {}}{clear, select, yes {, jusqu’à {clears}} other {}}{through}.',
  'rule.door':
    'Porte {side, select, above {ouverte} other {fermée}}{lasts, select, yes { pendant {lasting} ou plus} other {}}.',
  'rule.end.above': 'au-dessus de {limit}',
  'rule.end.atOrAbove': 'à {limit} ou au-dessus',
  'rule.end.below': 'en dessous de {limit}',
  'rule.end.atOrBelow': 'à {limit} ou en dessous',
  'rule.clear.above': '{limit} ou moins',
  'rule.clear.below': '{limit} ou plus',
  'rule.either': '{one} ou {other}',
  'rule.duration.day': '{count, plural, one {# jour} other {# jours}}',
  'rule.duration.hour': '{count, plural, one {# heure} other {# heures}}',
  'rule.duration.minute': '{count, plural, one {# minute} other {# minutes}}',
  'rule.duration.second': '{count, plural, one {# seconde} other {# secondes}}',
  'rule.duration.ms': '{count} ms',

  'rule.unexpected': '{atLeast} numéros de série ou plus dans un passage qu’aucune expédition n’y attend.',
  'rule.blocked':
    '{atLeast} numéros de série ou plus dans un passage qui ne doivent pas aller plus loin : rappelés, volés, périmés ou désactivés.',
  'rule.shortage':
    '{atLeast} numéros de série ou plus d’une expédition qui ne {when, select, departure {partent} receipt {viennent} other {partent ou ne viennent}} pas avec le reste ; les unités sont attendues {wait} après la dernière.',
  'rule.noData': '{atLeast} numéros de série ou plus dans un passage dont on ne sait pas assez : {needs}.',
  'rule.wrongDirection':
    '{atLeast} numéros de série ou plus qui vont contre {way, select, none {le sens de leur expédition} other {le sens de la porte, qui est pour {way}}}.',
  'rule.wrongPortal':
    '{atLeast} numéros de série ou plus qui passent par {doors, select, none {une autre porte que la plus grande partie de leur expédition} other {une autre porte que {doors}}}.',
  'rule.expired':
    '{atLeast} numéros de série ou plus qui bougent {days, plural, =0 {après leur péremption} one {à moins de # jour de leur péremption} other {à moins de # jours de leur péremption}}.',
  'rule.clone':
    '{atLeast} numéros de série ou plus lus sur deux sites en {travel} : plus tôt qu’ils ne peuvent voyager.',
  'rule.cloneSigns': '{atLeast} numéros de série ou plus dont l’étiquette peut être une copie : {signs}.',
  'rule.cloneSign.travel': 'lus sur deux sites en {travel}',
  'rule.cloneSign.tid': 'répondus par une autre étiquette qu’avant',
  'rule.cloneSign.ended': 'lus bien que détruits, délivrés ou désactivés',
  'rule.dwell':
    '{atLeast} numéros de série ou plus qui restent plus de {longer} {places, select, none {là où une porte les a menés} other {à {places}}}.',
  'rule.crossRead': '{atLeast} étiquettes ou plus lues à une porte et passées par une autre.',
  'rule.badData':
    '{atLeast} numéros de série ou plus dans un passage dont avis et événements disent ce qui ne peut être : {checks}.',
  'rule.diversion':
    '{atLeast} numéros de série ou plus sur un site qui n’est {sites, select, none {pas un bout de leur expédition} other {aucun de {sites}}}.',
};
