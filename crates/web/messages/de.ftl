## The language itself

language-name = Deutsch
direction = ltr
choose-language = Sprache

## Words that stand alone

or = oder
code = Code
password = Passwort
sign-in = Anmelden
sign-out = Abmelden
proceed = Weiter
go-on = Weiter
enrol = Registrieren
done = Fertig
not-now = Nicht jetzt
my-phone = Mein Telefon

## Signing in

user-name = Benutzername
sign-in-with-passkey = Mit einem Passkey anmelden
enrolment-code-question = Haben Sie einen Registrierungscode? <a href="/enroll">Zweiten Faktor einrichten</a>
not-set-up = Diese Organisation ist noch nicht eingerichtet. Öffnen Sie den einmaligen Link, den der Server beim Start ausgegeben hat.

## The second door, wherever it stands

second-door = Zweite Tür
one-more-door = Noch eine Tür
start-again = Von vorn beginnen
your-factors = Ihre Faktoren
remember-hours =
    { $count ->
        [one] Diesen Browser eine Stunde lang merken
       *[other] Diesen Browser { $count } Stunden lang merken
    }
remember-days =
    { $count ->
        [one] Diesen Browser einen Tag lang merken
       *[other] Diesen Browser { $count } Tage lang merken
    }
phone-rings = <strong>{ $phone }</strong> klingelt. Nehmen Sie ab und tippen Sie dort diese Ziffern ein
type-number-on = Tippen Sie diese Zahl auf <strong>{ $phone }</strong> ein
answer-request-on = Beantworten Sie die Anfrage auf <strong>{ $phone }</strong>.
one-minute = Sie haben dafür eine Minute. Tippen Sie nie eine Zahl ein, die Ihnen jemand anderes vorliest.
i-have-answered = Ich habe geantwortet
waiting-is-over = Es gibt eine Antwort, oder die Minute ist um. Weiter geht es mit der Schaltfläche unten.
ask-phone = { $phone } fragen
ask-phone-again = { $phone } erneut fragen
call-phone = { $phone } anrufen
call-phone-again = { $phone } erneut anrufen
text-me = Code per SMS an: { $phone }
use-passkey = Passkey verwenden
go-on-with-duo = Weiter mit Duo
passkey-needs-script = Ein Passkey braucht einen Browser, der unser Skript ausführt.
passkey-needs-script-here = Ein Passkey braucht einen Browser, der unser Skript ausführt. Bitten Sie Ihre Administration um einen Umgehungscode.

## Under the field for a code: one or several of these sentences

hint-app = Öffnen Sie Ihre Authenticator-App und geben Sie die sechs Ziffern ein, die sie gerade anzeigt.
hint-token = Geben Sie ein, was Ihr Hardware-Token anzeigt; drücken Sie vorher seinen Knopf, falls er einen hat.
hint-or-token = Oder geben Sie ein, was Ihr Hardware-Token anzeigt; drücken Sie vorher seinen Knopf, falls er einen hat.
hint-text = Lassen Sie sich unten einen Code schicken und geben Sie ihn hier ein.
hint-or-text = Oder lassen Sie sich unten einen Code schicken und geben Sie ihn hier ein.
hint-bypass = Auch ein Umgehungscode Ihrer Administration gilt.
none-at-hand = Nichts davon zur Hand? Wenden Sie sich an Ihren Helpdesk.

## What the browser says about a passkey

passkey-known = Dieses Gerät oder dieser Schlüssel ist schon registriert.
passkey-bad-address = Für diese Adresse legt der Browser keine Passkeys an.
passkey-not-used = Es wurde kein Passkey verwendet. Versuchen Sie es erneut oder nehmen Sie etwas anderes.

## The prompt in front of an application

wants-to-know = <strong>{ $application }</strong> möchte wissen, ob wirklich Sie es sind, <strong>{ $user }</strong>.
cancel-to = Abbrechen und zurück zu { $application }
back-to = Zurück zu { $application }
sign-in-for = Weiter zu <strong>{ $application }</strong>.
stays-shut = Diese Tür bleibt zu
asked-about = <strong>{ $application }</strong> hat nach <strong>{ $user }</strong> gefragt.
factor-first = Sie brauchen zuerst einen zweiten Faktor
factor-first-for = <strong>{ $application }</strong> verlangt die zweite Tür, und noch öffnet sie nichts von Ihnen, <strong>{ $user }</strong>. Bitten Sie Ihre Administration um einen Registrierungscode; damit richten Sie in einer Minute eine Authenticator-App oder einen Passkey ein. Melden Sie sich danach noch einmal bei { $application } an.
factor-first-here = <strong>{ $application }</strong> verlangt die zweite Tür, und nichts von Ihnen, <strong>{ $user }</strong>, öffnet sie bisher. Mit einem Code richten Sie hier in einer Minute eine Authenticator-App oder einen Passkey ein und gelangen weiter zu { $application }.
code-of-mail-or-administrator = Der Code, der Ihnen per E-Mail geschickt wurde, oder einer von Ihrer Administration.
have-enrolment-code = Ich habe einen Registrierungscode
going-back = Es geht zurück
being-taken-back = Sie werden dorthin zurückgebracht, woher Sie gekommen sind.
applications-are-told = Die Anwendungen, bei denen Sie angemeldet waren, erfahren nacheinander davon. Sie können diese Seite jederzeit schließen.
go-on-by-hand = Von Hand weitergehen
on-to-duo = Weiter zu Duo
taken-to-duo = Sie werden zu Duo gebracht; dort werden Sie nach Ihrem zweiten Faktor gefragt und dann hierher zurückgeschickt.

## An application that is told about somebody

