## The language itself

language-name = Français
direction = ltr
choose-language = Langue

## Words that stand alone

or = ou
code = Code
password = Mot de passe
sign-in = Se connecter
sign-out = Se déconnecter
proceed = Continuer
go-on = Continuer
enrol = Inscrire
done = Terminé
not-now = Pas maintenant
my-phone = Mon téléphone

## Signing in

user-name = Nom d’utilisateur
sign-in-with-passkey = Se connecter avec une clé d’accès
enrolment-code-question = Vous avez un code d’inscription ? <a href="/enroll">Configurer votre second facteur</a>
not-set-up = Cette organisation n’est pas encore configurée. Ouvrez le lien à usage unique que le serveur a affiché à son démarrage.

## The second door, wherever it stands

second-door = Seconde porte
one-more-door = Encore une porte
start-again = Recommencer
your-factors = Vos facteurs
remember-hours =
    { $count ->
        [one] Se souvenir de ce navigateur pendant { $count } heure
        [many] Se souvenir de ce navigateur pendant { $count } d’heures
       *[other] Se souvenir de ce navigateur pendant { $count } heures
    }
remember-days =
    { $count ->
        [one] Se souvenir de ce navigateur pendant { $count } jour
        [many] Se souvenir de ce navigateur pendant { $count } de jours
       *[other] Se souvenir de ce navigateur pendant { $count } jours
    }
phone-rings = <strong>{ $phone }</strong> sonne. Décrochez et composez-y ces chiffres
type-number-on = Saisissez ce nombre sur <strong>{ $phone }</strong>
answer-request-on = Répondez à la demande sur <strong>{ $phone }</strong>.
one-minute = Vous avez une minute. Ne saisissez jamais un nombre que quelqu’un d’autre vous dicte.
i-have-answered = J’ai répondu
waiting-is-over = Une réponse est arrivée ou la minute est écoulée. Continuez avec le bouton ci-dessous.
ask-phone = Demander à { $phone }
ask-phone-again = Redemander à { $phone }
call-phone = Appeler { $phone }
call-phone-again = Rappeler { $phone }
text-me = M’envoyer un code par SMS : { $phone }
use-passkey = Utiliser une clé d’accès
go-on-with-duo = Continuer avec Duo
passkey-needs-script = Une clé d’accès exige un navigateur qui exécute notre script.
passkey-needs-script-here = Une clé d’accès exige un navigateur qui exécute notre script. Demandez un code de contournement à votre administrateur.

## Under the field for a code: one or several of these sentences

hint-app = Ouvrez votre application d’authentification et saisissez les six chiffres qu’elle affiche maintenant.
hint-token = Saisissez ce qu’affiche votre jeton matériel, après avoir appuyé sur son bouton s’il en a un.
hint-or-token = Ou saisissez ce qu’affiche votre jeton matériel, après avoir appuyé sur son bouton s’il en a un.
hint-text = Faites-vous envoyer un code, ci-dessous, et saisissez-le ici.
hint-or-text = Ou faites-vous envoyer un code, ci-dessous, et saisissez-le ici.
hint-bypass = Un code de contournement de votre administrateur convient aussi.
none-at-hand = Rien de tout cela sous la main ? Adressez-vous à votre service d’assistance.

## What the browser says about a passkey

passkey-known = Cet appareil ou cette clé est déjà inscrit.
passkey-bad-address = Le navigateur ne crée pas de clés d’accès pour cette adresse.
passkey-not-used = Aucune clé d’accès n’a été utilisée. Réessayez ou utilisez autre chose.

## The prompt in front of an application

wants-to-know = <strong>{ $application }</strong> veut savoir si c’est bien vous, <strong>{ $user }</strong>.
cancel-to = Annuler et revenir à { $application }
back-to = Revenir à { $application }
sign-in-for = Pour continuer vers <strong>{ $application }</strong>.
stays-shut = Cette porte reste fermée
asked-about = <strong>{ $application }</strong> a demandé <strong>{ $user }</strong>.
factor-first = Il vous faut d’abord un second facteur
factor-first-for = <strong>{ $application }</strong> exige la seconde porte, et rien de ce que vous avez ne l’ouvre encore, <strong>{ $user }</strong>. Demandez un code d’inscription à votre administrateur ; avec lui, vous configurez en une minute une application d’authentification ou une clé d’accès. Connectez-vous ensuite de nouveau à { $application }.
factor-first-here = <strong>{ $application }</strong> demande la seconde porte, et rien de ce que vous avez, <strong>{ $user }</strong>, ne l’ouvre encore. Avec un code, vous configurez ici en une minute une application d’authentification ou une clé d’accès, et vous continuez vers { $application }.
code-of-mail-or-administrator = Le code qui vous a été envoyé par e-mail, ou celui que votre administrateur vous a donné.
have-enrolment-code = J’ai un code d’inscription
going-back = Retour
being-taken-back = Vous êtes ramené là d’où vous venez.
applications-are-told = Les applications auxquelles vous étiez connecté en sont informées l’une après l’autre. Vous pouvez fermer cette page à tout moment.
go-on-by-hand = Continuer à la main
on-to-duo = Vers Duo
taken-to-duo = Vous êtes conduit à Duo, qui demande votre second facteur et vous renvoie ici.

## An application that is told about somebody

