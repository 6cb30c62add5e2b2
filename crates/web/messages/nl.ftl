## The language itself

language-name = Nederlands
direction = ltr
choose-language = Taal

## Words that stand alone

or = of
code = Code
password = Wachtwoord
sign-in = Inloggen
sign-out = Uitloggen
proceed = Doorgaan
go-on = Verder
enrol = Registreren
done = Klaar
not-now = Niet nu
my-phone = Mijn telefoon

## Signing in

user-name = Gebruikersnaam
sign-in-with-passkey = Inloggen met een passkey
enrolment-code-question = Hebt u een registratiecode? <a href="/enroll">Stel uw tweede factor in</a>
not-set-up = Deze organisatie is nog niet ingesteld. Open de eenmalige link die de server bij het starten heeft getoond.

## The second door, wherever it stands

second-door = Tweede deur
one-more-door = Nog een deur
start-again = Opnieuw beginnen
your-factors = Uw factoren
remember-hours =
    { $count ->
        [one] Deze browser een uur onthouden
       *[other] Deze browser { $count } uur onthouden
    }
remember-days =
    { $count ->
        [one] Deze browser een dag onthouden
       *[other] Deze browser { $count } dagen onthouden
    }
phone-rings = <strong>{ $phone }</strong> gaat over. Neem op en toets daar deze cijfers in
type-number-on = Typ dit getal op <strong>{ $phone }</strong>
answer-request-on = Beantwoord het verzoek op <strong>{ $phone }</strong>.
one-minute = U hebt er een minuut voor. Typ nooit een getal dat iemand anders u voorleest.
i-have-answered = Ik heb geantwoord
waiting-is-over = Er is een antwoord, of de minuut is om. Ga verder met de knop hieronder.
ask-phone = { $phone } vragen
ask-phone-again = { $phone } opnieuw vragen
call-phone = { $phone } bellen
call-phone-again = { $phone } opnieuw bellen
text-me = Sms mij een code: { $phone }
use-passkey = Een passkey gebruiken
go-on-with-duo = Verder met Duo
passkey-needs-script = Een passkey heeft een browser nodig die ons script uitvoert.
passkey-needs-script-here = Een passkey heeft een browser nodig die ons script uitvoert. Vraag uw beheerder om een bypasscode.

## Under the field for a code: one or several of these sentences

hint-app = Open uw authenticator-app en typ de zes cijfers die deze nu toont.
hint-token = Typ wat uw hardwaretoken toont, nadat u op de knop hebt gedrukt als die er is.
hint-or-token = Of typ wat uw hardwaretoken toont, nadat u op de knop hebt gedrukt als die er is.
hint-text = Laat hieronder een code sturen en typ die hier.
hint-or-text = Of laat hieronder een code sturen en typ die hier.
hint-bypass = Een bypasscode van uw beheerder werkt ook.
none-at-hand = Niets daarvan bij de hand? Vraag het uw helpdesk.

## What the browser says about a passkey

passkey-known = Dit apparaat of deze sleutel is al geregistreerd.
passkey-bad-address = De browser maakt geen passkeys voor dit adres.
passkey-not-used = Er is geen passkey gebruikt. Probeer het opnieuw of gebruik iets anders.

## The prompt in front of an application

wants-to-know = <strong>{ $application }</strong> wil weten of u het echt bent, <strong>{ $user }</strong>.
cancel-to = Annuleren en terug naar { $application }
back-to = Terug naar { $application }
sign-in-for = Om verder te gaan naar <strong>{ $application }</strong>.
stays-shut = Deze deur blijft dicht
asked-about = <strong>{ $application }</strong> vroeg naar <strong>{ $user }</strong>.
factor-first = U hebt eerst een tweede factor nodig
factor-first-for = <strong>{ $application }</strong> vraagt om de tweede deur, en nog niets van u, <strong>{ $user }</strong>, opent die. Vraag uw beheerder om een registratiecode; daarmee stelt u in een minuut een authenticator-app of een passkey in. Log daarna nog een keer in bij { $application }.
factor-first-here = <strong>{ $application }</strong> vraagt om de tweede deur, en niets van u, <strong>{ $user }</strong>, opent die al. Met een code stelt u hier in een minuut een authenticator-app of een passkey in, en gaat u verder naar { $application }.
code-of-mail-or-administrator = De code die u per e-mail kreeg, of een die uw beheerder u gaf.
have-enrolment-code = Ik heb een registratiecode
going-back = Terug
being-taken-back = U wordt teruggebracht naar waar u vandaan kwam.
applications-are-told = De toepassingen waarbij u was aangemeld, krijgen dit een voor een te horen. U kunt deze pagina op elk moment sluiten.
go-on-by-hand = Handmatig verder
on-to-duo = Naar Duo
taken-to-duo = U wordt naar Duo gebracht, dat om uw tweede factor vraagt en u hierheen terugstuurt.

## An application that is told about somebody