consent-title = <strong>{ $application }</strong> möchte wissen, wer Sie sind
consent-told = Wenn Sie zustimmen, wird mitgeteilt:
consent-sub = dass Sie es sind
consent-profile = Ihr Name und Ihr Benutzername
consent-email = Ihre E-Mail-Adresse
consent-phone = Ihre Telefonnummer
consent-groups = in welchen Gruppen Sie sind
consent-offline = all das auch, während Sie nicht da sind
consent-other = was dort <strong>{ $scope }</strong> heißt
consent-yes = Zustimmen
consent-no = Nicht zustimmen
leave-title = Abmelden?
leave-wish = <strong>{ $application }</strong> möchte Sie abmelden.
leave-what = Sie werden hier abgemeldet, und bei Anwendungen, die davon erfahren wollen.
leave-yes = Ja, abmelden
leave-no = Angemeldet bleiben
device-title = Ein Gerät anmelden
device-what = Geben Sie den Code ein, den Ihr Gerät oder Programm zeigt.
device-code = Gerätecode
device-wrong = Diesen Code gibt es nicht, oder er ist abgelaufen. Schauen Sie noch einmal auf Ihr Gerät.
device-too-many = Zu viele falsche Codes. Versuchen Sie es in zehn Minuten wieder.
device-confirm = Ist das Ihr Gerät?
device-asks = <strong>{ $application }</strong> möchte als Sie angemeldet werden, <strong>{ $user }</strong>.
device-shows = Ihr Gerät muss diesen Code zeigen:
device-from = Die Anfrage kommt von <strong>{ $place }</strong>.
device-warning = Wenn Ihnen jemand diesen Code oder einen Link auf diese Seite geschickt hat, gehen Sie nicht weiter: Sonst wird jemand anders als Sie angemeldet.
device-yes = Ja, anmelden
device-no = Nein
device-done = Weiter an Ihrem Gerät
device-done-how = <strong>{ $application }</strong> ist angemeldet. Sie können diese Seite schließen.
device-refused = <strong>{ $application }</strong> wurde nicht angemeldet.

## The second door once more

on-another-network = Sie sind in einem anderen Netzwerk
second-door-again = Die zweite Tür noch einmal
step-up-with-nothing = Was Sie möchten, verlangt von hier aus noch einmal die zweite Tür, und nichts von Ihnen öffnet sie gerade. Bitten Sie Ihre Administration um einen Umgehungscode.
step-up-now = Gehen Sie noch einmal durch die zweite Tür, um fortzufahren.
my-own-pages = Meine eigenen Seiten

## Enrolling the first factor

set-up-factor = Zweiten Faktor einrichten
enrolment-needed = Registrierung nötig
enrolment-needed-how = Ihr Passwort stimmt, aber noch öffnet nichts von Ihnen die zweite Tür. Bitten Sie Ihre Administration um einen Registrierungscode; damit richten Sie in einer Minute eine Authenticator-App oder einen Passkey ein.
enrolment-by-mail-how = Ihr Passwort stimmt, aber noch öffnet nichts von Ihnen die zweite Tür. Mit einem Code, der Ihnen per E-Mail geschickt wird, richten Sie in einer Minute eine Authenticator-App oder einen Passkey ein.
mail-me-a-code = Code per E-Mail an: { $to }
have-administrators-code = Ich habe einen Registrierungscode der Administration
type-mailed-code = Geben Sie den Code ein, der Ihnen per E-Mail geschickt wurde. Er gilt eine Viertelstunde und nur in diesem Browser.
type-mailed-code-to = Geben Sie den Code ein, der an { $to } geschickt wurde. Er gilt eine Viertelstunde und nur in diesem Browser.
code-from-mail = Code aus der E-Mail
mail-me-another = Noch einen per E-Mail senden
what-you-need = Sie brauchen den Registrierungscode von Ihrer Administration und eine Authenticator-App auf Ihrem Telefon oder einen Passkey.
enrolment-code = Registrierungscode
back-to-sign-in = Zurück zur Anmeldung
your-factor-of = Ihr zweiter Faktor, { $name }
add-account-in-app = Öffnen Sie Ihre Authenticator-App und fügen Sie ein Konto hinzu.
scan-picture = Scannen Sie dieses Bild:
scan-picture-not-drawn = Scannen Sie dieses Bild (es ließ sich nicht zeichnen; geben Sie stattdessen den Schlüssel ein):
qr-of-app = QR-Code für die Authenticator-App von { $name }
or-type-key = Oder den Schlüssel eingeben
key-kind = Zeitbasiert, sechs Ziffern, alle 30 Sekunden.
six-digits-now = Die sechs Ziffern, die Ihre App gerade anzeigt
or-without-app = oder ohne App
use-phone-page = Eine Seite auf Ihrem Telefon verwenden, die Sie fragt
use-passkey-or-key = Passkey oder Sicherheitsschlüssel verwenden
come-back = Falls Sie unterbrochen werden: Kommen Sie innerhalb eines Tages zu <code>/enroll</code> zurück, mit dem Code <strong>{ $code }</strong>
once-more = Noch einmal
key-is-in-app = Der Schlüssel ist schon in Ihrer App. Geben Sie die sechs Ziffern ein, die sie gerade anzeigt.
start-with-code = Mit dem Registrierungscode neu beginnen
enrolled = Registriert
enrolled-passkey = Von jetzt an öffnet Ihr Passkey die zweite Tür, hinter Ihrem Passwort. Sobald Sie durch beide gekommen sind, kann er Sie auch allein anmelden, wo Ihre Organisation das erlaubt. Anmeldungen an Geräten und in Programmen können nicht nach ihm fragen: Fügen Sie unter <em>Meine Türen</em> auch eine Authenticator-App hinzu, wenn Sie solche brauchen.
enrolled-app = Von jetzt an öffnet Ihre Authenticator-App die zweite Tür. Der eben eingegebene Code ist verbraucht; warten Sie mit der Anmeldung auf den nächsten.
your-phone = Ihr Telefon
when-phone-is-yours = Wenn das Telefon sagt, dass es Ihres ist, melden Sie sich hier an.
scan-with-phone = Scannen Sie dieses Bild mit dem Telefon oder öffnen Sie dort <code>{ $address }</code>.
open-on-phone = Öffnen Sie auf dem Telefon <code>{ $address }</code>.
open-on-this-phone = Das hier ist das Telefon: die Seite hier öffnen
home-screen-first = Legen Sie die Seite auf einem iPhone oder iPad zuerst auf den Home-Bildschirm und öffnen Sie sie dort.
activate-with-code = Aktivieren Sie sie mit diesem Code; er gilt einmal und fünfzehn Minuten lang.
qr-of-phone = QR-Code der Telefonseite