consent-title = <strong>{ $application }</strong> veut savoir qui vous êtes
consent-told = Si vous acceptez, voici ce qui lui est communiqué :
consent-sub = que c’est bien vous
consent-profile = votre nom et votre nom d’utilisateur
consent-email = votre adresse e-mail
consent-phone = votre numéro de téléphone
consent-groups = les groupes dont vous faites partie
consent-offline = tout cela aussi en votre absence
consent-other = ce qu’elle appelle <strong>{ $scope }</strong>
consent-yes = Accepter
consent-no = Refuser
leave-title = Se déconnecter ?
leave-wish = <strong>{ $application }</strong> souhaite vous déconnecter.
leave-what = Vous serez déconnecté ici, ainsi que des applications qui veulent en être informées.
leave-yes = Oui, me déconnecter
leave-no = Rester connecté
device-title = Connecter un appareil
device-what = Saisissez le code affiché par votre appareil ou votre programme.
device-code = Code de l’appareil
device-wrong = Ce code n’existe pas ou a expiré. Regardez de nouveau votre appareil.
device-too-many = Trop de codes erronés. Réessayez dans dix minutes.
device-confirm = Est-ce bien votre appareil ?
device-asks = <strong>{ $application }</strong> veut être connecté en votre nom, <strong>{ $user }</strong>.
device-shows = Votre appareil doit afficher ce code :
device-from = La demande vient de <strong>{ $place }</strong>.
device-warning = Si quelqu’un vous a envoyé ce code ou un lien vers cette page, arrêtez-vous : cette personne serait connectée à votre place.
device-yes = Oui, le connecter
device-no = Non
device-done = Continuez sur votre appareil
device-done-how = <strong>{ $application }</strong> est connecté. Vous pouvez fermer cette page.
device-refused = <strong>{ $application }</strong> n’a pas été connecté.

## The second door once more

on-another-network = Vous êtes sur un autre réseau
second-door-again = La seconde porte, encore une fois
step-up-with-nothing = Ce que vous voulez exige de repasser la seconde porte d’ici, et rien de ce que vous avez ne l’ouvre pour l’instant. Demandez un code de contournement à votre administrateur.
step-up-now = Repassez la seconde porte pour continuer.
my-own-pages = Mes propres pages

## Enrolling the first factor

set-up-factor = Configurer votre second facteur
enrolment-needed = Inscription nécessaire
enrolment-needed-how = Votre mot de passe est correct, mais rien de ce que vous avez n’ouvre encore la seconde porte. Demandez un code d’inscription à votre administrateur ; avec lui, vous configurez en une minute une application d’authentification ou une clé d’accès.
enrolment-by-mail-how = Votre mot de passe est correct, mais rien de ce que vous avez n’ouvre encore la seconde porte. Avec un code envoyé par e-mail, vous configurez en une minute une application d’authentification ou une clé d’accès.
mail-me-a-code = M’envoyer un code par e-mail : { $to }
have-administrators-code = J’ai un code d’inscription d’un administrateur
type-mailed-code = Saisissez le code qui vous a été envoyé par e-mail. Il est valable un quart d’heure, et dans ce navigateur seulement.
type-mailed-code-to = Saisissez le code envoyé à { $to }. Il est valable un quart d’heure, et dans ce navigateur seulement.
code-from-mail = Code reçu par e-mail
mail-me-another = M’en envoyer un autre par e-mail
what-you-need = Il vous faut le code d’inscription que votre administrateur vous a donné, et une application d’authentification sur votre téléphone ou une clé d’accès.
enrolment-code = Code d’inscription
back-to-sign-in = Retour à la connexion
your-factor-of = Votre second facteur, { $name }
add-account-in-app = Ouvrez votre application d’authentification et ajoutez un compte.
scan-picture = Scannez cette image :
scan-picture-not-drawn = Scannez cette image (elle n’a pas pu être dessinée ; saisissez plutôt la clé) :
qr-of-app = Code QR pour l’application d’authentification de { $name }
or-type-key = Ou saisir la clé
key-kind = Basée sur l’heure, six chiffres, toutes les 30 secondes.
six-digits-now = Les six chiffres que votre application affiche maintenant
or-without-app = ou sans application
use-phone-page = Utiliser une page sur votre téléphone qui vous demande
use-passkey-or-key = Utiliser une clé d’accès ou une clé de sécurité
come-back = Si vous êtes interrompu, revenez dans la journée à <code>/enroll</code> avec le code <strong>{ $code }</strong>
once-more = Encore une fois
key-is-in-app = La clé est déjà dans votre application. Saisissez les six chiffres qu’elle affiche maintenant.
start-with-code = Recommencer avec le code d’inscription
enrolled = Inscrit
enrolled-passkey = Votre clé d’accès ouvre désormais la seconde porte, après votre mot de passe. Une fois que vous êtes passé par les deux, elle peut vous connecter à elle seule là où votre organisation le permet. Les connexions sur des appareils et dans des programmes ne peuvent pas la demander : si vous en avez besoin, ajoutez aussi une application d’authentification, sous <em>Mes portes</em>.
enrolled-app = Votre application d’authentification ouvre désormais la seconde porte. Le code que vous venez de saisir est épuisé ; attendez le suivant pour vous connecter.
your-phone = Votre téléphone
when-phone-is-yours = Quand le téléphone dit qu’il est à vous, connectez-vous ici.
scan-with-phone = Scannez cette image avec le téléphone, ou ouvrez-y <code>{ $address }</code>.
open-on-phone = Ouvrez <code>{ $address }</code> sur le téléphone.
open-on-this-phone = C’est ce téléphone : ouvrir la page ici
home-screen-first = Sur un iPhone ou un iPad, placez d’abord la page sur l’écran d’accueil et ouvrez-la de là.
activate-with-code = Activez-la avec ce code, valable une fois et pendant quinze minutes.
qr-of-phone = Code QR de la page du téléphone