consent-title = <strong>{ $application }</strong> wil weten wie u bent
consent-told = Als u akkoord gaat, wordt meegedeeld:
consent-sub = dat u het bent
consent-profile = uw naam en uw gebruikersnaam
consent-email = uw e-mailadres
consent-phone = uw telefoonnummer
consent-groups = in welke groepen u zit
consent-offline = dit alles ook terwijl u er niet bent
consent-other = wat het <strong>{ $scope }</strong> noemt
consent-yes = Akkoord
consent-no = Niet akkoord
leave-title = Afmelden?
leave-wish = <strong>{ $application }</strong> wil u afmelden.
leave-what = U wordt hier afgemeld, en bij toepassingen die dat willen weten.
leave-yes = Ja, afmelden
leave-no = Aangemeld blijven
device-title = Een apparaat aanmelden
device-what = Typ de code die uw apparaat of programma toont.
device-code = Apparaatcode
device-wrong = Deze code bestaat niet of is verlopen. Kijk nog eens op uw apparaat.
device-too-many = Te veel foute codes. Probeer het over tien minuten opnieuw.
device-confirm = Is dit uw apparaat?
device-asks = <strong>{ $application }</strong> wil als u worden aangemeld, <strong>{ $user }</strong>.
device-shows = Uw apparaat moet deze code tonen:
device-from = De vraag komt van <strong>{ $place }</strong>.
device-warning = Als iemand u deze code of een link naar deze pagina heeft gestuurd, ga dan niet verder: die persoon zou als u worden aangemeld.
device-yes = Ja, aanmelden
device-no = Nee
device-done = Ga verder op uw apparaat
device-done-how = <strong>{ $application }</strong> is aangemeld. U kunt deze pagina sluiten.
device-refused = <strong>{ $application }</strong> is niet aangemeld.

## The second door once more

on-another-network = U bent op een ander netwerk
second-door-again = Nog een keer de tweede deur
step-up-with-nothing = Wat u wilt, vraagt vanaf hier nog een keer om de tweede deur, en niets van u opent die nu. Vraag uw beheerder om een bypasscode.
step-up-now = Ga nog een keer door de tweede deur om verder te gaan.
my-own-pages = Mijn eigen pagina’s

## Enrolling the first factor

set-up-factor = Stel uw tweede factor in
enrolment-needed = Registratie nodig
enrolment-needed-how = Uw wachtwoord klopt, maar nog niets van u opent de tweede deur. Vraag uw beheerder om een registratiecode; daarmee stelt u in een minuut een authenticator-app of een passkey in.
enrolment-by-mail-how = Uw wachtwoord klopt, maar nog niets van u opent de tweede deur. Met een code die u per e-mail krijgt, stelt u in een minuut een authenticator-app of een passkey in.
mail-me-a-code = Mail mij een code: { $to }
have-administrators-code = Ik heb een registratiecode van een beheerder
type-mailed-code = Typ de code die u per e-mail is gestuurd. Deze geldt een kwartier, en alleen in deze browser.
type-mailed-code-to = Typ de code die naar { $to } is gestuurd. Deze geldt een kwartier, en alleen in deze browser.
code-from-mail = Code uit de e-mail
mail-me-another = Mail mij er nog een
what-you-need = U hebt de registratiecode van uw beheerder nodig, en een authenticator-app op uw telefoon of een passkey.
enrolment-code = Registratiecode
back-to-sign-in = Terug naar het inloggen
your-factor-of = Uw tweede factor, { $name }
add-account-in-app = Open uw authenticator-app en voeg een account toe.
scan-picture = Scan deze afbeelding:
scan-picture-not-drawn = Scan deze afbeelding (deze kon niet worden getekend; typ in plaats daarvan de sleutel):
qr-of-app = QR-code voor de authenticator-app van { $name }
or-type-key = Of typ de sleutel
key-kind = Op tijd gebaseerd, zes cijfers, elke 30 seconden.
six-digits-now = De zes cijfers die uw app nu toont
or-without-app = of zonder app
use-phone-page = Een pagina op uw telefoon gebruiken die u vraagt
use-passkey-or-key = Een passkey of beveiligingssleutel gebruiken
come-back = Wordt u onderbroken, kom dan binnen een dag terug naar <code>/enroll</code> met de code <strong>{ $code }</strong>
once-more = Nog een keer
key-is-in-app = De sleutel staat al in uw app. Typ de zes cijfers die deze nu toont.
start-with-code = Opnieuw beginnen met de registratiecode
enrolled = Geregistreerd
enrolled-passkey = Vanaf nu opent uw passkey de tweede deur, achter uw wachtwoord. Zodra u door beide bent gekomen, kan deze u ook alleen inloggen waar uw organisatie dat toestaat. Aanmeldingen op apparaten en in programma’s kunnen er niet om vragen: voeg onder <em>Mijn deuren</em> ook een authenticator-app toe als u die nodig hebt.
enrolled-app = Vanaf nu opent uw authenticator-app de tweede deur. De zojuist getypte code is verbruikt; wacht op de volgende om in te loggen.
your-phone = Uw telefoon
when-phone-is-yours = Log hier in wanneer de telefoon zegt dat hij van u is.
scan-with-phone = Scan deze afbeelding met de telefoon, of open daar <code>{ $address }</code>.
open-on-phone = Open <code>{ $address }</code> op de telefoon.
open-on-this-phone = Dit is de telefoon: open de pagina hier
home-screen-first = Zet de pagina op een iPhone of iPad eerst op het beginscherm en open haar daar.
activate-with-code = Activeer de pagina met deze code, die één keer en vijftien minuten lang geldt.
qr-of-phone = QR-code van de telefoonpagina

