## The language itself

language-name = Italiano
direction = ltr
choose-language = Lingua

## Words that stand alone

or = oppure
code = Codice
password = Password
sign-in = Accedi
sign-out = Esci
proceed = Continua
go-on = Prosegui
enrol = Registra
done = Fatto
not-now = Non ora
my-phone = Il mio telefono

## Signing in

user-name = Nome utente
sign-in-with-passkey = Accedi con una passkey
enrolment-code-question = Ha un codice di registrazione? <a href="/enroll">Configuri il suo secondo fattore</a>
not-set-up = Questa organizzazione non è ancora configurata. Apra il link monouso che il server ha mostrato all’avvio.

## The second door, wherever it stands

second-door = Seconda porta
one-more-door = Ancora una porta
start-again = Ricomincia
your-factors = I suoi fattori
remember-hours =
    { $count ->
        [one] Ricorda questo browser per un’ora
        [many] Ricorda questo browser per { $count } di ore
       *[other] Ricorda questo browser per { $count } ore
    }
remember-days =
    { $count ->
        [one] Ricorda questo browser per un giorno
        [many] Ricorda questo browser per { $count } di giorni
       *[other] Ricorda questo browser per { $count } giorni
    }
phone-rings = <strong>{ $phone }</strong> squilla. Risponda e digiti lì queste cifre
type-number-on = Digiti questo numero su <strong>{ $phone }</strong>
answer-request-on = Risponda alla richiesta su <strong>{ $phone }</strong>.
one-minute = Ha un minuto di tempo. Non digiti mai un numero che le detta qualcun altro.
i-have-answered = Ho risposto
waiting-is-over = È arrivata una risposta o il minuto è trascorso. Prosegua con il pulsante qui sotto.
ask-phone = Chiedi a { $phone }
ask-phone-again = Chiedi di nuovo a { $phone }
call-phone = Chiama { $phone }
call-phone-again = Chiama di nuovo { $phone }
text-me = Inviami un codice via SMS: { $phone }
use-passkey = Usa una passkey
go-on-with-duo = Prosegui con Duo
passkey-needs-script = Una passkey richiede un browser che esegua il nostro script.
passkey-needs-script-here = Una passkey richiede un browser che esegua il nostro script. Chieda all’amministratore un codice di bypass.

## Under the field for a code: one or several of these sentences

hint-app = Apra la sua app di autenticazione e digiti le sei cifre che mostra ora.
hint-token = Digiti ciò che mostra il suo token hardware, dopo aver premuto il pulsante se ne ha uno.
hint-or-token = Oppure digiti ciò che mostra il suo token hardware, dopo aver premuto il pulsante se ne ha uno.
hint-text = Si faccia inviare un codice, qui sotto, e lo digiti qui.
hint-or-text = Oppure si faccia inviare un codice, qui sotto, e lo digiti qui.
hint-bypass = Va bene anche un codice di bypass dell’amministratore.
none-at-hand = Non ha nulla di questo a portata di mano? Si rivolga all’assistenza.

## What the browser says about a passkey

passkey-known = Questo dispositivo o questa chiave è già registrato.
passkey-bad-address = Il browser non crea passkey per questo indirizzo.
passkey-not-used = Non è stata usata alcuna passkey. Riprovi o usi qualcos’altro.

## The prompt in front of an application

wants-to-know = <strong>{ $application }</strong> vuole sapere se è davvero lei, <strong>{ $user }</strong>.
cancel-to = Annulla e torna a { $application }
back-to = Torna a { $application }
sign-in-for = Per proseguire verso <strong>{ $application }</strong>.
stays-shut = Questa porta resta chiusa
asked-about = <strong>{ $application }</strong> ha chiesto di <strong>{ $user }</strong>.
factor-first = Prima le serve un secondo fattore
factor-first-for = <strong>{ $application }</strong> richiede la seconda porta e ancora nulla di suo la apre, <strong>{ $user }</strong>. Chieda all’amministratore un codice di registrazione; con quello configura in un minuto un’app di autenticazione o una passkey. Poi acceda di nuovo a { $application }.
factor-first-here = <strong>{ $application }</strong> chiede la seconda porta, e nulla di suo, <strong>{ $user }</strong>, la apre ancora. Con un codice configura qui in un minuto un’app di autenticazione o una passkey, e prosegue verso { $application }.
code-of-mail-or-administrator = Il codice che le è stato inviato per e-mail, o uno che le ha dato l’amministratore.
have-enrolment-code = Ho un codice di registrazione
going-back = Ritorno
being-taken-back = La riportiamo da dove è venuto.
applications-are-told = Le applicazioni a cui era collegato vengono avvisate una dopo l’altra. Può chiudere questa pagina in qualsiasi momento.
go-on-by-hand = Prosegui manualmente
on-to-duo = Verso Duo
taken-to-duo = La portiamo a Duo, che chiede il suo secondo fattore e la rimanda qui.

## An application that is told about somebody