## The phone page

phone-needs-script = Cette page répond aux demandes avec une clé de votre téléphone, ce qui exige un navigateur qui exécute notre script.
make-this-yours = Faire de ce téléphone le vôtre
add-a-phone-there = Sur votre propre page, sous <em>Mes portes</em>, choisissez <em>Ajouter un téléphone</em>. Scannez l’image qui s’y trouve, ou saisissez son code ici.
install-first = Sur un iPhone ou un iPad, placez d’abord cette page sur l’écran d’accueil (Partager, puis <em>Sur l’écran d’accueil</em>), ouvrez-la de là et saisissez-y le code.
name-this-phone = Nom de ce téléphone
activate = Activer
no-screen-lock = Ce téléphone n’a pas de verrouillage d’écran
ready = Prêt
requests-appear = Les demandes adressées à <strong id="who"></strong> apparaissent ici. Ceci est <strong id="phone-name"></strong>.
wake-this-phone = Réveiller ce téléphone quand la page est fermée
is-woken = Le téléphone est réveillé par l’éditeur de votre navigateur, qui apprend que quelque chose a été envoyé et rien de plus.
give-up = Abandonner ce téléphone…
give-up-means = Il n’ouvre plus aucune porte jusqu’à une nouvelle activation.
give-it-up = L’abandonner
is-this-you = Est-ce vous ?
request-what = Connexion à
request-from = Depuis
request-device = Appareil
request-at = À
number-where-you-sign-in = Le nombre affiché là où vous vous connectez
let-me-in = Oui, laissez-moi entrer
no = Non
not-me = Je n’ai rien demandé
requests-of-last-hour = Demandes de la dernière heure

## What the script of the phone page says

server-refused = Le serveur a refusé.
phone-not-confirmed = Le téléphone n’a pas confirmé que c’est vous. Veuillez réessayer.
server-not-reached = Le serveur n’a pas été joint. Veuillez réessayer.
key-lost = Ce navigateur a perdu sa clé. Abandonnez le téléphone et activez-le de nouveau.
phone-is-yours = Ce téléphone est maintenant le vôtre.
unknown-address = une adresse inconnue
you-let-yourself-in = Vous vous êtes laissé entrer.
you-said-no = Vous avez dit non.
you-said-not-me = Vos administrateurs voient que ce n’était pas vous. Ce qu’il faut faire maintenant est indiqué dans le portail.
you-said-not-me-after-yes = Vos administrateurs peuvent le voir. Ce à quoi vous aviez dit oui a été ouvert : mettez fin à vos sessions dans le portail et changez votre mot de passe.
help-desk-asks = Parlez-vous en ce moment avec votre service d’assistance ?
asked-by = Demandé par
number-they-read = Le nombre que l’on vous lit
yes-that-is-me = Oui, c’est moi
not-speaking = Je ne parle avec personne
you-confirmed = Votre service d’assistance sait maintenant que c’est vous.
you-said-not-speaking = Votre service d’assistance apprend que ce n’était pas vous. Ne donnez aucun code à personne.
notifications-refused = Le navigateur n’a pas été autorisé à afficher des notifications. Les demandes apparaissent quand même tant que cette page est ouverte.
cannot-be-woken = Ce navigateur ne peut pas être réveillé. Les demandes apparaissent quand même tant que cette page est ouverte.
woken-again = L’éditeur de votre navigateur ne pouvait plus réveiller ce téléphone. Il le peut de nouveau.
woken-no-more = L’éditeur de votre navigateur ne peut plus réveiller ce téléphone. Faites-le réveiller à nouveau ci-dessous, ou laissez cette page ouverte.
somebody-signs-in = Quelqu’un se connecte
open-to-see = Ouvrez pour voir où, et pour dire oui ou non.
account-changed = Quelque chose a changé dans votre compte
account-changed-look = Ouvrez pour voir quoi. Si ce n’était pas vous, dites-le à votre administrateur.

## Around a page of the portal

to-the-content = Aller au contenu
show-the-menu = Afficher le menu
main-menu = Menu principal
administration = Administration
light-or-dark = Clair ou sombre
my-doors = Mes portes
my-sign-ins = Mes connexions
next-page = Page suivante
undo = Annuler cette action

## The front page of the portal