## The phone page

phone-needs-script = Diese Seite beantwortet Anfragen mit einem Schlüssel Ihres Telefons; dafür braucht sie einen Browser, der unser Skript ausführt.
make-this-yours = Dieses Telefon zu Ihrem machen
add-a-phone-there = Wählen Sie auf Ihrer eigenen Seite unter <em>Meine Türen</em> die Schaltfläche <em>Telefon hinzufügen</em>. Scannen Sie das Bild dort oder geben Sie seinen Code hier ein.
install-first = Legen Sie diese Seite auf einem iPhone oder iPad zuerst auf den Home-Bildschirm (Teilen, dann <em>Zum Home-Bildschirm</em>), öffnen Sie sie dort und geben Sie den Code dort ein.
name-this-phone = Wie dieses Telefon heißen soll
activate = Aktivieren
no-screen-lock = Dieses Telefon hat keine Bildschirmsperre
ready = Bereit
requests-appear = Anfragen an <strong id="who"></strong> erscheinen hier. Dies ist <strong id="phone-name"></strong>.
wake-this-phone = Telefon wecken, wenn die Seite geschlossen ist
is-woken = Das Telefon wird durch den Hersteller Ihres Browsers geweckt; er erfährt, dass etwas gesendet wurde, und sonst nichts.
give-up = Dieses Telefon aufgeben …
give-up-means = Es öffnet keine Tür mehr, bis es neu aktiviert wird.
give-it-up = Aufgeben
is-this-you = Sind Sie das?
request-what = Anmeldung bei
request-from = Von
request-device = Gerät
request-at = Um
number-where-you-sign-in = Die Zahl, die bei der Anmeldung steht
let-me-in = Ja, lassen Sie mich ein
no = Nein
not-me = Das habe ich nicht angefordert
requests-of-last-hour = Anfragen der letzten Stunde

## What the script of the phone page says

server-refused = Der Server hat abgelehnt.
phone-not-confirmed = Das Telefon hat nicht bestätigt, dass Sie es sind. Bitte versuchen Sie es erneut.
server-not-reached = Der Server wurde nicht erreicht. Bitte versuchen Sie es erneut.
key-lost = Dieser Browser hat seinen Schlüssel verloren. Geben Sie das Telefon auf und aktivieren Sie es neu.
phone-is-yours = Dieses Telefon ist jetzt Ihres.
unknown-address = eine unbekannte Adresse
you-let-yourself-in = Sie haben sich eingelassen.
you-said-no = Sie haben Nein gesagt.
you-said-not-me = Ihre Administration sieht, dass Sie es nicht waren. Was nun zu tun ist, steht im Portal.
you-said-not-me-after-yes = Ihre Administration kann es sehen. Wozu Sie Ja gesagt hatten, wurde geöffnet: Beenden Sie Ihre Sitzungen im Portal und ändern Sie Ihr Passwort.
help-desk-asks = Sprechen Sie gerade mit Ihrem Helpdesk?
asked-by = Gefragt von
number-they-read = Die Zahl, die man Ihnen vorliest
yes-that-is-me = Ja, das bin ich
not-speaking = Ich spreche mit niemandem
you-confirmed = Ihr Helpdesk weiß nun, dass Sie es sind.
you-said-not-speaking = Ihr Helpdesk erfährt, dass Sie es nicht waren. Nennen Sie niemandem einen Code.
notifications-refused = Der Browser durfte keine Mitteilungen anzeigen. Anfragen erscheinen weiterhin, solange diese Seite offen ist.
cannot-be-woken = Dieser Browser lässt sich nicht wecken. Anfragen erscheinen weiterhin, solange diese Seite offen ist.
woken-again = Der Hersteller Ihres Browsers konnte dieses Telefon nicht mehr wecken. Jetzt kann er es wieder.
woken-no-more = Der Hersteller Ihres Browsers kann dieses Telefon nicht mehr wecken. Lassen Sie es unten neu wecken, oder lassen Sie diese Seite offen.
somebody-signs-in = Jemand meldet sich an
open-to-see = Öffnen Sie, um zu sehen, wo, und um Ja oder Nein zu sagen.
account-changed = An Ihrem Konto wurde etwas geändert
account-changed-look = Öffnen Sie, um zu sehen, was. Wenn Sie es nicht waren, sagen Sie es Ihrer Administration.

## Around a page of the portal

to-the-content = Zum Inhalt
show-the-menu = Menü anzeigen
main-menu = Hauptmenü
administration = Administration
light-or-dark = Hell oder dunkel
my-doors = Meine Türen
my-sign-ins = Meine Anmeldungen
next-page = Nächste Seite
undo = Rückgängig machen

## The front page of the portal