consent-title = <strong>{ $application }</strong> vuole sapere chi è lei
consent-told = Se accetta, le viene comunicato:
consent-sub = che è lei
consent-profile = il suo nome e il suo nome utente
consent-email = il suo indirizzo e-mail
consent-phone = il suo numero di telefono
consent-groups = di quali gruppi fa parte
consent-offline = tutto questo anche mentre è assente
consent-other = ciò che chiama <strong>{ $scope }</strong>
consent-yes = Accetta
consent-no = Non accettare
leave-title = Uscire?
leave-wish = <strong>{ $application }</strong> vuole farla uscire.
leave-what = Uscirà da qui e dalle applicazioni che vogliono saperlo.
leave-yes = Sì, esci
leave-no = Resta collegato
device-title = Collegare un dispositivo
device-what = Digiti il codice mostrato dal suo dispositivo o programma.
device-code = Codice del dispositivo
device-wrong = Questo codice non esiste o è scaduto. Guardi di nuovo il suo dispositivo.
device-too-many = Troppi codici errati. Riprovi fra dieci minuti.
device-confirm = È il suo dispositivo?
device-asks = <strong>{ $application }</strong> vuole accedere a nome suo, <strong>{ $user }</strong>.
device-shows = Il suo dispositivo deve mostrare questo codice:
device-from = La richiesta viene da <strong>{ $place }</strong>.
device-warning = Se qualcuno le ha mandato questo codice o un link a questa pagina, non prosegua: accederebbe al posto suo.
device-yes = Sì, collegalo
device-no = No, non è mio
device-done = Continui sul suo dispositivo
device-done-how = <strong>{ $application }</strong> ha effettuato l’accesso. Può chiudere questa pagina.
device-refused = <strong>{ $application }</strong> non ha effettuato l’accesso.

## The second door once more

on-another-network = È su un’altra rete
second-door-again = Di nuovo la seconda porta
step-up-with-nothing = Ciò che vuole richiede di nuovo la seconda porta da qui, e ora nulla di suo la apre. Chieda all’amministratore un codice di bypass.
step-up-now = Passi di nuovo la seconda porta per proseguire.
my-own-pages = Le mie pagine

## Enrolling the first factor

set-up-factor = Configuri il suo secondo fattore
enrolment-needed = Registrazione necessaria
enrolment-needed-how = La password è giusta, ma ancora nulla di suo apre la seconda porta. Chieda all’amministratore un codice di registrazione; con quello configura in un minuto un’app di autenticazione o una passkey.
enrolment-by-mail-how = La password è giusta, ma ancora nulla di suo apre la seconda porta. Con un codice inviato per e-mail configura in un minuto un’app di autenticazione o una passkey.
mail-me-a-code = Inviami un codice per e-mail: { $to }
have-administrators-code = Ho un codice di registrazione di un amministratore
type-mailed-code = Digiti il codice che le è stato inviato per e-mail. Vale un quarto d’ora, e solo in questo browser.
type-mailed-code-to = Digiti il codice inviato a { $to }. Vale un quarto d’ora, e solo in questo browser.
code-from-mail = Codice nell’e-mail
mail-me-another = Inviamene un altro per e-mail
what-you-need = Le servono il codice di registrazione dato dall’amministratore e un’app di autenticazione sul telefono o una passkey.
enrolment-code = Codice di registrazione
back-to-sign-in = Torna all’accesso
your-factor-of = Il suo secondo fattore, { $name }
add-account-in-app = Apra la sua app di autenticazione e aggiunga un account.
scan-picture = Scansioni questa immagine:
scan-picture-not-drawn = Scansioni questa immagine (non è stato possibile disegnarla; digiti invece la chiave):
qr-of-app = Codice QR per l’app di autenticazione di { $name }
or-type-key = Oppure digiti la chiave
key-kind = Basata sull’ora, sei cifre, ogni 30 secondi.
six-digits-now = Le sei cifre che l’app mostra ora
or-without-app = oppure senza app
use-phone-page = Usa una pagina sul telefono che le chiede conferma
use-passkey-or-key = Usa una passkey o un token di sicurezza
come-back = Se viene interrotto, torni a <code>/enroll</code> entro un giorno con il codice <strong>{ $code }</strong>
once-more = Ancora una volta
key-is-in-app = La chiave è già nella sua app. Digiti le sei cifre che mostra ora.
start-with-code = Ricomincia con il codice di registrazione
enrolled = Registrato
enrolled-passkey = Da ora la sua passkey apre la seconda porta, dietro la password. Quando sarà entrato da entrambe, potrà farla accedere da sola dove la sua organizzazione lo permette. Gli accessi ai dispositivi e nei programmi non possono chiederla: se le servono, aggiunga anche un’app di autenticazione in <em>Le mie porte</em>.
enrolled-app = Da ora la sua app di autenticazione apre la seconda porta. Il codice appena digitato è consumato; per accedere attenda il prossimo.
your-phone = Il suo telefono
when-phone-is-yours = Quando il telefono dice che è suo, acceda qui.
scan-with-phone = Scansioni questa immagine con il telefono, oppure vi apra <code>{ $address }</code>.
open-on-phone = Apra <code>{ $address }</code> sul telefono.
open-on-this-phone = Il telefono è questo: apra la pagina qui
home-screen-first = Su un iPhone o iPad, metta prima la pagina nella schermata Home e la apra da lì.
activate-with-code = La attivi con questo codice, che vale una volta e per quindici minuti.
qr-of-phone = Codice QR della pagina del telefono