hello = Bonjour, { $name }
since-you-looked = Depuis votre dernière visite
news-by-you = { $when }, par vous
news-by = { $when }, par { $who }
news-from-by-you = { $when } depuis { $source }, par vous
news-from-by = { $when } depuis { $source }, par { $who }
reset-not-before = Rien ne se passe avant { $until }.
reset-not-you = Si vous ne l’avez pas demandé, arrêtez-le. Vous n’y perdez rien.
stop-reset = Arrêter
was-it-you = L’une de ces choses n’est ni de vous ni de quelqu’un à qui vous l’avez demandée ? <a href="/password">Changez votre mot de passe</a> et prévenez votre administrateur.
have-seen = J’ai vu
my-factors = Mes facteurs
no-factors = Rien de ce que vous avez n’ouvre encore la seconde porte. Demandez un code d’inscription à votre administrateur et <a href="/enroll">configurez une application d’authentification</a>.
duo-asks-you = Vous demande à la seconde porte. Vos téléphones et clés y sont gérés par Duo et non ici.
devices-at-duo = Mes appareils chez Duo
devices-at-duo-more = Mes appareils chez Duo…
duo-manage-devices = La page de Duo propose <em>Manage devices</em> là où votre administrateur le permet. Ensuite, vous revenez ici.
open-duo = Ouvrir la page de Duo
factor-since = { $kind }, depuis { $since }
factor-until = { $kind }, depuis { $since }, jusqu’à { $until }
codes-left = codes restants : { $left } sur { $of }
passkey-of-model = { $model }, attesté par son fabricant (<code>{ $aaguid }</code>)
passkey-shut = N’ouvre aucune porte : votre organisation n’accepte que d’autres modèles
reactivate-more = Configurer à nouveau…
reactivate-means = Sa page est perdue, ou c’est un autre appareil ? Avec un nouveau code, il redevient le même téléphone, sous son nom. Jusque-là, ce qu’il a compte encore. S’il est entre de mauvaises mains, retirez-le plutôt.
reactivate = Afficher un code
reactivate-named = Configurer { $name } à nouveau
rename-more = Renommer…
rename = Renommer
new-name-of = Nouveau nom de { $name }
remove-more = Supprimer…
remove-means = Il n’ouvre plus aucune porte, et vous êtes déconnecté partout.
remove-it = Supprimer
step-token-more = Resynchroniser…
step-token-how = Quand ses codes sont refusés : on a trop appuyé sur son bouton, ou son horloge est décalée. Saisissez les codes tels qu’il les affiche l’un après l’autre, sans en omettre.
step-token = Resynchroniser
code-number = Code nº { $number }
code-number-of = Code nº { $number } de { $name }
add-app = Ajouter une application d’authentification
add-passkey = Ajouter une clé d’accès
add-phone = Ajouter un téléphone
add-number-more = Ajouter un numéro pour les SMS…
number = Numéro
what-you-call-it = Comment vous l’appelez
text-a-code-there = Y envoyer un code
numbers-are-weak = Une clé d’accès ou une application d’authentification est plus sûre : les numéros peuvent être volés.
elsewhere-step-up = Vous êtes sur un autre réseau. Pour voir et modifier vos facteurs, sessions et connexions, <a href="/step-up?next=/">repassez la seconde porte</a>.
one-door-only = Vous êtes entré par une seule porte. Pour voir et modifier vos facteurs, sessions et connexions, connectez-vous par les deux.
one-door-step-up = Vous êtes entré par une seule porte. Pour voir et modifier vos facteurs, sessions et connexions, <a href="/step-up?next=/">passez la seconde</a>.
my-devices = Mes appareils
no-devices = Vous n’avez encore de compte sur aucun appareil. Un administrateur vous en associe un.
device = Appareil
my-right-there = Mon droit sur lui
state = État
right-administrator = administrateur
right-standard = standard
device-active = actif
device-quarantined = en quarantaine
device-revoked = révoqué
lately = Récemment à mes portes
all = Tout
something-wrong = Quelque chose que vous n’avez pas fait ? Changez votre mot de passe et prévenez votre administrateur.
where-signed-in = Où je suis connecté
here = ici
end = Mettre fin
end-session-in = Mettre fin à la session dans { $browser }
end-others = Mettre fin à toutes les autres
where-remembered = Où l’on se souvient de moi
forget = Oublier
forget-browser = Oublier { $browser }
forget-all = Tout oublier
remembered-at = { $place }, depuis { $since }, jusqu’à { $until }
remembered-everywhere = { $place } et tous les autres qui le prévoient, depuis { $since }, jusqu’à { $until }
session-since = depuis { $since }, dernière utilisation { $used }
session-since-from = depuis { $since } de { $source }, dernière utilisation { $used }
both-doors-from = les deux portes passées depuis { $networks }
at-time = { $when }
at-time-from = { $when } depuis { $source }
portal = Portail
rest-api = API REST
browser-on = { $browser } sur { $system }
unknown-browser = navigateur inconnu
command-line = Ligne de commande

## Kinds of factors, states and doors of a sign-in

factor-bypass = codes d’un administrateur
factor-token = jeton matériel
factor-passkey = clé d’accès
factor-number = numéro de téléphone
factor-push = téléphone qui demande
factor-app = application d’authentification
factor-mail = adresse e-mail
state-first-door = première porte
state-second-door = seconde porte
state-allowed = autorisé
state-denied = refusé
by-password = mot de passe
by-session = session
by-vouched = attesté par { $system }

## What happened to one's account