hello = Guten Tag, { $name }
since-you-looked = Seit Sie zuletzt hier waren
news-by-you = { $when }, von Ihnen
news-by = { $when }, von { $who }
news-from-by-you = { $when } von { $source }, durch Sie
news-from-by = { $when } von { $source }, durch { $who }
reset-not-before = Vor { $until } geschieht nichts.
reset-not-you = Wenn Sie nicht darum gebeten haben, halten Sie es auf. Sie verlieren dadurch nichts.
stop-reset = Aufhalten
was-it-you = Waren das weder Sie noch jemand, den Sie darum gebeten haben? <a href="/password">Ändern Sie Ihr Passwort</a> und sagen Sie es Ihrer Administration.
have-seen = Das habe ich gesehen
my-factors = Meine Faktoren
no-factors = Noch öffnet nichts von Ihnen die zweite Tür. Bitten Sie Ihre Administration um einen Registrierungscode und <a href="/enroll">richten Sie eine Authenticator-App ein</a>.
duo-asks-you = Fragt Sie an der zweiten Tür. Ihre Telefone und Schlüssel dort verwaltet Duo und nicht wir.
devices-at-duo = Meine Geräte bei Duo
devices-at-duo-more = Meine Geräte bei Duo …
duo-manage-devices = Duos Seite hat <em>Manage devices</em>, wo Ihre Administration es erlaubt. Danach sind Sie wieder hier.
open-duo = Duos Seite öffnen
factor-since = { $kind }, seit { $since }
factor-until = { $kind }, seit { $since }, bis { $until }
codes-left = noch { $left } von { $of } Codes
passkey-of-model = { $model }, vom Hersteller bestätigt (<code>{ $aaguid }</code>)
passkey-shut = Öffnet keine Tür: Ihre Organisation nimmt nur andere Modelle an
reactivate-more = Neu einrichten…
reactivate-means = Ist die Seite verloren, oder ist es ein anderes Gerät? Mit einem neuen Code wird es wieder dasselbe Telefon, unter seinem Namen. Bis dahin gilt, was es jetzt hat. Ist es in falschen Händen, entfernen Sie es stattdessen.
reactivate = Code anzeigen
reactivate-named = { $name } neu einrichten
rename-more = Umbenennen …
rename = Umbenennen
new-name-of = Neuer Name von { $name }
remove-more = Entfernen …
remove-means = Es öffnet keine Tür mehr, und Sie werden überall abgemeldet.
remove-it = Entfernen
step-token-more = Abgleichen …
step-token-how = Wenn seine Codes abgelehnt werden: Sein Knopf wurde zu oft gedrückt, oder seine Uhr geht falsch. Geben Sie Codes ein, wie er sie nacheinander anzeigt, ohne einen auszulassen.
step-token = Abgleichen
code-number = { $number }. Code
code-number-of = { $number }. Code von { $name }
add-app = Authenticator-App hinzufügen
add-passkey = Passkey hinzufügen
add-phone = Telefon hinzufügen
add-number-more = Nummer für SMS hinzufügen …
number = Nummer
what-you-call-it = Wie Sie sie nennen
text-a-code-there = Code dorthin senden
numbers-are-weak = Ein Passkey oder eine Authenticator-App ist sicherer: Nummern können gestohlen werden.
elsewhere-step-up = Sie sind in einem anderen Netzwerk. Um Ihre Faktoren, Sitzungen und Anmeldungen zu sehen und zu ändern, <a href="/step-up?next=/">gehen Sie noch einmal durch die zweite Tür</a>.
one-door-only = Sie sind durch eine Tür gekommen. Um Ihre Faktoren, Sitzungen und Anmeldungen zu sehen und zu ändern, melden Sie sich mit beiden an.
one-door-step-up = Sie sind durch eine Tür gekommen. Um Ihre Faktoren, Sitzungen und Anmeldungen zu sehen und zu ändern, <a href="/step-up?next=/">gehen Sie durch die zweite</a>.
my-devices = Meine Geräte
no-devices = Sie haben bisher auf keinem Gerät ein Konto. Die Administration verbindet Sie mit einem.
device = Gerät
my-right-there = Mein Recht dort
state = Zustand
right-administrator = Administrator
right-standard = Standard
device-active = aktiv
device-quarantined = in Quarantäne
device-revoked = widerrufen
lately = Zuletzt an meinen Türen
all = Alle
something-wrong = Etwas, das Sie nicht waren? Ändern Sie Ihr Passwort und sagen Sie es Ihrer Administration.
where-signed-in = Wo ich angemeldet bin
here = hier
end = Beenden
end-session-in = Sitzung in { $browser } beenden
end-others = Alle anderen beenden
where-remembered = Wo ich gemerkt bin
forget = Vergessen
forget-browser = { $browser } vergessen
forget-all = Alle vergessen
remembered-at = { $place }, seit { $since }, bis { $until }
remembered-everywhere = { $place } und alle anderen, die das vorsehen, seit { $since }, bis { $until }
session-since = seit { $since }, zuletzt benutzt { $used }
session-since-from = seit { $since } von { $source }, zuletzt benutzt { $used }
both-doors-from = beide Türen durchschritten von { $networks }
at-time = { $when }
at-time-from = { $when } von { $source }
portal = Portal
rest-api = REST-API
browser-on = { $browser } unter { $system }
unknown-browser = unbekannter Browser
command-line = Befehlszeile

## Kinds of factors, states and doors of a sign-in

factor-bypass = Codes der Administration
factor-token = Hardware-Token
factor-passkey = Passkey
factor-number = Telefonnummer
factor-push = Telefon, das fragt
factor-app = Authenticator-App
factor-mail = E-Mail-Adresse
state-first-door = erste Tür
state-second-door = zweite Tür
state-allowed = eingelassen
state-denied = abgewiesen
by-password = Passwort
by-session = Sitzung
by-vouched = verbürgt durch { $system }

## What happened to one's account