## The phone page

phone-needs-script = Questa pagina risponde alle richieste con una chiave del telefono, e per questo richiede un browser che esegua il nostro script.
make-this-yours = Renda suo questo telefono
add-a-phone-there = Nella sua pagina, in <em>Le mie porte</em>, scelga <em>Aggiungi un telefono</em>. Scansioni lì l’immagine oppure digiti qui il suo codice.
install-first = Su un iPhone o iPad, metta prima questa pagina nella schermata Home (Condividi, poi <em>Aggiungi alla schermata Home</em>), la apra da lì e digiti lì il codice.
name-this-phone = Come chiamare questo telefono
activate = Attiva
no-screen-lock = Questo telefono non ha un blocco schermo
ready = Pronto
requests-appear = Le richieste per <strong id="who"></strong> compaiono qui. Questo è <strong id="phone-name"></strong>.
wake-this-phone = Risveglia questo telefono quando la pagina è chiusa
is-woken = Il telefono viene risvegliato dal produttore del suo browser, che viene a sapere che è stato inviato qualcosa e nient’altro.
give-up = Rinuncia a questo telefono…
give-up-means = Non apre più alcuna porta finché non viene attivato di nuovo.
give-it-up = Rinuncia
is-this-you = È lei?
request-what = Accesso a
request-from = Da
request-device = Dispositivo
request-at = Ora
number-where-you-sign-in = Il numero mostrato dove accede
let-me-in = Sì, mi faccia entrare
no = No
not-me = Non l’ho chiesto io
requests-of-last-hour = Richieste dell’ultima ora

## What the script of the phone page says

server-refused = Il server ha rifiutato.
phone-not-confirmed = Il telefono non ha confermato che è lei. Riprovi.
server-not-reached = Il server non è raggiungibile. Riprovi.
key-lost = Questo browser ha perso la sua chiave. Rinunci al telefono e lo attivi di nuovo.
phone-is-yours = Ora questo telefono è suo.
unknown-address = un indirizzo sconosciuto
you-let-yourself-in = Ha autorizzato il suo ingresso.
you-said-no = Ha detto di no.
you-said-not-me = Gli amministratori vedono che non era lei. Che cosa fare ora si trova nel portale.
you-said-not-me-after-yes = I suoi amministratori possono vederlo. Ciò a cui aveva detto di sì è stato aperto: termini le sue sessioni nel portale e cambi la password.
help-desk-asks = Sta parlando ora con l’assistenza?
asked-by = Richiesto da
number-they-read = Il numero che le viene letto
yes-that-is-me = Sì, sono io
not-speaking = Non sto parlando con nessuno
you-confirmed = L’assistenza ora sa che è lei.
you-said-not-speaking = L’assistenza saprà che non era lei. Non comunichi codici a nessuno.
notifications-refused = Al browser non è stato permesso di mostrare notifiche. Le richieste compaiono comunque finché questa pagina è aperta.
cannot-be-woken = Questo browser non può essere risvegliato. Le richieste compaiono comunque finché questa pagina è aperta.
woken-again = Il produttore del suo browser non poteva più svegliare questo telefono. Ora può di nuovo.
woken-no-more = Il produttore del suo browser non può più svegliare questo telefono. Lo faccia svegliare di nuovo qui sotto, o lasci aperta questa pagina.
somebody-signs-in = Qualcuno sta accedendo
open-to-see = Apra per vedere dove, e per dire sì o no.
account-changed = Qualcosa è cambiato nel suo account
account-changed-look = Apra per vedere che cosa. Se non è stato lei, lo dica al suo amministratore.

## Around a page of the portal

to-the-content = Vai al contenuto
show-the-menu = Mostra il menu
main-menu = Menu principale
administration = Amministrazione
light-or-dark = Chiaro o scuro
my-doors = Le mie porte
my-sign-ins = I miei accessi
next-page = Pagina successiva
undo = Annulla operazione

## The front page of the portal