news-access-reused = Ce qui permettait à une application d’agir en votre nom est revenu une seconde fois. Quelqu’un l’a peut-être copié, il y a donc été mis fin
news-addresses-changed = Vos adresses e-mail ont été modifiées
news-bypass = Des codes de contournement pour votre seconde porte ont été créés
news-enrolment-code = Un code pour inscrire un facteur à votre nom a été créé
news-enrolled = Un facteur a été inscrit
news-removed = Un de vos facteurs a été supprimé
news-not-me = On a demandé à votre téléphone de laisser entrer quelqu’un, et vous avez dit que ce n’était pas vous. Choisissez un autre mot de passe : cette personne connaît le vôtre
news-not-me-after-yes = Votre téléphone a laissé entrer quelqu’un, et vous avez dit ensuite que ce n’était pas vous. Mettez fin à vos autres sessions et choisissez un autre mot de passe
news-not-me-at-help-desk = Quelqu’un a parlé à une assistance en votre nom, comme vous l’avez dit
news-not-me-in-session = On a demandé à votre téléphone de laisser entrer quelqu’un, et vous avez dit que ce n’était pas vous. Mettez fin à vos autres sessions : cette personne en détient une
news-not-me-past-first-door = On a demandé à votre téléphone de laisser entrer quelqu’un, et vous avez dit que ce n’était pas vous. Cette personne avait franchi la première porte : changez ce avec quoi vous vous y connectez
news-password-changed = Votre mot de passe a été changé
news-guessed =
    { $count ->
        [one] De mauvais mots de passe ont été essayés à votre nom une fois, d’où vous ne vous êtes jamais connecté
       *[other] De mauvais mots de passe ont été essayés à votre nom { $count } fois, d’où vous ne vous êtes jamais connecté
    }
news-known =
    { $count ->
        [one] Quelqu’un a donné votre bon mot de passe une fois, d’où vous ne vous êtes jamais connecté, et n’est pas entré
       *[other] Quelqu’un a donné votre bon mot de passe { $count } fois, d’où vous ne vous êtes jamais connecté, et n’est pas entré
    }
news-locked = Votre mot de passe a été verrouillé
news-locked-to-strangers = On a si souvent tenté de deviner votre mot de passe qu’il n’ouvre plus que de là où vous vous êtes déjà connecté
news-password-set = Un nouveau mot de passe a été défini pour vous
news-phone-reactivated = Un de vos téléphones a été configuré à nouveau
news-reset-asked = Quelqu’un a demandé de réinitialiser votre connexion
news-second-door-shut = Tant de codes erronés ont été saisis pour vous que votre seconde porte a été fermée pour un moment
news-session-elsewhere =
    { $count ->
        [one] Une de vos sessions a été utilisée d’où vous ne vous êtes jamais connecté, et un mauvais code y a été donné une fois
       *[other] Une de vos sessions a été utilisée d’où vous ne vous êtes jamais connecté, et un mauvais code y a été donné { $count } fois
    }
news-unlocked = Votre mot de passe a été déverrouillé et les tentatives erronées ont été oubliées

## Factors of one's own

code-on-its-way-to = Un code est en route vers le téléphone dont le numéro finit par { $last }. Il est valable dix minutes.
code-in-text = Le code reçu par SMS
add-a-number = Ajouter un numéro
add-the-number = Ajouter le numéro
passkey-lives = Une clé d’accès se trouve dans cet appareil, dans une clé de sécurité ou dans le trousseau de votre téléphone. Elle ouvre la seconde porte d’un geste et, là où elle demande votre doigt, votre visage ou votre code PIN, elle vous connecte sans mot de passe.
passkey-models = Votre organisation n’accepte que ces modèles : { $models }. Le navigateur demandera peut-être s’il peut indiquer le modèle de votre clé.
passkey-add-it = L’ajouter
what-to-call-it = Comment l’appeler
such-as-laptop = Par exemple : mon portable
no-passkeys-here = Les navigateurs ne créent pas de clés d’accès pour une adresse sans nom, et ce serveur est connu sous une telle adresse. Votre administrateur peut lui donner un nom.
phone-asks-you = Votre téléphone vous demande quand quelqu’un se connecte à votre nom, et vous dites oui avec votre doigt, votre visage ou votre code PIN. Il ne faut aucune application d’une boutique : une page à nous s’en charge.
key-is-in-app-or-again = La clé est déjà dans votre application. Saisissez les six chiffres qu’elle affiche maintenant, ou <a href="/">recommencez</a>.

## The password

change-my-password = Changer mon mot de passe
password-expired = Votre mot de passe a expiré. Définissez-en un nouveau pour continuer.
present-password = Mot de passe actuel
new-password = Nouveau mot de passe
new-password-again = Nouveau mot de passe, encore une fois
password-hint = Au moins { $least } caractères. Plusieurs mots à la suite sont longs et faciles à retenir. Il devient aussi votre mot de passe sur vos appareils.
password-hint-alone = Au moins { $least } caractères, car aucune seconde porte ne vous est demandée. Plusieurs mots à la suite sont longs et faciles à retenir. Il devient aussi votre mot de passe sur vos appareils.
code-for-second-door = Un code pour la seconde porte
no-code-at-hand = Aucun sous la main, parce qu’une clé d’accès, votre téléphone ou Duo vous interroge ? <a href="/step-up?next=/password">Repassez la seconde porte</a> : pendant dix minutes, aucun code n’est demandé ici.
second-door-for-password = Un nouveau mot de passe exige d’avoir passé la seconde porte dans les dix dernières minutes. Repassez-la d’abord ; vous reviendrez ensuite ici.
change-it = Le changer
passwords-differ = Les deux nouveaux mots de passe ne sont pas identiques.

## One's own sign-ins