## The phone page

phone-needs-script = Deze pagina beantwoordt verzoeken met een sleutel van uw telefoon; daarvoor is een browser nodig die ons script uitvoert.
make-this-yours = Maak dit uw telefoon
add-a-phone-there = Kies op uw eigen pagina onder <em>Mijn deuren</em> voor <em>Telefoon toevoegen</em>. Scan daar de afbeelding of typ hier de code.
install-first = Zet deze pagina op een iPhone of iPad eerst op het beginscherm (Deel, dan <em>Zet op beginscherm</em>), open haar daar en typ daar de code.
name-this-phone = Hoe deze telefoon heet
activate = Activeren
no-screen-lock = Deze telefoon heeft geen schermvergrendeling
ready = Gereed
requests-appear = Verzoeken aan <strong id="who"></strong> verschijnen hier. Dit is <strong id="phone-name"></strong>.
wake-this-phone = Deze telefoon wekken wanneer de pagina gesloten is
is-woken = De telefoon wordt gewekt door de maker van uw browser, die te weten komt dat er iets is verstuurd en verder niets.
give-up = Deze telefoon opgeven…
give-up-means = Hij opent geen deur meer totdat hij opnieuw wordt geactiveerd.
give-it-up = Opgeven
is-this-you = Bent u dit?
request-what = Aanmelding bij
request-from = Vanaf
request-device = Apparaat
request-at = Om
number-where-you-sign-in = Het getal waar u inlogt
let-me-in = Ja, laat mij binnen
no = Nee
not-me = Ik heb hier niet om gevraagd
requests-of-last-hour = Verzoeken van het afgelopen uur

## What the script of the phone page says

server-refused = De server heeft geweigerd.
phone-not-confirmed = De telefoon heeft niet bevestigd dat u het bent. Probeer het opnieuw.
server-not-reached = De server is niet bereikt. Probeer het opnieuw.
key-lost = Deze browser is zijn sleutel kwijt. Geef de telefoon op en activeer hem opnieuw.
phone-is-yours = Deze telefoon is nu van u.
unknown-address = een onbekend adres
you-let-yourself-in = U hebt uzelf binnengelaten.
you-said-no = U hebt nee gezegd.
you-said-not-me = Uw beheerders kunnen zien dat u het niet was. Wat u nu kunt doen, staat in het portaal.
you-said-not-me-after-yes = Uw beheerders kunnen het zien. Waar u ja op had gezegd, is geopend: beëindig uw sessies in het portaal en wijzig uw wachtwoord.
help-desk-asks = Spreekt u nu met uw helpdesk?
asked-by = Gevraagd door
number-they-read = Het getal dat u wordt voorgelezen
yes-that-is-me = Ja, dat ben ik
not-speaking = Ik spreek met niemand
you-confirmed = Uw helpdesk weet nu dat u het bent.
you-said-not-speaking = Uw helpdesk hoort dat u het niet was. Geef niemand een code.
notifications-refused = De browser mocht geen meldingen tonen. Verzoeken verschijnen nog steeds zolang deze pagina open is.
cannot-be-woken = Deze browser kan niet worden gewekt. Verzoeken verschijnen nog steeds zolang deze pagina open is.
woken-again = De maker van uw browser kon deze telefoon niet meer wekken. Nu kan het weer.
woken-no-more = De maker van uw browser kan deze telefoon niet meer wekken. Laat hem hieronder opnieuw wekken, of houd deze pagina open.
somebody-signs-in = Iemand logt in
open-to-see = Open om te zien waar, en om ja of nee te zeggen.
account-changed = Er is iets aan uw account gewijzigd
account-changed-look = Open om te zien wat. Was u het niet, zeg het dan tegen uw beheerder.

## Around a page of the portal

to-the-content = Naar de inhoud
show-the-menu = Menu tonen
main-menu = Hoofdmenu
administration = Beheer
light-or-dark = Licht of donker
my-doors = Mijn deuren
my-sign-ins = Mijn aanmeldingen
next-page = Volgende pagina
undo = Ongedaan maken

## The front page of the portal