news-access-reused = Womit eine Anwendung in Ihrem Namen handelt, kam ein zweites Mal. Jemand hat es vielleicht kopiert, deshalb wurde es beendet
news-addresses-changed = Ihre E-Mail-Adressen wurden geändert
news-bypass = Umgehungscodes für Ihre zweite Tür wurden erstellt
news-enrolment-code = Ein Code zum Registrieren eines Faktors wurde für Sie erstellt
news-enrolled = Ein Faktor wurde registriert
news-removed = Einer Ihrer Faktoren wurde entfernt
news-not-me = Ihr Telefon wurde gebeten, jemanden einzulassen, und Sie haben gesagt, dass Sie es nicht waren. Setzen Sie ein anderes Passwort: Wer auch immer es war, kennt Ihres
news-not-me-after-yes = Ihr Telefon hat jemanden eingelassen, und Sie haben danach gesagt, dass Sie es nicht waren. Beenden Sie Ihre anderen Sitzungen und setzen Sie ein anderes Passwort
news-not-me-at-help-desk = Jemand hat in Ihrem Namen mit einem Helpdesk gesprochen, wie Sie gesagt haben
news-not-me-in-session = Ihr Telefon wurde gebeten, jemanden einzulassen, und Sie haben gesagt, dass Sie es nicht waren. Beenden Sie Ihre anderen Sitzungen: Wer auch immer es war, hat eine davon
news-not-me-past-first-door = Ihr Telefon wurde gebeten, jemanden einzulassen, und Sie haben gesagt, dass Sie es nicht waren. Wer auch immer es war, hatte die erste Tür schon durchschritten: Ändern Sie, womit Sie sich dort anmelden
news-password-changed = Ihr Passwort wurde geändert
news-guessed =
    { $count ->
        [one] Einmal wurde ein falsches Passwort für Sie probiert, von wo Sie sich nie angemeldet haben
       *[other] { $count }-mal wurden falsche Passwörter für Sie probiert, von wo Sie sich nie angemeldet haben
    }
news-known =
    { $count ->
        [one] Jemand hat einmal Ihr richtiges Passwort angegeben, von wo Sie sich nie angemeldet haben, und kam nicht hinein
       *[other] Jemand hat { $count }-mal Ihr richtiges Passwort angegeben, von wo Sie sich nie angemeldet haben, und kam nicht hinein
    }
news-locked = Ihr Passwort wurde gesperrt
news-locked-to-strangers = Es wurde so oft versucht, Ihr Passwort zu erraten, dass es nur noch von dort gilt, wo Sie sich früher angemeldet haben
news-password-set = Für Sie wurde ein neues Passwort gesetzt
news-phone-reactivated = Eines Ihrer Telefone wurde neu eingerichtet
news-reset-asked = Jemand hat darum gebeten, Ihre Anmeldung zurückzusetzen
news-second-door-shut = Für Sie wurden so viele falsche Codes angegeben, dass Ihre zweite Tür für eine Weile geschlossen wurde
news-session-elsewhere =
    { $count ->
        [one] Eine Ihrer Sitzungen wurde benutzt, von wo Sie sich nie angemeldet haben, und einmal wurde ein falscher Code für sie angegeben
       *[other] Eine Ihrer Sitzungen wurde benutzt, von wo Sie sich nie angemeldet haben, und { $count }-mal wurde ein falscher Code für sie angegeben
    }
news-unlocked = Ihr Passwort wurde entsperrt, und falsche Versuche sind vergessen

## Factors of one's own

code-on-its-way-to = Ein Code ist unterwegs zu dem Telefon, das auf { $last } endet. Er gilt zehn Minuten.
code-in-text = Der Code aus der SMS
add-a-number = Nummer hinzufügen
add-the-number = Nummer hinzufügen
passkey-lives = Ein Passkey wohnt in diesem Gerät, in einem Sicherheitsschlüssel oder im Schlüsselbund Ihres Telefons. Er öffnet die zweite Tür mit einer Berührung, und wo er nach Finger, Gesicht oder PIN fragt, meldet er Sie ohne Passwort an.
passkey-models = Ihre Organisation nimmt nur diese Modelle an: { $models }. Der Browser fragt vielleicht, ob er das Modell Ihres Schlüssels nennen darf.
passkey-add-it = Hinzufügen
what-to-call-it = Wie er heißen soll
such-as-laptop = Zum Beispiel: mein Laptop
no-passkeys-here = Browser legen für eine Adresse ohne Namen keine Passkeys an, und dieser Server ist unter einer solchen bekannt. Ihre Administration kann ihm einen Namen geben.
phone-asks-you = Ihr Telefon fragt Sie, wenn sich jemand mit Ihrem Namen anmeldet, und Sie sagen Ja mit Finger, Gesicht oder PIN. Es braucht keine App aus einem Store: Eine Seite von uns macht das.
key-is-in-app-or-again = Der Schlüssel ist schon in Ihrer App. Geben Sie die sechs Ziffern ein, die sie gerade anzeigt, oder <a href="/">beginnen Sie neu</a>.

## The password

change-my-password = Mein Passwort ändern
password-expired = Ihr Passwort ist abgelaufen. Setzen Sie ein neues, um fortzufahren.
present-password = Bisheriges Passwort
new-password = Neues Passwort
new-password-again = Neues Passwort, noch einmal
password-hint = Mindestens { $least } Zeichen. Mehrere Wörter hintereinander sind lang und leicht zu merken. Es wird auch auf Ihren Geräten Ihr Passwort.
password-hint-alone = Mindestens { $least } Zeichen, weil von Ihnen keine zweite Tür verlangt wird. Mehrere Wörter hintereinander sind lang und leicht zu merken. Es wird auch auf Ihren Geräten Ihr Passwort.
code-for-second-door = Ein Code für die zweite Tür
no-code-at-hand = Keiner zur Hand, weil ein Passkey, Ihr Telefon oder Duo Sie fragt? <a href="/step-up?next=/password">Gehen Sie noch einmal durch die zweite Tür</a>: Zehn Minuten lang wird hier kein Code verlangt.
second-door-for-password = Ein neues Passwort verlangt, dass Sie in den letzten zehn Minuten durch die zweite Tür gegangen sind. Gehen Sie zuerst noch einmal hindurch; danach kommen Sie hierher zurück.
change-it = Ändern
passwords-differ = Die beiden neuen Passwörter sind nicht gleich.

## One's own sign-ins

