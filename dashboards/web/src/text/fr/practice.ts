import type { Translation } from '../translation.ts';

/** Practising on invented goods beside the real site, in French, whole. Names in quotes are those that the page shows. */
export const practice: Translation = {
  'practice.title': 'Exercice',
  'practice.menu': 'S’exercer',
  'practice.lead':
    'Des marchandises inventées à côté du site réel : trois sites, cinq expéditions, une porte restée ouverte, une palette avec trop de numéros de série. Vous y faites pas à pas le travail de votre rôle, sous votre propre nom, et ne pouvez rien abîmer.',
  'practice.apart':
    'L’exercice a son propre processus, sa propre base de données et son propre registre, et n’envoie rien à personne. Rien n’en paraît ici, ni dans les alertes, rapports, exports et chiffres, ni dans le registre. La piste d’audit garde que vous vous êtes exercé.',
  'practice.role': 'Le travail de qui',
  'practice.role.logistics': 'Logistique',
  'practice.role.quality': 'Qualité',
  'practice.role.dock': 'Quai',
  'practice.role.operations': 'Exploitation',
  'practice.start': 'Démarrer l’exercice',
  'practice.enter': 'Entrer',
  'practice.starting': 'Préparation des marchandises ; cela prend jusqu’à une minute.',
  'practice.runs':
    '{people, plural, =0 {Tout est prêt. Personne n’est encore entré.} one {L’exercice est en cours ; une personne est entrée.} other {L’exercice est en cours ; # personnes sont entrées.}}',
  'practice.failed': 'Impossible de le démarrer : {reason}',
  'practice.anew': 'Recommencer',
  'practice.anew.ask':
    '{people, plural, =0 {Tout remettre comme au début ?} one {Mettre fin à l’exercice d’une personne et tout remettre comme au début ?} other {Mettre fin à l’exercice de # personnes et tout remettre comme au début ?}}',
  'practice.end': 'Terminer l’exercice',
  'practice.end.ask': 'Le terminer pour tous ? Ce qui a été fait sera perdu.',
  'practice.others':
    'D’autres s’y exercent aussi. Un administrateur peut le terminer ou le recommencer ; ce que vous avez fait reste en l’état jusque-là.',
  'practice.ended': 'Il n’est pas en cours.',
  'practice.off.title': 'Aucun exercice n’est proposé ici',
  'practice.off':
    'Qui exploite cette installation l’active dans la configuration, par practice.enabled ; le travail de votre rôle peut alors être exercé ici sur des marchandises inventées.',
  'practice.off.help': 'Ce qui peut être exercé, et comment l’activer',
  'practice.idle': 'Il se termine de lui-même quand personne ne s’en sert pendant une heure.',
  'practice.entering': 'Entrée en cours…',
  'practice.entry.bad': 'Cet accès n’est plus valable',
  'practice.entry.bad.next':
    'Il s’ouvre une fois, en une minute. Revenez au site réel et choisissez à nouveau « Entrer ».',
  'practice.as': 'Vous vous exercez comme {role} : {done} tâches sur {all} faites.',
  'practice.next': 'Ensuite : {job}',
  'practice.how': 'Comment',
  'practice.open': 'Ouvrir l’écran',
  'practice.all': 'Toutes les tâches',
  'practice.leave': 'Retour au site réel',
  'practice.allDone':
    'Toutes les tâches de ce rôle sont faites. Recommencez, ou exercez-vous dans un autre rôle, depuis le site réel.',
  'practice.password': 'Pour signer, votre mot de passe est ici {password}',
  'practice.jobs': 'Tâches : {role}',
  'practice.done': 'fait',
  'practice.open.job': 'à faire',
  'practice.seen': 'Une tâche est faite quand elle figure dans la piste d’audit de l’exercice : vous ne cochez rien.',
  'practice.job.see-trouble': 'Voir d’un coup d’œil ce qui ne va pas, et en garder une vue',
  'practice.steps.see-trouble':
    'Cliquer sur la tuile des excursions : seules ces expéditions restent.\nOuvrir « Vues », lui donner un nom et choisir « Enregistrer cette vue ».',
  'practice.job.announce': 'Annoncer une expédition',
  'practice.steps.announce':
    'Choisir d’où elle part, où elle va et quand.\nDonner à une unité un numéro et un enregistreur, pour que ses marchandises soient surveillées.\nEnvoyer. Ce qui est faux figure à côté de sa ligne.',
  'practice.job.correct': 'Corriger une expédition qui arrivera plus tard',
  'practice.steps.correct':
    'Sur SHP-1003, choisir « Correct ».\nMettre l’arrivée deux heures plus tard.\nDire pourquoi, et choisir « Correct it ».',
  'practice.job.share': 'Montrer une expédition à son client',
  'practice.steps.share':
    'Sur SHP-1001, aller à « Links for customers » et choisir « Make a link ».\nDire pour qui il est et ce qu’il montre.\nOuvrir le lien : voilà ce que voit le client.',
  'practice.job.take-case': 'Prendre un dossier en charge',
  'practice.steps.take-case':
    'Ouvrir un dossier de la liste, celui dont l’échéance vient en premier.\nChoisir qui s’en occupe : vous.',
  'practice.job.decide': 'Décider des numéros de série d’un dossier, et signer',
  'practice.steps.decide':
    'Lire ce que chaque groupe a subi, ce qui est proposé et pourquoi.\nChoisir « Decide as proposed », ou décider autrement, et dire pourquoi.\nSigner avec votre mot de passe d’ici.',
  'practice.job.hold': 'Préserver de la suppression les enregistrements d’une expédition',
  'practice.steps.hold':
    'Sur SHP-1005, choisir « Put on hold ».\nDire pourquoi : une réclamation en cours d’examen, par exemple.',
  'practice.job.set-aside': 'Écarter des mesures qui ne sont pas celles des marchandises',
  'practice.steps.set-aside':
    'Sur LOG-201, choisir « Set readings aside ».\nDonner la période où elles sont fausses, et pourquoi.\nElles restent enregistrées, et ne comptent plus.',
  'practice.job.settle': 'Régler une palette avec trois de trop et un manquant',
  'practice.steps.settle':
    'Regarder la dernière palette passée par Madrid dock 1 : ce qu’elle montre de trop, et ce qui manque.\nChoisir « Settle » sur une ligne et dire comment : regardé, compté ou scanné.\nFaire de même pour le reste.',
  'practice.job.verify': 'Demander si une boîte peut repartir',
  'practice.steps.verify':
    'Saisir au lieu de scanner : GTIN 80614141123458, numéro de série 1000, lot A17, péremption 2028-06-30.\nChoisir « Vérifier » et lire pourquoi.',
  'practice.job.count': 'Compter une unité à la main',
  'practice.steps.count':
    'Sur SHP-1002, ouvrir « Count a unit ».\nColler les numéros de série trouvés, un par ligne : urn:epc:id:sgtin:0614141.812346.3000 et ainsi de suite.\nEnvoyer le comptage.',
  'practice.job.acknowledge': 'Dire que vous vous occupez d’une alerte',
  'practice.steps.acknowledge': 'Ouvrir la pire alerte dont personne ne s’occupe.\nChoisir « Prendre en charge ».',
  'practice.job.assign': 'Confier une alerte à un collègue',
  'practice.steps.assign': 'Cocher une alerte de la liste.\nChoisir « Confier » et nommer quality.',
  'practice.job.silence': 'Faire taire un enregistreur en réparation',
  'practice.steps.silence':
    'Ouvrir l’alerte de LOG-401, devenu muet.\nChoisir « Silence », pour combien de temps et pourquoi.\nD’ici là personne n’en est averti ; ce qui est constaté reste enregistré.',
  'practice.job.resolve': 'Clore une alerte en disant ce qu’il en est advenu',
  'practice.steps.resolve':
    'Ouvrir une alerte que vous avez prise en charge.\nChoisir « Clore » et dire ce qu’il en est advenu.',
};