column-when = Quand
column-where = Où
column-from = Depuis
column-doors = Portes
column-result = Résultat
column-why = Pourquoi
why-password-wrong = mauvais mot de passe
why-password-locked = le mot de passe était verrouillé
why-password-pending = aucun mot de passe n’était encore défini
why-password-expired = le mot de passe avait expiré
why-held = trop d’essais erronés, d’où une attente
why-no-factor = rien à vous n’y ouvre la seconde porte
why-second-door-wrong = mauvaise réponse à la seconde porte
why-code-used = le code avait déjà servi
why-passkey-copied = la clé d’accès s’est comportée comme une copie de la vôtre ; prévenez votre administrateur
why-factor-not-here = ce facteur ne compte pas à cet endroit
why-code-texted = un code a été envoyé par SMS, à saisir lors d’une autre connexion
why-spared = la seconde porte n’a pas été demandée
why-remembered = la seconde porte y avait déjà été passée
why-offline = l’appareil n’atteignait pas le serveur, et votre mot de passe a suffi
why-second-door-asked = la seconde porte a été demandée
why-not-active = votre compte n’était pas actif
why-not-there = l’entrée n’y est pas permise pour vous
why-not-from-there = l’entrée n’est pas permise depuis cet endroit
why-too-long = cela a pris trop de temps
why-gave-up = abandonné
why-both-doors = les deux portes ont été passées
why-session-open = vous étiez déjà connecté
why-stepped-up = la seconde porte a été passée une fois de plus
why-passkey = une clé d’accès a ouvert les deux portes
why-answered-elsewhere = répondu sur votre téléphone
why-unanswered = pas de réponse à temps sur votre téléphone
why-said-no = refusé sur votre téléphone
why-not-me = vous avez dit que ce n’était pas vous
why-duo-no = Duo n’a pas dit que c’était vous
why-duo-down = Duo n’a pas pu être interrogé

## What the page before has done

notice-enrolled = Le facteur est inscrit. Il ouvre désormais la seconde porte.
notice-factor-removed = Le facteur est supprimé. Quiconque l’a utilisé doit se reconnecter.
notice-forgotten = Oublié. La prochaine connexion là-bas passe les deux portes.
notice-password-changed = Votre mot de passe est changé. Vos autres sessions ont pris fin.
notice-reset-stopped = Arrêté. Si ce n’est pas vous qui l’avez demandé, dites-le tout de suite à votre administrateur.
notice-saved = Enregistré.
notice-session-ended = La session a pris fin.
notice-sessions-ended = Les sessions ont pris fin.
notice-signed-out = Vous êtes déconnecté.
notice-token-resynced = Le jeton est resynchronisé. Les codes saisis sont épuisés.

## Pages that refuse

way-on = Le bouton <em>Précédent</em> de votre navigateur ramène à ce que vous avez rempli. Ou allez à la <a href="/">page d’accueil</a>.
not-for-you = Pas pour vous
for-administrators = Ces pages sont réservées aux administrateurs. Demandez un rôle à un propriétaire de cette organisation.
second-door-first = La seconde porte d’abord
second-door-first-how = Ceci exige une connexion par les deux portes. Inscrivez un facteur avec un code de votre administrateur, puis déconnectez-vous et reconnectez-vous.
not-from-here = Pas d’ici
not-from-here-how = Ce formulaire ne venait pas d’une page de ce site, ou il est resté ouvert trop longtemps. Rien n’a été modifié. Rechargez la page et recommencez.
not-readable = Illisible
not-readable-how = Le formulaire n’a pas pu être lu, ou il est trop grand. Rien n’a été modifié.
not-found = Introuvable
not-found-how = Cette page n’existe pas. Elle a peut-être été supprimée, ou l’adresse est incomplète.
only-a-form = Seulement pour un formulaire
only-a-form-how = Cette adresse reçoit un formulaire et n’affiche rien par elle-même. Rien n’a été modifié. Revenez à la page du formulaire.
no-way-on = Pas de suite d’ici
missing = Il manque quelque chose
missing-passkey = Aucune clé d’accès n’a été utilisée.
not-acceptable = Pas acceptable
not-allowed = Pas autorisé
does-not-fit = Ne convient pas
changed-meanwhile = Modifié entre-temps
too-busy = Trop de demandes
too-busy-how = Trop de demandes à la fois ; réessayez dans un instant.
perhaps-done = Peut-être fait
perhaps-done-how = La base de données a été perdue au dernier moment, et on ne sait pas si c’est fait ; regardez avant de réessayer.
something-failed = Quelque chose a échoué
something-failed-how = Quelque chose a échoué de notre côté. Le journal contient les détails sous l’identifiant de requête de cette réponse.

## What the doors say (the English is that of the interfaces, too)