hello = Hallo, { $name }
since-you-looked = Sinds u voor het laatst keek
news-by-you = { $when }, door u
news-by = { $when }, door { $who }
news-from-by-you = { $when } vanaf { $source }, door u
news-from-by = { $when } vanaf { $source }, door { $who }
reset-not-before = Er gebeurt niets vóór { $until }.
reset-not-you = Hebt u hier niet om gevraagd, houd het dan tegen. U verliest er niets mee.
stop-reset = Tegenhouden
was-it-you = Was iets hiervan niet van u en niet van iemand aan wie u het vroeg? <a href="/password">Wijzig uw wachtwoord</a> en meld het uw beheerder.
have-seen = Ik heb dit gezien
my-factors = Mijn factoren
no-factors = Nog niets van u opent de tweede deur. Vraag uw beheerder om een registratiecode en <a href="/enroll">stel een authenticator-app in</a>.
duo-asks-you = Vraagt u bij de tweede deur. Uw telefoons en sleutels daar worden door Duo beheerd en niet hier.
devices-at-duo = Mijn apparaten bij Duo
devices-at-duo-more = Mijn apparaten bij Duo…
duo-manage-devices = De pagina van Duo heeft <em>Manage devices</em> waar uw beheerder dat toestaat. Daarna bent u weer hier.
open-duo = De pagina van Duo openen
factor-since = { $kind }, sinds { $since }
factor-until = { $kind }, sinds { $since }, tot { $until }
codes-left = nog { $left } van { $of } codes
passkey-of-model = { $model }, volgens de verklaring van de fabrikant (<code>{ $aaguid }</code>)
passkey-shut = Opent geen deur: uw organisatie accepteert alleen andere modellen
reactivate-more = Opnieuw instellen…
reactivate-means = Is de pagina weg, of is het een ander toestel? Met een nieuwe code wordt het weer dezelfde telefoon, met dezelfde naam. Tot dan geldt wat het nu heeft. Is het in verkeerde handen, verwijder het dan.
reactivate = Een code tonen
reactivate-named = { $name } opnieuw instellen
rename-more = Hernoemen…
rename = Hernoemen
new-name-of = Nieuwe naam van { $name }
remove-more = Verwijderen…
remove-means = Deze opent geen deur meer, en u wordt overal uitgelogd.
remove-it = Verwijderen
step-token-more = Gelijkzetten…
step-token-how = Wanneer de codes worden geweigerd: er is te vaak op de knop gedrukt, of de klok loopt niet gelijk. Typ codes zoals ze na elkaar worden getoond, zonder er een over te slaan.
step-token = Gelijkzetten
code-number = { $number }e code
code-number-of = { $number }e code van { $name }
add-app = Authenticator-app toevoegen
add-passkey = Passkey toevoegen
add-phone = Telefoon toevoegen
add-number-more = Nummer voor sms toevoegen…
number = Nummer
what-you-call-it = Hoe u het noemt
text-a-code-there = Stuur daar een code heen
numbers-are-weak = Een passkey of een authenticator-app is veiliger: nummers kunnen worden gestolen.
elsewhere-step-up = U bent op een ander netwerk. Om uw factoren, sessies en aanmeldingen te zien en te wijzigen, <a href="/step-up?next=/">gaat u nog een keer door de tweede deur</a>.
one-door-only = U bent door één deur binnengekomen. Log met beide in om uw factoren, sessies en aanmeldingen te zien en te wijzigen.
one-door-step-up = U bent door één deur binnengekomen. Om uw factoren, sessies en aanmeldingen te zien en te wijzigen, <a href="/step-up?next=/">gaat u door de tweede</a>.
my-devices = Mijn apparaten
no-devices = U hebt nog op geen enkel apparaat een account. Een beheerder verbindt u met een apparaat.
device = Apparaat
my-right-there = Mijn recht daar
state = Toestand
right-administrator = beheerder
right-standard = standaard
device-active = actief
device-quarantined = in quarantaine
device-revoked = ingetrokken
lately = Onlangs aan mijn deuren
all = Alles
something-wrong = Iets wat u niet hebt gedaan? Wijzig uw wachtwoord en meld het uw beheerder.
where-signed-in = Waar ik ben ingelogd
here = hier
end = Beëindigen
end-session-in = De sessie in { $browser } beëindigen
end-others = Alle andere beëindigen
where-remembered = Waar ik onthouden word
forget = Vergeten
forget-browser = { $browser } vergeten
forget-all = Alles vergeten
remembered-at = { $place }, sinds { $since }, tot { $until }
remembered-everywhere = { $place } en alle andere die dat zo hebben, sinds { $since }, tot { $until }
session-since = sinds { $since }, laatst gebruikt { $used }
session-since-from = sinds { $since } vanaf { $source }, laatst gebruikt { $used }
both-doors-from = beide deuren gepasseerd vanaf { $networks }
at-time = { $when }
at-time-from = { $when } vanaf { $source }
portal = Portaal
rest-api = REST-API
browser-on = { $browser } op { $system }
unknown-browser = onbekende browser
command-line = Opdrachtregel

## Kinds of factors, states and doors of a sign-in

factor-bypass = codes van een beheerder
factor-token = hardwaretoken
factor-passkey = passkey
factor-number = telefoonnummer
factor-push = telefoon die vraagt
factor-app = authenticator-app
factor-mail = e-mailadres
state-first-door = eerste deur
state-second-door = tweede deur
state-allowed = toegelaten
state-denied = geweigerd
by-password = wachtwoord
by-session = sessie
by-vouched = ingestaan door { $system }

## What happened to one's account