hello = Buongiorno, { $name }
since-you-looked = Dalla sua ultima visita
news-by-you = { $when }, da lei
news-by = { $when }, da { $who }
news-from-by-you = { $when } da { $source }, per mano sua
news-from-by = { $when } da { $source }, per mano di { $who }
reset-not-before = Non succede nulla prima di { $until }.
reset-not-you = Se non l’ha chiesto lei, lo fermi. Non perde nulla.
stop-reset = Ferma
was-it-you = Qualcosa di questo non è opera sua né di qualcuno a cui l’ha chiesto? <a href="/password">Cambi la password</a> e avvisi l’amministratore.
have-seen = Ho visto
my-factors = I miei fattori
no-factors = Ancora nulla di suo apre la seconda porta. Chieda all’amministratore un codice di registrazione e <a href="/enroll">configuri un’app di autenticazione</a>.
duo-asks-you = Le chiede alla seconda porta. I suoi telefoni e chiavi lì sono tenuti da Duo e non qui.
devices-at-duo = I miei dispositivi in Duo
devices-at-duo-more = I miei dispositivi in Duo…
duo-manage-devices = La pagina di Duo ha <em>Manage devices</em> dove l’amministratore lo permette. Poi torna qui.
open-duo = Apri la pagina di Duo
factor-since = { $kind }, dal { $since }
factor-until = { $kind }, dal { $since }, fino al { $until }
codes-left = codici rimasti: { $left } di { $of }
passkey-of-model = { $model }, attestato dal produttore (<code>{ $aaguid }</code>)
passkey-shut = Non apre nessuna porta: la sua organizzazione accetta solo altri modelli
reactivate-more = Configura di nuovo…
reactivate-means = La sua pagina è andata persa, o è un altro apparecchio? Con un nuovo codice torna a essere lo stesso telefono, con il suo nome. Fino ad allora vale ciò che ha ora. Se è in mani sbagliate, lo rimuova.
reactivate = Mostra un codice
reactivate-named = Configura di nuovo { $name }
rename-more = Rinomina…
rename = Rinomina
new-name-of = Nuovo nome di { $name }
remove-more = Rimuovi…
remove-means = Non apre più alcuna porta, e lei viene disconnesso ovunque.
remove-it = Rimuovi
step-token-more = Risincronizza…
step-token-how = Quando i suoi codici vengono rifiutati: il pulsante è stato premuto troppo spesso, o l’orologio non è esatto. Digiti i codici come li mostra uno dopo l’altro, senza saltarne.
step-token = Risincronizza
code-number = Codice { $number }
code-number-of = Codice { $number } di { $name }
add-app = Aggiungi un’app di autenticazione
add-passkey = Aggiungi una passkey
add-phone = Aggiungi un telefono
add-number-more = Aggiungi un numero per gli SMS…
number = Numero
what-you-call-it = Come lo chiama
text-a-code-there = Invia lì un codice
numbers-are-weak = Una passkey o un’app di autenticazione è più sicura: i numeri si possono rubare.
elsewhere-step-up = È su un’altra rete. Per vedere e cambiare i suoi fattori, le sessioni e gli accessi, <a href="/step-up?next=/">passi di nuovo la seconda porta</a>.
one-door-only = È entrato da una porta sola. Per vedere e cambiare i suoi fattori, le sessioni e gli accessi, acceda da entrambe.
one-door-step-up = È entrato da una porta sola. Per vedere e cambiare i suoi fattori, le sessioni e gli accessi, <a href="/step-up?next=/">passi la seconda</a>.
my-devices = I miei dispositivi
no-devices = Finora non ha un account su alcun dispositivo. Un amministratore la associa a uno.
device = Dispositivo
my-right-there = Il mio diritto lì
state = Stato
right-administrator = amministratore
right-standard = standard
device-active = attivo
device-quarantined = in quarantena
device-revoked = revocato
lately = Di recente alle mie porte
all = Tutto
something-wrong = Qualcosa che non ha fatto lei? Cambi la password e avvisi l’amministratore.
where-signed-in = Dove ho effettuato l’accesso
here = qui
end = Termina
end-session-in = Termina la sessione in { $browser }
end-others = Termina tutte le altre
where-remembered = Dove vengo ricordato
forget = Dimentica
forget-browser = Dimentica { $browser }
forget-all = Dimentica tutti
remembered-at = { $place }, dal { $since } fino al { $until }
remembered-everywhere = { $place } e tutti gli altri che lo prevedono, dal { $since } fino al { $until }
session-since = dal { $since }, ultimo uso { $used }
session-since-from = dal { $since } da { $source }, ultimo uso { $used }
both-doors-from = entrambe le porte passate da { $networks }
at-time = { $when }
at-time-from = { $when } da { $source }
portal = Portale
rest-api = API REST
browser-on = { $browser } su { $system }
unknown-browser = browser sconosciuto
command-line = Riga di comando

## Kinds of factors, states and doors of a sign-in

factor-bypass = codici di un amministratore
factor-token = token hardware
factor-passkey = passkey
factor-number = numero di telefono
factor-push = telefono che chiede
factor-app = app di autenticazione
factor-mail = indirizzo e-mail
state-first-door = prima porta
state-second-door = seconda porta
state-allowed = consentito
state-denied = negato
by-password = password
by-session = sessione
by-vouched = garantito da { $system }

## What happened to one's account