said-cannot-show-digits = Un appel demande des chiffres affichés ici, et rien ne peut être affiché ici. Veuillez utiliser un code.
said-cannot-show-number = Une demande au téléphone exige un nombre affiché ici, et rien ne peut être affiché ici. Veuillez utiliser un code.
said-country-closed = Ce numéro est dans un pays vers lequel rien n’est envoyé. Veuillez utiliser un autre facteur.
said-dormant = Ce compte n’a pas servi depuis longtemps ; demandez un code d’inscription à votre administrateur.
said-duo-is-down = Duo ne peut pas être interrogé maintenant. Utilisez un autre facteur si vous en avez un, réessayez plus tard ou adressez-vous à votre administrateur.
said-duo-no-name = Duo ne peut pas être interrogé à votre sujet, car vous n’avez pas d’adresse e-mail ici. Adressez-vous à votre administrateur.
said-duo-not-on = Duo ne vous ouvre pas cette porte maintenant. Veuillez choisir un autre facteur.
said-duo-said-no = Duo ne vous a pas laissé passer. Réessayez ou utilisez un autre facteur.
said-duo-stale = Ce qui est revenu de Duo n’appartient pas à cette connexion, ou est arrivé une seconde fois. Veuillez choisir de nouveau.
said-enrolled-code-wrong = Ce code n’est pas correct ; vérifiez l’heure de votre téléphone et réessayez.
said-enrolment-code-wrong = Ce code d’inscription n’est pas correct ou n’est plus valable.
said-enrolment-expired = Cette inscription a expiré ; recommencez-la.
said-held = Il y a eu trop de demandes à votre téléphone. Veuillez utiliser un code ou une clé d’accès.
said-last-factor = C’est votre dernier facteur ; inscrivez-en d’abord un autre.
said-mail-on-its-way = Un code est en route vers votre adresse e-mail.
said-mail-no-more = Rien de plus ne peut être envoyé pour l’instant. Veuillez vous adresser à votre administrateur.
said-mail-not-sent = L’envoi n’a pas pu se faire. Veuillez réessayer plus tard ou vous adresser à votre administrateur.
said-mailed-code-wrong = Ce code n’est pas correct ou n’est plus valable.
said-mailed-expired = Ceci a expiré ; reconnectez-vous.
said-model-not-accepted = Cette clé de sécurité ne fait pas partie des modèles que votre organisation accepte : { $models }.
said-name-control = Un nom ne doit contenir ni caractères de contrôle ni sauts de ligne.
said-name-empty = Un nom ne doit pas être vide.
said-name-too-long = Un nom a au plus { $most } caractères.
said-new-code-expired = Ce code a expiré ; demandez-en un autre.
said-no-access = L’accès est refusé. Adressez-vous à votre administrateur.
said-no-answer = Personne n’a répondu à temps. Redemandez, ou utilisez un autre facteur.
said-no-more = Rien d’autre ne peut être envoyé pour l’instant. Veuillez utiliser un autre facteur ou vous adresser à votre administrateur.
said-no-phone-to-ask = Il n’y a pas de téléphone à qui demander. Veuillez utiliser un autre facteur.
said-no-phone-to-call = Ce téléphone ne peut pas être appelé maintenant. Veuillez utiliser un autre facteur.
said-no-phone-to-text = Aucun code ne peut y être envoyé. Veuillez utiliser un autre facteur.
said-no-texts = Les codes ne sont pas envoyés par SMS ici.
said-nothing-to-enrol = Rien de ce que vous pourriez configurer vous-même n’ouvre de porte ici. Adressez-vous à votre administrateur.
said-not-a-number = Un numéro de téléphone se compose de `+`, de l’indicatif du pays et du numéro, par exemple `+33 1 23 45 67 89`.
said-not-asked = Rien n’attend de réponse. Veuillez choisir de nouveau.
said-not-here = Cela n’ouvre plus cette porte. Veuillez utiliser un autre facteur.
said-no-factor-here = Cette application exige une seconde porte, et rien de ce que vous avez ne l’ouvre ici. Ajoutez un facteur dans votre portail ou adressez-vous à votre administrateur.
said-no-name-there = Cette application connaît les personnes par une information qui n’est pas connue ici pour vous. Adressez-vous à votre administrateur.
said-not-remembered = Ce navigateur n’est plus mémorisé. Veuillez passer la seconde porte.
said-not-registered = L’application veut vous envoyer à une adresse qui n’est pas enregistrée pour elle ; vous n’y êtes donc pas envoyé. Pour qui gère l’application : inscrivez l’URI de redirection sur sa page dans l’administration, exactement comme dans sa configuration.
said-not-sent = L’envoi n’a pas pu se faire. Veuillez réessayer plus tard ou utiliser un autre facteur.
said-old-digits = Les chiffres de ce menu ne sont plus valables. Veuillez choisir de nouveau.
said-by-number = Un appel demande les chiffres inscrits à côté de lui dans le menu. Veuillez le choisir par son numéro.
said-not-signed = Ceci ne venait pas d’une application connue ici. Pour qui gère l’application : comparez son identifiant client, son secret client et son hôte d’API avec ceux de sa page dans l’administration.
said-nowhere = On ne peut pas savoir sur quel réseau vous êtes ; aucun facteur ne compte donc ici. Adressez-vous à votre administrateur.
said-number-closed = Rien n’est envoyé aux numéros de ce pays.
said-number-code-wrong = Ce code n’est pas correct ; veuillez réessayer.
said-number-taken = Ce numéro est déjà présent.
said-number-with-role = Les SMS et les appels n’ouvrent aucune porte à qui a un rôle ; utilisez une clé d’accès ou une application d’authentification.
said-on-its-way = Un code est en route.
said-one-at-a-time = Une autre demande attend déjà sur votre téléphone. Répondez à celle-là ou attendez une minute.
said-opens-nothing = Un facteur de ce type n’ouvre aucune de vos portes avec les réglages actuels ; utilisez-en un autre type ou adressez-vous à votre administrateur.
said-passkey-does-not-hold = La réponse du navigateur n’est pas valable ; veuillez réessayer.
said-passkey-taken = Cette clé d’accès appartient déjà à quelqu’un.
said-passkey-used = Cette réponse a déjà servi ; veuillez réessayer.
said-password-again = Choisissez-en un autre que l’actuel.
said-password-code-wrong = Ce code n’est pas correct ou a déjà servi ; donnez-en un pour la seconde porte.
said-password-common = C’est l’un des mots de passe que l’on devine en premier.
said-password-is-name = C’est à peine plus que votre nom.
said-password-is-organization = C’est à peine plus que le nom de l’organisation.
said-password-line-breaks = Un mot de passe ne doit pas contenir de sauts de ligne.
said-password-short = Utilisez au moins { $least } caractères ; plusieurs mots à la suite sont faciles à retenir.
said-password-short-alone = Utilisez au moins { $least } caractères, car aucune seconde porte n’est demandée ; plusieurs mots à la suite sont faciles à retenir.
said-password-too-long = Le mot de passe dépasse { $most } octets.
said-phone-code-wrong = Ce code n’est pas correct ou n’est plus valable ; demandez-en un nouveau sur votre propre page.
said-phone-did-not-sign = La clé du téléphone n’a pas signé cette demande.
said-phone-has-no-key = Le téléphone n’a pas montré qu’il détient sa clé ; veuillez réessayer.
said-phone-number-wrong = Ce n’est pas le nombre affiché là où vous vous connectez.
said-present-password-wrong = Ce n’est pas votre mot de passe actuel.
said-request-over = Cette demande est terminée.
said-said-no = La demande a été refusée sur le téléphone.
said-start-again = Cette connexion a expiré. Veuillez recommencer.
said-too-late = Cette connexion a pris trop de temps, ou elle a été terminée ou recommencée dans une autre fenêtre. Revenez à l’application et connectez-vous encore une fois.
said-too-many = Trop de tentatives. Veuillez patienter et réessayer.
said-too-many-a-minute = Trop de tentatives. Veuillez patienter une minute et réessayer.
said-too-many-hours =
    { $hours ->
        [one] Trop de tentatives. Veuillez patienter { $hours } heure et réessayer.
       *[other] Trop de tentatives. Veuillez patienter { $hours } heures et réessayer.
    }