news-access-reused = Waarmee een toepassing namens u handelt, kwam een tweede keer. Misschien heeft iemand het gekopieerd, daarom is het beëindigd
news-addresses-changed = Uw e-mailadressen zijn gewijzigd
news-bypass = Er zijn bypasscodes voor uw tweede deur gemaakt
news-enrolment-code = Er is een code gemaakt om een factor van u te registreren
news-enrolled = Er is een factor geregistreerd
news-removed = Een factor van u is verwijderd
news-not-me = Uw telefoon werd gevraagd iemand binnen te laten, en u zei dat u het niet was. Stel een ander wachtwoord in: wie het ook was, kent het uwe
news-not-me-after-yes = Uw telefoon heeft iemand binnengelaten, en u zei daarna dat u het niet was. Beëindig uw andere sessies en stel een ander wachtwoord in
news-not-me-at-help-desk = Iemand sprak uit uw naam met een helpdesk, zoals u zei
news-not-me-in-session = Uw telefoon werd gevraagd iemand binnen te laten, en u zei dat u het niet was. Beëindig uw andere sessies: wie het ook was, heeft er een van
news-not-me-past-first-door = Uw telefoon werd gevraagd iemand binnen te laten, en u zei dat u het niet was. Wie het ook was, was de eerste deur al voorbij: verander waarmee u daar inlogt
news-password-changed = Uw wachtwoord is gewijzigd
news-guessed =
    { $count ->
        [one] Er is één keer een verkeerd wachtwoord voor u geprobeerd, van waar u nooit bent ingelogd
       *[other] Er zijn { $count } keer verkeerde wachtwoorden voor u geprobeerd, van waar u nooit bent ingelogd
    }
news-known =
    { $count ->
        [one] Iemand heeft één keer uw juiste wachtwoord gegeven, van waar u nooit bent ingelogd, en kwam niet binnen
       *[other] Iemand heeft { $count } keer uw juiste wachtwoord gegeven, van waar u nooit bent ingelogd, en kwam niet binnen
    }
news-locked = Uw wachtwoord is vergrendeld
news-locked-to-strangers = Er is zo vaak naar uw wachtwoord geraden dat het alleen nog opent van waar u eerder bent ingelogd
news-password-set = Er is een nieuw wachtwoord voor u ingesteld
news-phone-reactivated = Een telefoon van u is opnieuw ingesteld
news-reset-asked = Iemand heeft gevraagd uw aanmelding te herstellen
news-second-door-shut = Er zijn zoveel verkeerde codes voor u opgegeven dat uw tweede deur een tijdje werd gesloten
news-session-elsewhere =
    { $count ->
        [one] Een sessie van u is gebruikt van waar u nooit bent ingelogd, en er is één keer een verkeerde code voor gegeven
       *[other] Een sessie van u is gebruikt van waar u nooit bent ingelogd, en er is { $count } keer een verkeerde code voor gegeven
    }
news-unlocked = Uw wachtwoord is ontgrendeld en verkeerde pogingen zijn vergeten

## Factors of one's own

code-on-its-way-to = Er is een code onderweg naar de telefoon die eindigt op { $last }. Deze geldt tien minuten.
code-in-text = De code uit de sms
add-a-number = Nummer toevoegen
add-the-number = Het nummer toevoegen
passkey-lives = Een passkey zit in dit apparaat, in een beveiligingssleutel of in de sleutelhanger van uw telefoon. Hij opent de tweede deur met één aanraking, en waar hij om uw vinger, gezicht of pincode vraagt, logt hij u in zonder wachtwoord.
passkey-models = Uw organisatie accepteert alleen deze modellen: { $models }. De browser kan vragen of hij mag zeggen welk model u hebt.
passkey-add-it = Toevoegen
what-to-call-it = Hoe deze heet
such-as-laptop = Bijvoorbeeld: mijn laptop
no-passkeys-here = Browsers maken geen passkeys voor een adres zonder naam, en deze server is onder zo’n adres bekend. Uw beheerder kan hem een naam geven.
phone-asks-you = Uw telefoon vraagt het u wanneer iemand met uw naam inlogt, en u zegt ja met uw vinger, gezicht of pincode. Er is geen app uit een winkel voor nodig: een pagina van ons doet het.
key-is-in-app-or-again = De sleutel staat al in uw app. Typ de zes cijfers die deze nu toont, of <a href="/">begin opnieuw</a>.

## The password

change-my-password = Mijn wachtwoord wijzigen
password-expired = Uw wachtwoord is verlopen. Stel een nieuw in om verder te gaan.
present-password = Huidig wachtwoord
new-password = Nieuw wachtwoord
new-password-again = Nieuw wachtwoord, nog een keer
password-hint = Ten minste { $least } tekens. Meerdere woorden achter elkaar zijn lang en makkelijk te onthouden. Het wordt ook uw wachtwoord op uw apparaten.
password-hint-alone = Ten minste { $least } tekens, omdat u niet om een tweede deur wordt gevraagd. Meerdere woorden achter elkaar zijn lang en makkelijk te onthouden. Het wordt ook uw wachtwoord op uw apparaten.
code-for-second-door = Een code voor de tweede deur
no-code-at-hand = Geen bij de hand, omdat een passkey, uw telefoon of Duo u vraagt? <a href="/step-up?next=/password">Ga nog een keer door de tweede deur</a>: tien minuten lang wordt hier geen code gevraagd.
second-door-for-password = Een nieuw wachtwoord vraagt dat u in de laatste tien minuten door de tweede deur bent gegaan. Ga er eerst nog een keer door; daarna komt u hier terug.
change-it = Wijzigen
passwords-differ = De twee nieuwe wachtwoorden zijn niet gelijk.