column-when = Wann
column-where = Wo
column-from = Von
column-doors = Türen
column-result = Ergebnis
column-why = Warum
why-password-wrong = falsches Passwort
why-password-locked = das Passwort war gesperrt
why-password-pending = es war noch kein Passwort gesetzt
why-password-expired = das Passwort war abgelaufen
why-held = zu viele falsche Versuche, daher eine Weile zurückgehalten
why-no-factor = nichts von Ihnen öffnet dort die zweite Tür
why-second-door-wrong = falsche Antwort an der zweiten Tür
why-code-used = der Code war schon benutzt
why-passkey-copied = der Passkey verhielt sich wie eine Kopie des Ihren; sagen Sie es Ihrer Administration
why-factor-not-here = dieser Faktor zählt dort nicht
why-code-texted = ein Code wurde per SMS gesendet, für eine eigene Anmeldung
why-spared = keine zweite Tür wurde verlangt
why-remembered = die zweite Tür war dort schon passiert
why-offline = das Gerät erreichte den Server nicht, und Ihr Passwort genügte
why-second-door-asked = die zweite Tür wurde verlangt
why-not-active = Ihr Konto war nicht aktiv
why-not-there = Sie werden dort nicht eingelassen
why-not-from-there = Sie werden von dort aus nicht eingelassen
why-too-long = es dauerte zu lange
why-gave-up = es wurde abgebrochen
why-both-doors = beide Türen waren passiert
why-session-open = Sie waren schon angemeldet
why-stepped-up = die zweite Tür wurde noch einmal passiert
why-passkey = ein Passkey öffnete beide Türen
why-answered-elsewhere = auf Ihrem Telefon beantwortet
why-unanswered = auf Ihrem Telefon kam nicht rechtzeitig eine Antwort
why-said-no = auf Ihrem Telefon abgelehnt
why-not-me = Sie haben gesagt, dass Sie es nicht waren
why-duo-no = Duo hat nicht bestätigt, dass Sie es waren
why-duo-down = Duo konnte nicht gefragt werden

## What the page before has done

notice-enrolled = Der Faktor ist registriert. Er öffnet von jetzt an die zweite Tür.
notice-factor-removed = Der Faktor ist entfernt. Wer ihn benutzt hat, muss sich neu anmelden.
notice-forgotten = Vergessen. Die nächste Anmeldung dort geht durch beide Türen.
notice-password-changed = Ihr Passwort ist geändert. Ihre anderen Sitzungen sind beendet.
notice-reset-stopped = Aufgehalten. Wenn nicht Sie darum gebeten haben, sagen Sie es sofort Ihrer Administration.
notice-saved = Gespeichert.
notice-session-ended = Die Sitzung ist beendet.
notice-sessions-ended = Die Sitzungen sind beendet.
notice-signed-out = Sie sind abgemeldet.
notice-token-resynced = Das Token ist abgeglichen. Die eingegebenen Codes sind verbraucht.

## Pages that refuse

way-on = Mit der <em>Zurück</em>-Taste Ihres Browsers kommen Sie zu dem, was Sie ausgefüllt haben. Oder gehen Sie zur <a href="/">Startseite</a>.
not-for-you = Nicht für Sie
for-administrators = Diese Seiten sind für die Administration. Bitten Sie einen Inhaber dieser Organisation um eine Rolle.
second-door-first = Erst die zweite Tür
second-door-first-how = Das verlangt eine Anmeldung durch beide Türen. Registrieren Sie einen Faktor mit einem Code Ihrer Administration; melden Sie sich dann ab und wieder an.
not-from-here = Nicht von hier
not-from-here-how = Dieses Formular kam nicht von einer Seite dieses Servers, oder es war zu lange offen. Nichts wurde geändert. Laden Sie die Seite neu und wiederholen Sie es.
not-readable = Nicht lesbar
not-readable-how = Das Formular war nicht lesbar oder ist zu groß. Nichts wurde geändert.
not-found = Nicht gefunden
not-found-how = Diese Seite gibt es nicht. Vielleicht wurde sie gelöscht, oder die Adresse ist nicht vollständig.
only-a-form = Nur für ein Formular
only-a-form-how = Diese Adresse nimmt ein Formular an und zeigt selbst nichts. Nichts wurde geändert. Gehen Sie zurück zur Seite mit dem Formular.
no-way-on = Von hier geht es nicht weiter
missing = Etwas fehlt
missing-passkey = Es wurde kein Passkey verwendet.
not-acceptable = So nicht möglich
not-allowed = Nicht erlaubt
does-not-fit = Passt nicht
changed-meanwhile = Inzwischen geändert
too-busy = Zu viel auf einmal
too-busy-how = Zu viele Anfragen auf einmal; versuchen Sie es gleich noch einmal.
perhaps-done = Vielleicht geschehen
perhaps-done-how = Die Datenbank ging im letzten Augenblick verloren, und ob es geschehen ist, ist nicht bekannt; sehen Sie nach, bevor Sie es erneut versuchen.
something-failed = Etwas ist fehlgeschlagen
something-failed-how = Bei uns ist etwas fehlgeschlagen. Das Protokoll enthält die Einzelheiten unter der Anfragenummer dieser Antwort.

## What the doors say (the English is that of the interfaces, too)