news-access-reused = Ciò con cui un’applicazione agiva a suo nome è arrivato una seconda volta. Qualcuno potrebbe averlo copiato, perciò è stato annullato
news-addresses-changed = I suoi indirizzi e-mail sono stati cambiati
news-bypass = Sono stati creati codici di bypass per la sua seconda porta
news-enrolment-code = È stato creato un codice per registrare un suo fattore
news-enrolled = È stato registrato un fattore
news-removed = È stato rimosso un suo fattore
news-not-me = Al suo telefono è stato chiesto di far entrare qualcuno e lei ha detto di non essere stato lei. Imposti un’altra password: chiunque fosse conosce la sua
news-not-me-after-yes = Il suo telefono ha fatto entrare qualcuno, e lei ha detto dopo che non era lei. Termini le altre sessioni e imposti un’altra password
news-not-me-at-help-desk = Qualcuno ha parlato con un’assistenza a suo nome, come lei ha detto
news-not-me-in-session = Al suo telefono è stato chiesto di far entrare qualcuno e lei ha detto di non essere stato lei. Termini le altre sue sessioni: chiunque fosse ne ha una
news-not-me-past-first-door = Al suo telefono è stato chiesto di far entrare qualcuno e lei ha detto di non essere stato lei. Chiunque fosse aveva passato la prima porta: cambi ciò con cui accede lì
news-password-changed = La sua password è stata cambiata
news-guessed =
    { $count ->
        [one] È stata provata una volta una password sbagliata a suo nome, da dove non ha mai effettuato l’accesso
       *[other] Sono state provate { $count } volte password sbagliate a suo nome, da dove non ha mai effettuato l’accesso
    }
news-known =
    { $count ->
        [one] Qualcuno ha dato una volta la sua password giusta, da dove non ha mai effettuato l’accesso, e non è entrato
       *[other] Qualcuno ha dato { $count } volte la sua password giusta, da dove non ha mai effettuato l’accesso, e non è entrato
    }
news-locked = La sua password è stata bloccata
news-locked-to-strangers = Si è tentato così spesso di indovinare la sua password che ora apre solo da dove aveva già effettuato l’accesso
news-password-set = È stata impostata una nuova password per lei
news-phone-reactivated = Un suo telefono è stato configurato di nuovo
news-reset-asked = Qualcuno ha chiesto di reimpostare il suo accesso
news-second-door-shut = Sono stati inseriti così tanti codici errati a suo nome che la sua seconda porta è stata chiusa per un po’
news-session-elsewhere =
    { $count ->
        [one] Una sua sessione è stata usata da dove non ha mai effettuato l’accesso, e una volta è stato dato un codice sbagliato
       *[other] Una sua sessione è stata usata da dove non ha mai effettuato l’accesso, e { $count } volte è stato dato un codice sbagliato
    }
news-unlocked = La sua password è stata sbloccata e i tentativi sbagliati sono stati dimenticati

## Factors of one's own

code-on-its-way-to = Un codice è in arrivo sul telefono il cui numero finisce con { $last }. Vale dieci minuti.
code-in-text = Il codice nell’SMS
add-a-number = Aggiungi un numero
add-the-number = Aggiungi il numero
passkey-lives = Una passkey si trova in questo dispositivo, in un token di sicurezza o nel portachiavi del telefono. Apre la seconda porta con un tocco e, dove chiede dito, volto o PIN, la fa accedere senza password.
passkey-models = La sua organizzazione accetta solo questi modelli: { $models }. Il browser potrebbe chiedere se può comunicare qual è il suo.
passkey-add-it = Aggiungi
what-to-call-it = Come chiamarla
such-as-laptop = Per esempio: il mio portatile
no-passkeys-here = I browser non creano passkey per un indirizzo senza nome, e questo server è noto con uno di questi. L’amministratore può dargli un nome.
phone-asks-you = Il telefono le chiede conferma quando qualcuno accede con il suo nome, e lei dice di sì con il dito, il volto o il PIN. Non serve alcuna app di uno store: lo fa una nostra pagina.
key-is-in-app-or-again = La chiave è già nella sua app. Digiti le sei cifre che mostra ora, oppure <a href="/">ricominci</a>.

## The password

change-my-password = Cambia la mia password
password-expired = La password è scaduta. Ne imposti una nuova per proseguire.
present-password = Password attuale
new-password = Nuova password
new-password-again = Nuova password, ancora una volta
password-hint = Almeno { $least } caratteri. Più parole in fila sono lunghe e facili da ricordare. Diventa la sua password anche sui suoi dispositivi.
password-hint-alone = Almeno { $least } caratteri, perché non le viene chiesta una seconda porta. Più parole in fila sono lunghe e facili da ricordare. Diventa la sua password anche sui suoi dispositivi.
code-for-second-door = Un codice per la seconda porta
no-code-at-hand = Non ne ha, perché le chiede una passkey, il suo telefono o Duo? <a href="/step-up?next=/password">Passi di nuovo la seconda porta</a>: per dieci minuti qui non si chiede alcun codice.
second-door-for-password = Una nuova password richiede di aver passato la seconda porta negli ultimi dieci minuti. La passi prima di nuovo; poi tornerà qui.
change-it = Cambia
passwords-differ = Le due nuove password non sono uguali.