## One's own sign-ins

column-when = Wanneer
column-where = Waar
column-from = Vanaf
column-doors = Deuren
column-result = Resultaat
column-why = Waarom
why-password-wrong = verkeerd wachtwoord
why-password-locked = het wachtwoord was vergrendeld
why-password-pending = er was nog geen wachtwoord ingesteld
why-password-expired = het wachtwoord was verlopen
why-held = te veel foute pogingen, daarom een tijd tegengehouden
why-no-factor = niets van u opent daar de tweede deur
why-second-door-wrong = verkeerd antwoord bij de tweede deur
why-code-used = de code was al gebruikt
why-passkey-copied = de passkey gedroeg zich als een kopie van de uwe; vertel het uw beheerder
why-factor-not-here = die factor telt daar niet
why-code-texted = er is een code gestuurd per sms, voor een aparte aanmelding
why-spared = er werd geen tweede deur gevraagd
why-remembered = de tweede deur was daar al eerder gepasseerd
why-offline = het apparaat bereikte de server niet, en uw wachtwoord was genoeg
why-second-door-asked = de tweede deur werd gevraagd
why-not-active = uw account was niet actief
why-not-there = u wordt daar niet toegelaten
why-not-from-there = u wordt daarvandaan niet toegelaten
why-too-long = het duurde te lang
why-gave-up = het is opgegeven
why-both-doors = beide deuren zijn gepasseerd
why-session-open = u was al aangemeld
why-stepped-up = de tweede deur is nog een keer gepasseerd
why-passkey = een passkey opende beide deuren
why-answered-elsewhere = beantwoord op uw telefoon
why-unanswered = op uw telefoon niet op tijd beantwoord
why-said-no = geweigerd op uw telefoon
why-not-me = u zei dat u het niet was
why-duo-no = Duo zei niet dat u het was
why-duo-down = Duo kon niet worden gevraagd

## What the page before has done

notice-enrolled = De factor is geregistreerd. Vanaf nu opent hij de tweede deur.
notice-factor-removed = De factor is verwijderd. Wie hem heeft gebruikt, moet opnieuw inloggen.
notice-forgotten = Vergeten. De volgende aanmelding daar gaat door beide deuren.
notice-password-changed = Uw wachtwoord is gewijzigd. Uw andere sessies zijn beëindigd.
notice-reset-stopped = Tegengehouden. Hebt u er niet om gevraagd, zeg het dan meteen tegen uw beheerder.
notice-saved = Opgeslagen.
notice-session-ended = De sessie is beëindigd.
notice-sessions-ended = De sessies zijn beëindigd.
notice-signed-out = U bent uitgelogd.
notice-token-resynced = Het token loopt gelijk. De getypte codes zijn verbruikt.

## Pages that refuse

way-on = Met de knop <em>Terug</em> van uw browser keert u terug naar wat u hebt ingevuld. Of ga naar <a href="/">de startpagina</a>.
not-for-you = Niet voor u
for-administrators = Deze pagina’s zijn voor beheerders. Vraag een eigenaar van deze organisatie om een rol.
second-door-first = Eerst de tweede deur
second-door-first-how = Hiervoor moet u door beide deuren inloggen. Registreer een factor met een code van uw beheerder, log dan uit en weer in.
not-from-here = Niet van hier
not-from-here-how = Dit formulier kwam niet van een pagina van deze site, of het stond te lang open. Er is niets gewijzigd. Laad de pagina opnieuw en herhaal het.
not-readable = Niet leesbaar
not-readable-how = Het formulier kon niet worden gelezen, of het is te groot. Er is niets gewijzigd.
not-found = Niet gevonden
not-found-how = Deze pagina bestaat niet. Misschien is zij verwijderd, of het adres is niet volledig.
only-a-form = Alleen voor een formulier
only-a-form-how = Dit adres neemt een formulier aan en toont zelf niets. Er is niets gewijzigd. Ga terug naar de pagina met het formulier.
no-way-on = Hier gaat het niet verder
missing = Er ontbreekt iets
missing-passkey = Er is geen passkey gebruikt.
not-acceptable = Niet aanvaardbaar
not-allowed = Niet toegestaan
does-not-fit = Past niet
changed-meanwhile = Intussen gewijzigd
too-busy = Te druk
too-busy-how = Te veel verzoeken tegelijk; probeer het zo weer.
perhaps-done = Misschien gebeurd
perhaps-done-how = De database ging op het laatste moment verloren, en of dit is gebeurd, is niet bekend; kijk eerst voordat u het opnieuw probeert.
something-failed = Er is iets mislukt
something-failed-how = Er is bij ons iets mislukt. Het logboek heeft de details onder het verzoeknummer van dit antwoord.

## What the doors say (the English is that of the interfaces, too)