said-too-many-minutes =
    { $minutes ->
        [one] Trop de tentatives. Veuillez patienter { $minutes } minute et réessayer.
       *[other] Trop de tentatives. Veuillez patienter { $minutes } minutes et réessayer.
    }
said-too-many-numbers = Il y a déjà { $most } téléphones ; supprimez-en d’abord un.
said-too-many-apps = Vous avez déjà { $most } applications d’authentification ; supprimez-en d’abord une.
said-too-many-passkeys = Vous avez déjà { $most } clés d’accès ; supprimez-en d’abord une.
said-too-many-phones = Vous avez déjà { $most } téléphones ; supprimez-en d’abord un.
said-token-not-in-step = Ce ne sont pas les codes que ce jeton affiche l’un après l’autre, ou ils ont déjà servi.
said-too-soon = Un message est en route. Veuillez attendre une demi-minute avant d’en demander un autre.
said-used-code = Ce code a déjà servi. Veuillez attendre le suivant.
said-wrong = Le nom ou le mot de passe n’est pas correct.
said-wrong-code = Ce code n’est pas correct. Veuillez réessayer.
said-wrong-passkey = Cette clé d’accès n’a pas ouvert la porte. Veuillez réessayer ou utiliser un autre facteur.

## Applications of a person
applications = Applications
applications-all = Toutes les applications
applications-find = Chercher une application
applications-no-fit = Aucune de vos applications ne contient « { $text } » dans son nom.
applications-none = Aucune application ne vous est encore ouverte. Demandez à votre administrateur celle dont vous avez besoin ; elle apparaîtra ici d’elle-même.
favourite = Favorite
favourite-of = Garder { $name } parmi les favorites
favourites = Favorites
search = Chercher
search-count = Résultats : { $count }
search-found = Résultats
search-how-own = Saisissez une partie du nom d’une application, d’un de vos facteurs ou d’une page.
search-keys = Sur chaque page, / ou Ctrl+K mène à la recherche ; les flèches choisissent, Entrée ouvre.
search-nothing = Rien ne correspond à « { $text } ».
search-of = Recherche : { $text }
search-own = Chercher dans vos applications, facteurs et pages
search-pages = Pages du portail
search-slash = La touche / mène à la recherche
used-lately = Utilisées récemment

this-device = Cet appareil
this-device-why = Certaines portes ne s’ouvrent que sur les appareils de votre organisation. Si c’en est un, l’agent Sallyport installé dessus peut l’attester.
this-device-ask = Interroger l’agent
this-device-if-not = Si votre navigateur indique qu’il ne peut pas se connecter, il n’y a pas d’agent ici. Revenez en arrière et utilisez un appareil de votre organisation.
this-device-show = Montrer que c’est un appareil de votre organisation
this-device-late = Cela a pris trop de temps ou a commencé dans un autre navigateur. Veuillez réessayer.
this-device-unknown = Ce n’est pas un appareil de votre organisation que vous pouvez utiliser. Demandez à vos administrateurs.