## One's own sign-ins

column-when = Quando
column-where = Dove
column-from = Da
column-doors = Porte
column-result = Esito
column-why = Perché
why-password-wrong = password errata
why-password-locked = la password era bloccata
why-password-pending = non c’era ancora una password
why-password-expired = la password era scaduta
why-held = troppi tentativi errati, quindi un’attesa
why-no-factor = niente di suo apre lì la seconda porta
why-second-door-wrong = risposta errata alla seconda porta
why-code-used = il codice era già stato usato
why-passkey-copied = la passkey si è comportata come una copia della sua; avvisi l’amministratore
why-factor-not-here = quel fattore lì non vale
why-code-texted = è stato inviato un codice per SMS, da scrivere in un altro accesso
why-spared = la seconda porta non è stata richiesta
why-remembered = la seconda porta era già stata passata lì
why-offline = il dispositivo non raggiungeva il server ed è bastata la sua password
why-second-door-asked = è stata richiesta la seconda porta
why-not-active = il suo account non era attivo
why-not-there = lì non viene fatto entrare
why-not-from-there = da lì non viene fatto entrare
why-too-long = ha richiesto troppo tempo
why-gave-up = è stato abbandonato
why-both-doors = sono state passate entrambe le porte
why-session-open = aveva già effettuato l’accesso
why-stepped-up = la seconda porta è stata passata ancora una volta
why-passkey = una passkey ha aperto entrambe le porte
why-answered-elsewhere = risposto sul suo telefono
why-unanswered = nessuna risposta in tempo sul suo telefono
why-said-no = negato sul suo telefono
why-not-me = lei ha detto di non essere stato lei
why-duo-no = Duo non ha detto che era lei
why-duo-down = non è stato possibile chiedere a Duo

## What the page before has done

notice-enrolled = Il fattore è registrato. Da ora apre la seconda porta.
notice-factor-removed = Il fattore è rimosso. Chi lo ha usato deve accedere di nuovo.
notice-forgotten = Dimenticato. Il prossimo accesso da lì passa entrambe le porte.
notice-password-changed = La password è cambiata. Le sue altre sessioni sono terminate.
notice-reset-stopped = Fermato. Se non l’ha chiesto lei, lo dica subito al suo amministratore.
notice-saved = Salvato.
notice-session-ended = La sessione è terminata.
notice-sessions-ended = Le sessioni sono terminate.
notice-signed-out = È uscito.
notice-token-resynced = Il token è risincronizzato. I codici digitati sono consumati.

## Pages that refuse

way-on = Il pulsante <em>Indietro</em> del browser riporta a ciò che ha compilato. Oppure vada alla <a href="/">pagina iniziale</a>.
not-for-you = Non per lei
for-administrators = Queste pagine sono per gli amministratori. Chieda un ruolo a un proprietario di questa organizzazione.
second-door-first = Prima la seconda porta
second-door-first-how = Questo richiede un accesso da entrambe le porte. Registri un fattore con un codice dell’amministratore, poi esca e acceda di nuovo.
not-from-here = Non da qui
not-from-here-how = Questo modulo non veniva da una pagina di questo sito, o è rimasto aperto troppo a lungo. Non è stato cambiato nulla. Ricarichi la pagina e ripeta.
not-readable = Illeggibile
not-readable-how = Il modulo non è leggibile, o è troppo grande. Non è stato cambiato nulla.
not-found = Non trovato
not-found-how = Questa pagina non esiste. Forse è stata eliminata, o l’indirizzo non è completo.
only-a-form = Solo per un modulo
only-a-form-how = Questo indirizzo riceve un modulo e da solo non mostra nulla. Non è stato cambiato nulla. Torni alla pagina con il modulo.
no-way-on = Da qui non si prosegue
missing = Manca qualcosa
missing-passkey = Non è stata usata alcuna passkey.
not-acceptable = Non accettabile
not-allowed = Non permesso
does-not-fit = Non è possibile
changed-meanwhile = Cambiato nel frattempo
too-busy = Troppo in una volta
too-busy-how = Troppe richieste in una volta; riprovi tra poco.
perhaps-done = Forse fatto
perhaps-done-how = Il database si è perso all’ultimo momento e non si sa se sia stato fatto; guardi prima di riprovare.
something-failed = Qualcosa non ha funzionato
something-failed-how = Qualcosa non ha funzionato da parte nostra. Il registro contiene i dettagli sotto l’identificativo di richiesta di questa risposta.

## What the doors say (the English is that of the interfaces, too)