said-cannot-show-digits = Een oproep vraagt om cijfers die hier worden getoond, en hier kunnen er geen worden getoond. Gebruik een code.
said-cannot-show-number = Een verzoek aan de telefoon heeft een getal nodig dat hier wordt getoond, en hier kan er geen worden getoond. Gebruik een code.
said-country-closed = Dit nummer is van een land waarheen niets wordt verstuurd. Gebruik een andere factor.
said-dormant = Dit account is lang niet gebruikt; vraag uw beheerder om een registratiecode.
said-duo-is-down = Duo kan nu niet worden gevraagd. Gebruik een andere factor als u die hebt, probeer het later opnieuw of vraag het uw beheerder.
said-duo-no-name = Duo kan niet naar u worden gevraagd, omdat u hier geen e-mailadres hebt. Vraag het uw beheerder.
said-duo-not-on = Duo opent deze deur nu niet voor u. Kies een andere factor.
said-duo-said-no = Duo liet u niet door. Probeer het opnieuw of gebruik een andere factor.
said-duo-stale = Wat van Duo terugkwam, hoort niet bij deze aanmelding of kwam een tweede keer. Kies opnieuw.
said-enrolled-code-wrong = Die code klopt niet; controleer de klok van uw telefoon en probeer het opnieuw.
said-enrolment-code-wrong = Die registratiecode klopt niet of geldt niet meer.
said-enrolment-expired = Deze registratie is verlopen; begin opnieuw.
said-held = Er waren te veel verzoeken aan uw telefoon. Gebruik een code of een passkey.
said-last-factor = Dit is uw laatste factor; registreer eerst een andere.
said-mail-on-its-way = Er is een code onderweg naar uw e-mailadres.
said-mail-no-more = Er kan nu niets meer worden verstuurd. Vraag het uw beheerder.
said-mail-not-sent = Het kon niet worden verstuurd. Probeer het later opnieuw of vraag het uw beheerder.
said-mailed-code-wrong = Die code klopt niet of geldt niet meer.
said-mailed-expired = Dit is verlopen; log opnieuw in.
said-model-not-accepted = Deze beveiligingssleutel is geen van de modellen die uw organisatie accepteert: { $models }.
said-name-control = Een naam mag geen stuurtekens of regeleinden bevatten.
said-name-empty = Een naam mag niet leeg zijn.
said-name-too-long = Een naam heeft hoogstens { $most } tekens.
said-new-code-expired = Deze code is verlopen; vraag een andere aan.
said-no-access = De toegang is geweigerd. Vraag het uw beheerder.
said-no-answer = Niemand antwoordde op tijd. Vraag het opnieuw of gebruik een andere factor.
said-no-more = Er kan voorlopig niets meer worden verstuurd. Gebruik een andere factor of vraag het uw beheerder.
said-no-phone-to-ask = Er is geen telefoon om te vragen. Gebruik een andere factor.
said-no-phone-to-call = Die telefoon kan nu niet worden gebeld. Gebruik een andere factor.
said-no-phone-to-text = Daarheen kan geen code worden gestuurd. Gebruik een andere factor.
said-no-texts = Hier worden geen codes per sms verstuurd.
said-nothing-to-enrol = Niets wat u zelf zou kunnen instellen, opent hier een deur. Vraag het uw beheerder.
said-not-a-number = Een telefoonnummer is `+`, het landnummer en het nummer, bijvoorbeeld `+31 20 1234567`.
said-not-asked = Er wacht niets op een antwoord. Kies opnieuw.
said-not-here = Dat opent deze deur niet meer. Gebruik een andere factor.
said-no-factor-here = Deze toepassing vraagt om een tweede deur, en niets van u opent die daar. Voeg in uw portaal een factor toe of vraag uw beheerder.
said-no-name-there = Deze toepassing kent mensen aan een gegeven dat hier van u niet bekend is. Vraag het uw beheerder.
said-not-remembered = Deze browser wordt niet meer onthouden. Ga door de tweede deur.
said-not-registered = De toepassing wil u naar een adres sturen dat er niet voor is ingeschreven, daarom wordt u daar niet heen gestuurd. Voor wie haar beheert: vul de redirect-URI in op haar pagina in het beheer, precies zoals die in haar configuratie staat.
said-not-sent = Het kon niet worden verstuurd. Probeer het later opnieuw of gebruik een andere factor.
said-old-digits = De cijfers van dat menu gelden niet meer. Kies opnieuw.
said-by-number = Een oproep vraagt om de cijfers die er in het menu naast staan. Kies hem daar met zijn nummer.
said-not-signed = Dit kwam niet van een toepassing die hier bekend is. Voor wie de toepassing beheert: vergelijk client-id, clientgeheim en API-host met die op haar pagina in het beheer.
said-nowhere = Er valt niet vast te stellen op welk netwerk u bent, daarom telt hier geen factor. Vraag het uw beheerder.
said-number-closed = Naar nummers van dit land wordt niets verstuurd.
said-number-code-wrong = Die code klopt niet; probeer het opnieuw.
said-number-taken = Dit nummer is er al.
said-number-with-role = Sms’en en oproepen openen geen deur voor wie een rol heeft; gebruik een passkey of een authenticator-app.
said-on-its-way = Er is een code onderweg.
said-one-at-a-time = Op uw telefoon wacht al een ander verzoek. Beantwoord dat, of wacht een minuut.
said-opens-nothing = Een factor van deze soort opent zoals het is ingesteld geen van uw deuren; gebruik een andere soort of vraag het uw beheerder.
said-passkey-does-not-hold = Het antwoord van de browser is niet geldig; probeer het opnieuw.
said-passkey-taken = Deze passkey is al van iemand.
said-passkey-used = Dit antwoord is al eerder gebruikt; probeer het opnieuw.
said-password-again = Kies een ander dan het huidige.
said-password-code-wrong = Die code klopt niet of is al gebruikt; geef een code voor de tweede deur.
said-password-common = Het is een van de wachtwoorden die het eerst worden geraden.
said-password-is-name = Het is weinig meer dan uw naam.
said-password-is-organization = Het is weinig meer dan de naam van de organisatie.
said-password-line-breaks = Een wachtwoord mag geen regeleinden bevatten.
said-password-short = Gebruik ten minste { $least } tekens; meerdere woorden achter elkaar zijn makkelijk te onthouden.
said-password-short-alone = Gebruik ten minste { $least } tekens, omdat er geen tweede deur wordt gevraagd; meerdere woorden achter elkaar zijn makkelijk te onthouden.
said-password-too-long = Het wachtwoord is langer dan { $most } bytes.
said-phone-code-wrong = Die code klopt niet of geldt niet meer; vraag een nieuwe aan op uw eigen pagina.
said-phone-did-not-sign = De sleutel van de telefoon heeft dit verzoek niet ondertekend.
said-phone-has-no-key = De telefoon heeft niet getoond dat hij zijn sleutel heeft; probeer het opnieuw.
said-phone-number-wrong = Dat is niet het getal dat wordt getoond waar u inlogt.
said-present-password-wrong = Dat is niet uw huidige wachtwoord.
said-request-over = Dit verzoek is voorbij.
said-said-no = Het verzoek is op de telefoon geweigerd.
said-start-again = Deze aanmelding is verlopen. Begin opnieuw.
said-too-late = Deze aanmelding duurde te lang, of ze is in een ander venster voltooid of opnieuw begonnen. Ga terug naar de toepassing en log nog een keer in.
said-too-many = Te veel pogingen. Wacht en probeer het opnieuw.
said-too-many-a-minute = Te veel pogingen. Wacht een minuut en probeer het opnieuw.
said-too-many-hours =
    { $hours ->
        [one] Te veel pogingen. Wacht { $hours } uur en probeer het opnieuw.
       *[other] Te veel pogingen. Wacht { $hours } uur en probeer het opnieuw.
    }