said-cannot-show-digits = Ein Anruf verlangt Ziffern, die hier angezeigt werden, und hier lassen sich keine anzeigen. Bitte verwenden Sie einen Code.
said-cannot-show-number = Eine Anfrage ans Telefon braucht eine Zahl, die hier angezeigt wird, und hier lässt sich keine anzeigen. Bitte verwenden Sie einen Code.
said-country-closed = Diese Nummer gehört zu einem Land, in das nichts gesendet wird. Bitte verwenden Sie einen anderen Faktor.
said-dormant = Dieses Konto wurde lange nicht benutzt; bitten Sie Ihre Administration um einen Registrierungscode.
said-duo-is-down = Duo kann jetzt nicht gefragt werden. Verwenden Sie einen anderen Faktor, falls Sie einen haben, versuchen Sie es später erneut oder fragen Sie Ihre Administration.
said-duo-no-name = Duo kann nicht nach Ihnen gefragt werden, weil Sie hier keine E-Mail-Adresse haben. Fragen Sie Ihre Administration.
said-duo-not-on = Duo öffnet Ihnen diese Tür jetzt nicht. Bitte wählen Sie einen anderen Faktor.
said-duo-said-no = Duo hat Sie nicht durchgelassen. Versuchen Sie es erneut oder verwenden Sie einen anderen Faktor.
said-duo-stale = Was von Duo zurückkam, gehört nicht zu dieser Anmeldung oder kam ein zweites Mal. Bitte wählen Sie noch einmal.
said-enrolled-code-wrong = Dieser Code stimmt nicht; prüfen Sie die Uhr Ihres Telefons und versuchen Sie es erneut.
said-enrolment-code-wrong = Dieser Registrierungscode stimmt nicht oder gilt nicht mehr.
said-enrolment-expired = Diese Registrierung ist abgelaufen; beginnen Sie sie neu.
said-held = Es gab zu viele Anfragen an Ihr Telefon. Bitte verwenden Sie einen Code oder einen Passkey.
said-last-factor = Das ist Ihr letzter Faktor; registrieren Sie zuerst einen anderen.
said-mail-on-its-way = Ein Code ist unterwegs zu Ihrer E-Mail-Adresse.
said-mail-no-more = Im Moment kann nichts mehr gesendet werden. Bitte fragen Sie Ihre Administration.
said-mail-not-sent = Es konnte nicht gesendet werden. Bitte versuchen Sie es später erneut oder fragen Sie Ihre Administration.
said-mailed-code-wrong = Dieser Code stimmt nicht oder gilt nicht mehr.
said-mailed-expired = Das ist abgelaufen; melden Sie sich erneut an.
said-model-not-accepted = Dieser Sicherheitsschlüssel gehört nicht zu den Modellen, die Ihre Organisation annimmt: { $models }.
said-name-control = Ein Name darf keine Steuerzeichen und keine Zeilenumbrüche enthalten.
said-name-empty = Ein Name darf nicht leer sein.
said-name-too-long = Ein Name hat höchstens { $most } Zeichen.
said-new-code-expired = Dieser Code ist abgelaufen; fordern Sie einen neuen an.
said-no-access = Der Zugang ist verweigert. Fragen Sie Ihre Administration.
said-no-answer = Niemand hat rechtzeitig geantwortet. Fragen Sie erneut oder verwenden Sie einen anderen Faktor.
said-no-more = Vorerst kann nichts mehr gesendet werden. Bitte verwenden Sie einen anderen Faktor oder fragen Sie Ihre Administration.
said-no-phone-to-ask = Es gibt kein Telefon, das gefragt werden könnte. Bitte verwenden Sie einen anderen Faktor.
said-no-phone-to-call = Dieses Telefon kann jetzt nicht angerufen werden. Bitte verwenden Sie einen anderen Faktor.
said-no-phone-to-text = Dorthin kann kein Code gesendet werden. Bitte verwenden Sie einen anderen Faktor.
said-no-texts = Hier werden keine Codes per SMS gesendet.
said-nothing-to-enrol = Nichts, was Sie selbst einrichten könnten, öffnet hier eine Tür. Fragen Sie Ihre Administration.
said-not-a-number = Eine Telefonnummer besteht aus `+`, der Landesvorwahl und der Nummer, zum Beispiel `+49 30 1234567`.
said-not-asked = Nichts wartet auf eine Antwort. Bitte wählen Sie noch einmal.
said-not-here = Das öffnet diese Tür nicht mehr. Bitte verwenden Sie einen anderen Faktor.
said-no-factor-here = Diese Anwendung verlangt eine zweite Tür, und nichts von Ihnen öffnet sie dort. Fügen Sie in Ihrem Portal einen Faktor hinzu, oder fragen Sie Ihre Administration.
said-no-name-there = Diese Anwendung kennt Menschen unter einer Angabe, die hier von Ihnen nicht bekannt ist. Bitte fragen Sie Ihre Administration.
said-not-remembered = Dieser Browser ist nicht mehr gemerkt. Bitte gehen Sie durch die zweite Tür.
said-not-registered = Die Anwendung will Sie an eine Adresse schicken, die für sie nicht eingetragen ist; darum werden Sie nicht dorthin geschickt. Für die Betreiber der Anwendung: Tragen Sie den Redirect-URI auf ihrer Seite in der Verwaltung ein, genau wie er in ihrer Konfiguration steht.
said-not-sent = Es konnte nicht gesendet werden. Bitte versuchen Sie es später erneut oder verwenden Sie einen anderen Faktor.
said-old-digits = Die Ziffern dieses Menüs gelten nicht mehr. Bitte wählen Sie noch einmal.
said-by-number = Ein Anruf fragt nach den Ziffern, die im Menü neben ihm stehen. Bitte wählen Sie ihn dort mit seiner Nummer.
said-not-signed = Das kam nicht von einer Anwendung, die hier bekannt ist. Für die Betreiber der Anwendung: Vergleichen Sie Client-ID, Client-Secret und API-Host mit denen auf ihrer Seite in der Verwaltung.
said-nowhere = Es lässt sich nicht feststellen, in welchem Netzwerk Sie sind, darum zählt hier kein Faktor. Fragen Sie Ihre Administration.
said-number-closed = An Nummern dieses Landes wird nichts gesendet.
said-number-code-wrong = Dieser Code stimmt nicht; bitte versuchen Sie es erneut.
said-number-taken = Diese Nummer ist schon da.
said-number-with-role = SMS und Anrufe öffnen niemandem mit einer Rolle eine Tür; verwenden Sie einen Passkey oder eine Authenticator-App.
said-on-its-way = Ein Code ist unterwegs.
said-one-at-a-time = Auf Ihrem Telefon wartet schon eine Anfrage. Beantworten Sie diese oder warten Sie eine Minute.
said-opens-nothing = Ein Faktor dieser Art öffnet nach den jetzigen Einstellungen keine Ihrer Türen; verwenden Sie eine andere Art oder fragen Sie Ihre Administration.
said-passkey-does-not-hold = Die Antwort des Browsers ist nicht gültig; bitte versuchen Sie es erneut.
said-passkey-taken = Dieser Passkey gehört schon jemandem.
said-passkey-used = Diese Antwort wurde schon benutzt; bitte versuchen Sie es erneut.
said-password-again = Wählen Sie ein anderes als das bisherige.
said-password-code-wrong = Dieser Code stimmt nicht oder wurde schon benutzt; geben Sie einen für die zweite Tür an.
said-password-common = Es ist eines der Passwörter, die zuerst geraten werden.
said-password-is-name = Es ist kaum mehr als Ihr Name.
said-password-is-organization = Es ist kaum mehr als der Name der Organisation.
said-password-line-breaks = Ein Passwort darf keine Zeilenumbrüche enthalten.
said-password-short = Verwenden Sie mindestens { $least } Zeichen; mehrere Wörter hintereinander sind leicht zu merken.
said-password-short-alone = Verwenden Sie mindestens { $least } Zeichen, weil keine zweite Tür verlangt wird; mehrere Wörter hintereinander sind leicht zu merken.
said-password-too-long = Das Passwort ist länger als { $most } Bytes.
said-phone-code-wrong = Dieser Code stimmt nicht oder gilt nicht mehr; holen Sie sich auf Ihrer eigenen Seite einen neuen.
said-phone-did-not-sign = Der Schlüssel des Telefons hat diese Anfrage nicht unterschrieben.
said-phone-has-no-key = Das Telefon hat nicht gezeigt, dass es seinen Schlüssel hat; bitte versuchen Sie es erneut.
said-phone-number-wrong = Das ist nicht die Zahl, die bei der Anmeldung angezeigt wird.
said-present-password-wrong = Das ist nicht Ihr bisheriges Passwort.
said-request-over = Diese Anfrage ist vorbei.
said-said-no = Die Anfrage wurde auf dem Telefon abgelehnt.
said-start-again = Diese Anmeldung ist abgelaufen. Bitte beginnen Sie von vorn.
said-too-late = Diese Anmeldung hat zu lange gedauert, oder sie wurde in einem anderen Fenster beendet oder neu begonnen. Gehen Sie zur Anwendung zurück und melden Sie sich noch einmal an.
said-too-many = Zu viele Versuche. Bitte warten Sie und versuchen Sie es erneut.
said-too-many-a-minute = Zu viele Versuche. Bitte warten Sie eine Minute und versuchen Sie es erneut.
said-too-many-hours =
    { $hours ->
        [one] Zu viele Versuche. Bitte warten Sie { $hours } Stunde und versuchen Sie es erneut.
       *[other] Zu viele Versuche. Bitte warten Sie { $hours } Stunden und versuchen Sie es erneut.
    }