said-cannot-show-digits = Una chiamata chiede cifre mostrate qui, e qui non se ne possono mostrare. Usi un codice.
said-cannot-show-number = Una richiesta al telefono ha bisogno di un numero mostrato qui, e qui non si può mostrare. Usi un codice.
said-country-closed = Questo numero è di un paese a cui non si invia nulla. Usi un altro fattore.
said-dormant = Questo account non è stato usato da molto; chieda all’amministratore un codice di registrazione.
said-duo-is-down = Ora non si può chiedere a Duo. Usi un altro fattore se ne ha uno, riprovi più tardi o chieda all’amministratore.
said-duo-no-name = Non si può chiedere a Duo di lei, perché qui non ha un indirizzo e-mail. Chieda all’amministratore.
said-duo-not-on = Duo ora non le apre questa porta. Scelga un altro fattore.
said-duo-said-no = Duo non l’ha fatta passare. Riprovi o usi un altro fattore.
said-duo-stale = Ciò che è tornato da Duo non appartiene a questo accesso, o è arrivato una seconda volta. Scelga di nuovo.
said-enrolled-code-wrong = Il codice non è giusto; controlli l’ora del telefono e riprovi.
said-enrolment-code-wrong = Il codice di registrazione non è giusto o non vale più.
said-enrolment-expired = Questa registrazione è scaduta; la ricominci.
said-held = Ci sono state troppe richieste al suo telefono. Usi un codice o una passkey.
said-last-factor = Questo è il suo ultimo fattore; prima ne registri un altro.
said-mail-on-its-way = Un codice è in arrivo al suo indirizzo e-mail.
said-mail-no-more = Per ora non si può inviare altro. Chieda all’amministratore.
said-mail-not-sent = Non è stato possibile inviarlo. Riprovi più tardi o chieda all’amministratore.
said-mailed-code-wrong = Il codice non è giusto o non vale più.
said-mailed-expired = Questo è scaduto; acceda di nuovo.
said-model-not-accepted = Questo token di sicurezza non è tra i modelli che la sua organizzazione accetta: { $models }.
said-name-control = Un nome non deve contenere caratteri di controllo né interruzioni di riga.
said-name-empty = Un nome non deve essere vuoto.
said-name-too-long = Un nome ha al massimo { $most } caratteri.
said-new-code-expired = Questo codice è scaduto; ne chieda un altro.
said-no-access = Accesso negato. Chieda all’amministratore.
said-no-answer = Nessuno ha risposto in tempo. Chieda di nuovo o usi un altro fattore.
said-no-more = Per ora non si può inviare altro. Usi un altro fattore o chieda all’amministratore.
said-no-phone-to-ask = Non c’è un telefono a cui chiedere. Usi un altro fattore.
said-no-phone-to-call = Ora quel telefono non può essere chiamato. Usi un altro fattore.
said-no-phone-to-text = Lì non si può inviare un codice. Usi un altro fattore.
said-no-texts = Qui non si inviano codici via SMS.
said-nothing-to-enrol = Nulla di ciò che potrebbe configurare da sé apre una porta qui. Chieda all’amministratore.
said-not-a-number = Un numero di telefono è `+`, il prefisso del paese e il numero, per esempio `+39 06 12345678`.
said-not-asked = Nulla attende una risposta. Scelga di nuovo.
said-not-here = Questo non apre più questa porta. Usi un altro fattore.
said-no-factor-here = Questa applicazione chiede una seconda porta e niente di suo la apre lì. Aggiunga un fattore nel suo portale o chieda al suo amministratore.
said-no-name-there = Questa applicazione conosce le persone da un dato che qui non è noto per lei. Chieda al suo amministratore.
said-not-remembered = Questo browser non è più ricordato. Passi la seconda porta.
said-not-registered = L’applicazione vuole inviarla a un indirizzo che non è registrato per essa, perciò non viene inviato lì. Per chi la gestisce: inserisca l’URI di reindirizzamento nella sua pagina dell’amministrazione, esattamente com’è nella sua configurazione.
said-not-sent = Non è stato possibile inviarlo. Riprovi più tardi o usi un altro fattore.
said-old-digits = Le cifre di quel menu non valgono più. Scelga di nuovo.
said-by-number = Una chiamata chiede le cifre che le stanno accanto nel menu. La scelga lì con il suo numero.
said-not-signed = Questo non veniva da un’applicazione nota qui. Per chi gestisce l’applicazione: confronti ID client, segreto client e host API con quelli della sua pagina nell’amministrazione.
said-nowhere = Non si può sapere su quale rete si trova, perciò qui non conta alcun fattore. Chieda all’amministratore.
said-number-closed = Ai numeri di questo paese non si invia nulla.
said-number-code-wrong = Il codice non è giusto; riprovi.
said-number-taken = Questo numero c’è già.
said-number-with-role = SMS e chiamate non aprono alcuna porta a chi ha un ruolo; usi una passkey o un’app di autenticazione.
said-on-its-way = Un codice è in arrivo.
said-one-at-a-time = Sul telefono c’è già un’altra richiesta in attesa. Risponda a quella o attenda un minuto.
said-opens-nothing = Con le impostazioni attuali un fattore di questo tipo non apre nessuna delle sue porte; ne usi un altro tipo o chieda all’amministratore.
said-passkey-does-not-hold = La risposta del browser non è valida; riprovi.
said-passkey-taken = Questa passkey appartiene già a qualcuno.
said-passkey-used = Questa risposta è già stata usata; riprovi.
said-password-again = Ne scelga una diversa da quella attuale.
said-password-code-wrong = Il codice non è giusto o è già stato usato; ne dia uno per la seconda porta.
said-password-common = È una delle password che si provano per prime.
said-password-is-name = È poco più del suo nome.
said-password-is-organization = È poco più del nome dell’organizzazione.
said-password-line-breaks = Una password non deve contenere interruzioni di riga.
said-password-short = Usi almeno { $least } caratteri; più parole in fila sono facili da ricordare.
said-password-short-alone = Usi almeno { $least } caratteri, perché non viene chiesta una seconda porta; più parole in fila sono facili da ricordare.
said-password-too-long = La password è più lunga di { $most } byte.
said-phone-code-wrong = Il codice non è giusto o non vale più; ne chieda uno nuovo nella sua pagina.
said-phone-did-not-sign = La chiave del telefono non ha firmato questa richiesta.
said-phone-has-no-key = Il telefono non ha mostrato di avere la sua chiave; riprovi.
said-phone-number-wrong = Non è il numero mostrato dove accede.
said-present-password-wrong = Non è la sua password attuale.
said-request-over = Questa richiesta è finita.
said-said-no = La richiesta è stata negata sul telefono.
said-start-again = Questo accesso è scaduto. Ricominci.
said-too-late = Questo accesso ha richiesto troppo tempo, oppure è stato concluso o ricominciato in un’altra finestra. Torni all’applicazione e acceda di nuovo.
said-too-many = Troppi tentativi. Attenda e riprovi.
said-too-many-a-minute = Troppi tentativi. Attenda un minuto e riprovi.
said-too-many-hours =
    { $hours ->
        [one] Troppi tentativi. Attenda { $hours } ora e riprovi.
       *[other] Troppi tentativi. Attenda { $hours } ore e riprovi.
    }