said-too-many-minutes =
    { $minutes ->
        [one] Te veel pogingen. Wacht { $minutes } minuut en probeer het opnieuw.
       *[other] Te veel pogingen. Wacht { $minutes } minuten en probeer het opnieuw.
    }
said-too-many-numbers = Er zijn al { $most } telefoons; verwijder er eerst een.
said-too-many-apps = U hebt al { $most } authenticator-apps; verwijder er eerst een.
said-too-many-passkeys = U hebt al { $most } passkeys; verwijder er eerst een.
said-too-many-phones = U hebt al { $most } telefoons; verwijder er eerst een.
said-token-not-in-step = Dit zijn niet de codes die dit token na elkaar toont, of ze zijn al gebruikt.
said-too-soon = Er is er een onderweg. Wacht een halve minuut voordat u om een andere vraagt.
said-used-code = Die code is al gebruikt. Wacht op de volgende.
said-wrong = De naam of het wachtwoord klopt niet.
said-wrong-code = Die code klopt niet. Probeer het opnieuw.
said-wrong-passkey = Die passkey heeft de deur niet geopend. Probeer het opnieuw of gebruik een andere factor.

## Applications of a person
applications = Toepassingen
applications-all = Alle toepassingen
applications-find = Toepassing zoeken
applications-no-fit = Geen van uw toepassingen heeft “{ $text }” in de naam.
applications-none = Er staat nog geen toepassing voor u open. Vraag uw beheerder om de toepassing die u nodig hebt; ze verschijnt hier vanzelf.
favourite = Favoriet
favourite-of = { $name } bij de favorieten houden
favourites = Favorieten
search = Zoeken
search-count = Resultaten: { $count }
search-found = Resultaten
search-how-own = Typ een deel van de naam van een toepassing, van een van uw factoren of van een pagina.
search-keys = Op elke pagina brengt / of Ctrl+K u naar het zoekveld; de pijltoetsen kiezen en Enter opent.
search-nothing = Niets past bij “{ $text }”.
search-of = Zoeken: { $text }
search-own = In uw toepassingen, factoren en pagina’s zoeken
search-pages = Pagina’s
search-slash = De toets / brengt u naar het zoekveld
used-lately = Onlangs gebruikt

this-device = Dit apparaat
this-device-why = Sommige deuren gaan alleen open op apparaten van uw organisatie. Is dit er een, dan kan de Sallyport-agent erop dat bevestigen.
this-device-ask = De agent vragen
this-device-if-not = Zegt uw browser dat er geen verbinding kan worden gemaakt, dan is hier geen agent. Ga terug en gebruik een apparaat van uw organisatie.
this-device-show = Tonen dat dit een apparaat van uw organisatie is
this-device-late = Dat duurde te lang of begon in een andere browser. Probeer het opnieuw.
this-device-unknown = Dit is geen apparaat van uw organisatie dat u mag gebruiken. Vraag het uw beheerders.