said-too-many-minutes =
    { $minutes ->
        [one] Zu viele Versuche. Bitte warten Sie { $minutes } Minute und versuchen Sie es erneut.
       *[other] Zu viele Versuche. Bitte warten Sie { $minutes } Minuten und versuchen Sie es erneut.
    }
said-too-many-numbers = Es gibt schon { $most } Telefone; entfernen Sie zuerst eines.
said-too-many-apps = Sie haben schon { $most } Authenticator-Apps; entfernen Sie zuerst eine.
said-too-many-passkeys = Sie haben schon { $most } Passkeys; entfernen Sie zuerst einen.
said-too-many-phones = Sie haben schon { $most } Telefone; entfernen Sie zuerst eines.
said-token-not-in-step = Das sind nicht die Codes, die dieses Token nacheinander anzeigt, oder sie wurden schon benutzt.
said-too-soon = Eine Nachricht ist unterwegs. Bitte warten Sie eine halbe Minute, bevor Sie eine weitere anfordern.
said-used-code = Dieser Code wurde schon benutzt. Bitte warten Sie auf den nächsten.
said-wrong = Der Name oder das Passwort ist nicht richtig.
said-wrong-code = Dieser Code stimmt nicht. Bitte versuchen Sie es erneut.
said-wrong-passkey = Dieser Passkey hat die Tür nicht geöffnet. Bitte versuchen Sie es erneut oder verwenden Sie einen anderen Faktor.

## Applications of a person
applications = Anwendungen
applications-all = Alle Anwendungen
applications-find = Anwendung suchen
applications-no-fit = Keine Ihrer Anwendungen hat „{ $text }“ im Namen.
applications-none = Noch steht Ihnen keine Anwendung offen. Bitten Sie Ihre Administration um die, die Sie brauchen; sie erscheint hier von selbst.
favourite = Favorit
favourite-of = { $name } unter den Favoriten behalten
favourites = Favoriten
search = Suchen
search-count = Treffer: { $count }
search-found = Treffer
search-how-own = Geben Sie einen Teil des Namens einer Anwendung, eines Ihrer Faktoren oder einer Seite ein.
search-keys = Auf jeder Seite führt / oder Strg+K zur Suche; die Pfeiltasten wählen aus, die Eingabetaste öffnet.
search-nothing = Nichts passt zu „{ $text }“.
search-of = Suche: { $text }
search-own = In Ihren Anwendungen, Faktoren und Seiten suchen
search-pages = Seiten
search-slash = Die Taste / führt zur Suche
used-lately = Zuletzt benutzt

this-device = Dieses Gerät
this-device-why = Manche Türen öffnen sich nur auf Geräten Ihrer Organisation. Ist dies eines, kann der Sallyport-Agent darauf es bezeugen.
this-device-ask = Den Agenten fragen
this-device-if-not = Sagt Ihr Browser, dass er keine Verbindung herstellen kann, gibt es hier keinen Agenten. Gehen Sie zurück und nutzen Sie ein Gerät Ihrer Organisation.
this-device-show = Zeigen, dass dies ein Gerät Ihrer Organisation ist
this-device-late = Das hat zu lange gedauert oder begann in einem anderen Browser. Bitte versuchen Sie es noch einmal.
this-device-unknown = Dies ist kein Gerät Ihrer Organisation, das Sie benutzen dürfen. Fragen Sie Ihre Administratoren.