said-too-many-minutes =
    { $minutes ->
        [one] Troppi tentativi. Attenda { $minutes } minuto e riprovi.
       *[other] Troppi tentativi. Attenda { $minutes } minuti e riprovi.
    }
said-too-many-numbers = Ci sono già { $most } telefoni; prima ne rimuova uno.
said-too-many-apps = Ha già { $most } app di autenticazione; prima ne rimuova una.
said-too-many-passkeys = Ha già { $most } passkey; prima ne rimuova una.
said-too-many-phones = Ha già { $most } telefoni; prima ne rimuova uno.
said-token-not-in-step = Non sono i codici che questo token mostra uno dopo l’altro, o sono già stati usati.
said-too-soon = Uno è in arrivo. Attenda mezzo minuto prima di chiederne un altro.
said-used-code = Questo codice è già stato usato. Attenda il prossimo.
said-wrong = Il nome o la password non è giusto.
said-wrong-code = Il codice non è giusto. Riprovi.
said-wrong-passkey = Questa passkey non ha aperto la porta. Riprovi o usi un altro fattore.

## Applications of a person
applications = Applicazioni
applications-all = Tutte le applicazioni
applications-find = Cerca un’applicazione
applications-no-fit = Nessuna delle sue applicazioni ha «{ $text }» nel nome.
applications-none = Nessuna applicazione le è ancora accessibile. Chieda al suo amministratore quella che le serve: comparirà qui da sola.
favourite = Preferita
favourite-of = Tenere { $name } tra le preferite
favourites = Preferite
search = Cerca
search-count = Risultati: { $count }
search-found = Risultati
search-how-own = Scriva una parte del nome di un’applicazione, di un suo fattore o di una pagina.
search-keys = In ogni pagina / o Ctrl+K porta alla ricerca; le frecce scelgono, Invio apre.
search-nothing = Nulla corrisponde a «{ $text }».
search-of = Ricerca: { $text }
search-own = Cerca nelle sue applicazioni, nei fattori e nelle pagine
search-pages = Pagine
search-slash = Il tasto / porta alla ricerca
used-lately = Usate di recente

this-device = Questo dispositivo
this-device-why = Alcune porte si aprono solo sui dispositivi della tua organizzazione. Se questo lo è, l’agente Sallyport installato può confermarlo.
this-device-ask = Chiedi all’agente
this-device-if-not = Se il browser dice che non riesce a connettersi, qui non c’è alcun agente. Torna indietro e usa un dispositivo della tua organizzazione.
this-device-show = Mostra che questo è un dispositivo della tua organizzazione
this-device-late = È passato troppo tempo, oppure era iniziato in un altro browser. Riprova.
this-device-unknown = Questo non è un dispositivo della tua organizzazione che puoi usare. Chiedi ai tuoi amministratori.
