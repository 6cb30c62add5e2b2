## The language itself

language-name = Svenska
direction = ltr
choose-language = Språk

## Words that stand alone

or = eller
code = Kod
password = Lösenord
sign-in = Logga in
sign-out = Logga ut
proceed = Fortsätt
go-on = Gå vidare
enrol = Registrera
done = Klart
not-now = Inte nu
my-phone = Min telefon

## Signing in

user-name = Användarnamn
sign-in-with-passkey = Logga in med en lösennyckel
enrolment-code-question = Har du en registreringskod? <a href="/enroll">Konfigurera din andra faktor</a>
not-set-up = Den här organisationen är inte konfigurerad än. Öppna engångslänken som servern visade när den startade.

## The second door, wherever it stands

second-door = Andra dörren
one-more-door = En dörr till
start-again = Börja om
your-factors = Dina faktorer
remember-hours =
    { $count ->
        [one] Kom ihåg den här webbläsaren i en timme
       *[other] Kom ihåg den här webbläsaren i { $count } timmar
    }
remember-days =
    { $count ->
        [one] Kom ihåg den här webbläsaren i en dag
       *[other] Kom ihåg den här webbläsaren i { $count } dagar
    }
phone-rings = <strong>{ $phone }</strong> ringer. Svara och skriv de här siffrorna där
type-number-on = Skriv det här talet på <strong>{ $phone }</strong>
answer-request-on = Besvara förfrågan på <strong>{ $phone }</strong>.
one-minute = Du har en minut på dig. Skriv aldrig ett tal som någon annan läser upp för dig.
i-have-answered = Jag har svarat
waiting-is-over = Det finns ett svar, eller så är minuten över. Gå vidare med knappen nedanför.
ask-phone = Fråga { $phone }
ask-phone-again = Fråga { $phone } igen
call-phone = Ring { $phone }
call-phone-again = Ring { $phone } igen
text-me = Skicka en kod via sms: { $phone }
use-passkey = Använd en lösennyckel
go-on-with-duo = Gå vidare med Duo
passkey-needs-script = En lösennyckel behöver en webbläsare som kör vårt skript.
passkey-needs-script-here = En lösennyckel behöver en webbläsare som kör vårt skript. Be din administratör om en förbikopplingskod.

## Under the field for a code: one or several of these sentences

hint-app = Öppna din autentiseringsapp och skriv de sex siffror som den visar nu.
hint-token = Skriv det som din maskinvarutoken visar, efter att ha tryckt på knappen om den har någon.
hint-or-token = Eller skriv det som din maskinvarutoken visar, efter att ha tryckt på knappen om den har någon.
hint-text = Få en kod skickad, här nedanför, och skriv den här.
hint-or-text = Eller få en kod skickad, här nedanför, och skriv den här.
hint-bypass = En förbikopplingskod från din administratör fungerar också.
none-at-hand = Har du inget av detta till hands? Fråga din helpdesk.

## What the browser says about a passkey

passkey-known = Den här enheten eller nyckeln är redan registrerad.
passkey-bad-address = Webbläsaren skapar inga lösennycklar för den här adressen.
passkey-not-used = Ingen lösennyckel användes. Försök igen eller använd något annat.

## The prompt in front of an application

wants-to-know = <strong>{ $application }</strong> vill veta att det verkligen är du, <strong>{ $user }</strong>.
cancel-to = Avbryt och gå tillbaka till { $application }
back-to = Tillbaka till { $application }
sign-in-for = För att fortsätta till <strong>{ $application }</strong>.
stays-shut = Den här dörren förblir stängd
asked-about = <strong>{ $application }</strong> frågade om <strong>{ $user }</strong>.
factor-first = Du behöver först en andra faktor
factor-first-for = <strong>{ $application }</strong> kräver den andra dörren, och inget av ditt, <strong>{ $user }</strong>, öppnar den än. Be din administratör om en registreringskod; med den konfigurerar du en autentiseringsapp eller en lösennyckel på en minut. Logga sedan in på { $application } en gång till.
factor-first-here = <strong>{ $application }</strong> frågar efter den andra dörren, och inget av ditt, <strong>{ $user }</strong>, öppnar den än. Med en kod ställer du här på en minut in en autentiseringsapp eller en lösennyckel och går vidare till { $application }.
code-of-mail-or-administrator = Koden som skickades till dig med e-post, eller en som du fick av din administratör.
have-enrolment-code = Jag har en registreringskod
going-back = Tillbaka
being-taken-back = Du förs tillbaka dit du kom ifrån.
applications-are-told = Programmen som du var inloggad i får veta det ett efter ett. Du kan stänga sidan när som helst.
go-on-by-hand = Gå vidare för hand
on-to-duo = Vidare till Duo
taken-to-duo = Du förs till Duo, som frågar efter din andra faktor och skickar dig tillbaka hit.

## An application that is told about somebody

consent-title = <strong>{ $application }</strong> vill veta vem du är
consent-told = Om du godkänner får den veta:
consent-sub = att det är du
consent-profile = ditt namn och ditt användarnamn
consent-email = din e-postadress
consent-phone = ditt telefonnummer
consent-groups = vilka grupper du är med i
consent-offline = allt detta även när du är borta
consent-other = det som den kallar <strong>{ $scope }</strong>
consent-yes = Godkänn
consent-no = Godkänn inte
leave-title = Logga ut?
leave-wish = <strong>{ $application }</strong> vill logga ut dig.
leave-what = Du loggas ut här, och ur de program som vill få veta det.
leave-yes = Ja, logga ut
leave-no = Förbli inloggad
device-title = Logga in en enhet
device-what = Skriv koden som din enhet eller ditt program visar.
device-code = Enhetens kod
device-wrong = Den koden finns inte eller har gått ut. Titta på enheten igen.
device-too-many = För många felaktiga koder. Försök igen om tio minuter.
device-confirm = Är det här din enhet?
device-asks = <strong>{ $application }</strong> vill bli inloggad som du, <strong>{ $user }</strong>.
device-shows = Din enhet måste visa den här koden:
device-from = Begäran kommer från <strong>{ $place }</strong>.
device-warning = Om någon har skickat dig koden eller en länk hit, gå inte vidare: då loggas den personen in som du.
device-yes = Ja, logga in den
device-no = Nej
device-done = Fortsätt på din enhet
device-done-how = <strong>{ $application }</strong> är inloggad. Du kan stänga sidan.
device-refused = <strong>{ $application }</strong> loggades inte in.

## The second door once more

on-another-network = Du är på ett annat nätverk
second-door-again = Den andra dörren en gång till
step-up-with-nothing = Det du vill kräver den andra dörren en gång till härifrån, och inget av ditt öppnar den nu. Be din administratör om en förbikopplingskod.
step-up-now = Gå genom den andra dörren en gång till för att gå vidare.
my-own-pages = Mina egna sidor

## Enrolling the first factor

set-up-factor = Konfigurera din andra faktor
enrolment-needed = Registrering behövs
enrolment-needed-how = Ditt lösenord är rätt, men inget av ditt öppnar den andra dörren än. Be din administratör om en registreringskod; med den konfigurerar du en autentiseringsapp eller en lösennyckel på en minut.
enrolment-by-mail-how = Ditt lösenord är rätt, men inget av ditt öppnar den andra dörren än. Med en kod som mejlas till dig konfigurerar du en autentiseringsapp eller en lösennyckel på en minut.
mail-me-a-code = Mejla mig en kod: { $to }
have-administrators-code = Jag har en registreringskod från en administratör
type-mailed-code = Skriv koden som mejlades till dig. Den gäller i en kvart, och bara i den här webbläsaren.
type-mailed-code-to = Skriv koden som mejlades till { $to }. Den gäller i en kvart, och bara i den här webbläsaren.
code-from-mail = Koden i mejlet
mail-me-another = Mejla mig en till
what-you-need = Du behöver registreringskoden som din administratör gav dig och en autentiseringsapp i telefonen eller en lösennyckel.
enrolment-code = Registreringskod
back-to-sign-in = Tillbaka till inloggningen
your-factor-of = Din andra faktor, { $name }
add-account-in-app = Öppna din autentiseringsapp och lägg till ett konto.
scan-picture = Skanna den här bilden:
scan-picture-not-drawn = Skanna den här bilden (den kunde inte ritas; skriv nyckeln i stället):
qr-of-app = QR-kod för autentiseringsappen för { $name }
or-type-key = Eller skriv nyckeln
key-kind = Tidsbaserad, sex siffror, var 30:e sekund.
six-digits-now = De sex siffror som din app visar nu
or-without-app = eller utan app
use-phone-page = Använd en sida på telefonen som frågar dig
use-passkey-or-key = Använd en lösennyckel eller säkerhetsnyckel
come-back = Om du blir avbruten, kom tillbaka till <code>/enroll</code> inom ett dygn med koden <strong>{ $code }</strong>
once-more = En gång till
key-is-in-app = Nyckeln finns redan i din app. Skriv de sex siffror som den visar nu.
start-with-code = Börja om med registreringskoden
enrolled = Registrerad
enrolled-passkey = Från och med nu öppnar din lösennyckel den andra dörren, bakom ditt lösenord. När du har kommit in genom båda kan den logga in dig på egen hand där din organisation tillåter det. Inloggningar på enheter och i program kan inte fråga efter den: lägg också till en autentiseringsapp, under <em>Mina dörrar</em>, om du behöver sådana.
enrolled-app = Från och med nu öppnar din autentiseringsapp den andra dörren. Koden du just skrev är förbrukad; vänta på nästa för att logga in.
your-phone = Din telefon
when-phone-is-yours = När telefonen säger att den är din, logga in här.
scan-with-phone = Skanna den här bilden med telefonen, eller öppna <code>{ $address }</code> på den.
open-on-phone = Öppna <code>{ $address }</code> på telefonen.
open-on-this-phone = Det här är telefonen: öppna sidan här
home-screen-first = På en iPhone eller iPad lägger du först sidan på hemskärmen och öppnar den där.
activate-with-code = Aktivera den med den här koden, som gäller en gång och i femton minuter.
qr-of-phone = QR-kod för telefonsidan

## The phone page

phone-needs-script = Den här sidan besvarar förfrågningar med en nyckel i din telefon, vilket kräver en webbläsare som kör vårt skript.
make-this-yours = Gör det här till din telefon
add-a-phone-there = På din egen sida, under <em>Mina dörrar</em>, väljer du <em>Lägg till en telefon</em>. Skanna bilden där, eller skriv koden här.
install-first = På en iPhone eller iPad lägger du först den här sidan på hemskärmen (Dela, sedan <em>Lägg till på hemskärmen</em>), öppnar den där och skriver koden där.
name-this-phone = Vad den här telefonen ska heta
activate = Aktivera
no-screen-lock = Den här telefonen har inget skärmlås
ready = Redo
requests-appear = Förfrågningar till <strong id="who"></strong> visas här. Det här är <strong id="phone-name"></strong>.
wake-this-phone = Väck den här telefonen när sidan är stängd
is-woken = Telefonen väcks av den som gör din webbläsare, som får veta att något skickades och inget mer.
give-up = Ge upp den här telefonen…
give-up-means = Den öppnar ingen dörr mer förrän den aktiveras på nytt.
give-it-up = Ge upp den
is-this-you = Är det du?
request-what = Inloggning på
request-from = Från
request-device = Enhet
request-at = Tid
number-where-you-sign-in = Talet där du loggar in
let-me-in = Ja, släpp in mig
no = Nej
not-me = Jag bad inte om det här
requests-of-last-hour = Förfrågningar den senaste timmen

## What the script of the phone page says

server-refused = Servern nekade.
phone-not-confirmed = Telefonen bekräftade inte att det är du. Försök igen.
server-not-reached = Servern kunde inte nås. Försök igen.
key-lost = Den här webbläsaren har förlorat sin nyckel. Ge upp telefonen och aktivera den på nytt.
phone-is-yours = Den här telefonen är din nu.
unknown-address = en okänd adress
you-let-yourself-in = Du släppte in dig själv.
you-said-no = Du sa nej.
you-said-not-me = Dina administratörer kan se att det inte var du. Vad du ska göra nu står i portalen.
you-said-not-me-after-yes = Dina administratörer kan se det. Det du hade sagt ja till öppnades: avsluta dina sessioner i portalen och byt lösenord.
help-desk-asks = Talar du med din helpdesk just nu?
asked-by = Efterfrågat av
number-they-read = Talet som läses upp för dig
yes-that-is-me = Ja, det är jag
not-speaking = Jag talar inte med någon
you-confirmed = Din helpdesk vet nu att det är du.
you-said-not-speaking = Din helpdesk får veta att det inte var du. Lämna inte ut någon kod.
notifications-refused = Webbläsaren fick inte visa notiser. Förfrågningar visas ändå så länge den här sidan är öppen.
cannot-be-woken = Den här webbläsaren kan inte väckas. Förfrågningar visas ändå så länge den här sidan är öppen.
woken-again = Din webbläsares tillverkare kunde inte längre väcka den här telefonen. Nu går det igen.
woken-no-more = Din webbläsares tillverkare kan inte längre väcka den här telefonen. Låt den väckas på nytt nedan, eller ha sidan öppen.
somebody-signs-in = Någon loggar in
open-to-see = Öppna för att se var, och för att säga ja eller nej.
account-changed = Något på ditt konto har ändrats
account-changed-look = Öppna för att se vad. Om det inte var du, säg det till din administratör.

## Around a page of the portal

to-the-content = Till innehållet
show-the-menu = Visa menyn
main-menu = Huvudmeny
administration = Administration
light-or-dark = Ljust eller mörkt
my-doors = Mina dörrar
my-sign-ins = Mina inloggningar
next-page = Nästa sida
undo = Ångra

## The front page of the portal

hello = Hej, { $name }
since-you-looked = Sedan du tittade senast
news-by-you = { $when }, av dig
news-by = { $when }, av { $who }
news-from-by-you = { $when } från { $source }, av dig
news-from-by = { $when } från { $source }, av { $who }
reset-not-before = Ingenting händer före { $until }.
reset-not-you = Om du inte har bett om detta, stoppa det. Du förlorar ingenting på det.
stop-reset = Stoppa
was-it-you = Var något av detta varken du eller någon du bad? <a href="/password">Byt lösenord</a> och säg till din administratör.
have-seen = Jag har sett detta
my-factors = Mina faktorer
no-factors = Inget av ditt öppnar den andra dörren än. Be din administratör om en registreringskod och <a href="/enroll">konfigurera en autentiseringsapp</a>.
duo-asks-you = Frågar dig vid den andra dörren. Dina telefoner och nycklar där sköts av Duo och inte här.
devices-at-duo = Mina enheter hos Duo
devices-at-duo-more = Mina enheter hos Duo…
duo-manage-devices = Duos sida har <em>Manage devices</em> där din administratör tillåter det. Sedan är du tillbaka här.
open-duo = Öppna Duos sida
factor-since = { $kind }, sedan { $since }
factor-until = { $kind }, sedan { $since }, till { $until }
codes-left = { $left } av { $of } koder kvar
passkey-of-model = { $model }, enligt tillverkarens intyg (<code>{ $aaguid }</code>)
passkey-shut = Öppnar ingen dörr: din organisation godtar bara andra modeller
reactivate-more = Ställ in på nytt…
reactivate-means = Är sidan borta, eller är det en annan apparat? Med en ny kod blir den samma telefon igen, med sitt namn. Till dess gäller det den har nu. Är den i orätta händer, ta bort den i stället.
reactivate = Visa en kod
reactivate-named = Ställ in { $name } på nytt
rename-more = Byt namn…
rename = Byt namn
new-name-of = Nytt namn på { $name }
remove-more = Ta bort…
remove-means = Den öppnar ingen dörr mer, och du loggas ut överallt.
remove-it = Ta bort
step-token-more = Synkronisera…
step-token-how = När dess koder nekas: knappen har tryckts för ofta, eller klockan går fel. Skriv koder som den visar dem efter varandra, utan att hoppa över någon.
step-token = Synkronisera
code-number = Kod { $number }
code-number-of = Kod { $number } från { $name }
add-app = Lägg till en autentiseringsapp
add-passkey = Lägg till en lösennyckel
add-phone = Lägg till en telefon
add-number-more = Lägg till ett nummer för sms…
number = Nummer
what-you-call-it = Vad du kallar det
text-a-code-there = Skicka en kod dit
numbers-are-weak = En lösennyckel eller en autentiseringsapp är säkrare: nummer kan stjälas.
elsewhere-step-up = Du är på ett annat nätverk. För att se och ändra dina faktorer, sessioner och inloggningar, <a href="/step-up?next=/">gå genom den andra dörren en gång till</a>.
one-door-only = Du kom in genom en dörr. Logga in med båda för att se och ändra dina faktorer, sessioner och inloggningar.
one-door-step-up = Du kom in genom en dörr. För att se och ändra dina faktorer, sessioner och inloggningar, <a href="/step-up?next=/">gå genom den andra</a>.
my-devices = Mina enheter
no-devices = Du har inget konto på någon enhet än. En administratör kopplar dig till en.
device = Enhet
my-right-there = Min rätt där
state = Tillstånd
right-administrator = administratör
right-standard = standard
device-active = aktiv
device-quarantined = i karantän
device-revoked = återkallad
lately = Nyligen vid mina dörrar
all = Alla
something-wrong = Något du inte gjorde? Byt lösenord och säg till din administratör.
where-signed-in = Var jag är inloggad
here = här
end = Avsluta
end-session-in = Avsluta sessionen i { $browser }
end-others = Avsluta alla andra
where-remembered = Var jag är ihågkommen
forget = Glöm
forget-browser = Glöm { $browser }
forget-all = Glöm alla
remembered-at = { $place }, sedan { $since }, till { $until }
remembered-everywhere = { $place } och alla andra som säger så, sedan { $since }, till { $until }
session-since = sedan { $since }, senast använd { $used }
session-since-from = sedan { $since } från { $source }, senast använd { $used }
both-doors-from = båda dörrarna passerade från { $networks }
at-time = { $when }
at-time-from = { $when } från { $source }
portal = Portalen
rest-api = REST-API
browser-on = { $browser } på { $system }
unknown-browser = okänd webbläsare
command-line = Kommandorad

## Kinds of factors, states and doors of a sign-in

factor-bypass = koder från en administratör
factor-token = maskinvarutoken
factor-passkey = lösennyckel
factor-number = telefonnummer
factor-push = telefon som frågar
factor-app = autentiseringsapp
factor-mail = e-postadress
state-first-door = första dörren
state-second-door = andra dörren
state-allowed = insläppt
state-denied = nekad
by-password = lösenord
by-session = session
by-vouched = intygad av { $system }

## What happened to one's account

news-access-reused = Det som ett program använder för att handla i ditt namn kom en andra gång. Någon kan ha kopierat det, så det avslutades
news-addresses-changed = Dina e-postadresser har ändrats
news-bypass = Förbikopplingskoder för din andra dörr skapades
news-enrolment-code = En kod för att registrera en faktor åt dig skapades
news-enrolled = En faktor registrerades
news-removed = En av dina faktorer togs bort
news-not-me = Din telefon ombads att släppa in någon, och du sa att det inte var du. Välj ett annat lösenord: vem det än var känner till ditt
news-not-me-after-yes = Din telefon släppte in någon, och du sa efteråt att det inte var du. Avsluta dina andra sessioner och välj ett annat lösenord
news-not-me-at-help-desk = Någon talade med en helpdesk i ditt namn, som du sa
news-not-me-in-session = Din telefon ombads att släppa in någon, och du sa att det inte var du. Avsluta dina andra sessioner: vem det än var har en av dem
news-not-me-past-first-door = Din telefon ombads att släppa in någon, och du sa att det inte var du. Vem det än var hade passerat den första dörren: byt det som du loggar in med där
news-password-changed = Ditt lösenord byttes
news-guessed =
    { $count ->
        [one] Fel lösenord prövades för dig en gång, från en plats där du aldrig loggat in
       *[other] Fel lösenord prövades för dig { $count } gånger, från en plats där du aldrig loggat in
    }
news-known =
    { $count ->
        [one] Någon angav ditt rätta lösenord en gång, från en plats där du aldrig loggat in, och kom inte in
       *[other] Någon angav ditt rätta lösenord { $count } gånger, från en plats där du aldrig loggat in, och kom inte in
    }
news-locked = Ditt lösenord låstes
news-locked-to-strangers = Ditt lösenord gissades så ofta att det bara öppnar från platser där du loggat in förut
news-password-set = Ett nytt lösenord sattes åt dig
news-phone-reactivated = En av dina telefoner har ställts in på nytt
news-reset-asked = Någon har bett om att återställa din inloggning
news-second-door-shut = Så många felaktiga koder angavs för dig att din andra dörr stängdes en stund
news-session-elsewhere =
    { $count ->
        [one] En av dina sessioner användes från en plats där du aldrig loggat in, och en fel kod angavs en gång
       *[other] En av dina sessioner användes från en plats där du aldrig loggat in, och fel kod angavs { $count } gånger
    }
news-unlocked = Ditt lösenord låstes upp och felaktiga försök glömdes

## Factors of one's own

code-on-its-way-to = En kod är på väg till telefonen som slutar på { $last }. Den gäller i tio minuter.
code-in-text = Koden i sms:et
add-a-number = Lägg till ett nummer
add-the-number = Lägg till numret
passkey-lives = En lösennyckel finns i den här enheten, i en säkerhetsnyckel eller i telefonens nyckelring. Den öppnar den andra dörren med en beröring, och där den frågar efter finger, ansikte eller pinkod loggar den in dig utan lösenord.
passkey-models = Din organisation godtar bara de här modellerna: { $models }. Webbläsaren kan fråga om den får tala om vilken modell du har.
passkey-add-it = Lägg till den
what-to-call-it = Vad den ska heta
such-as-laptop = Till exempel: min dator
no-passkeys-here = Webbläsare skapar inga lösennycklar för en adress utan namn, och den här servern är känd under en sådan. Din administratör kan ge den ett namn.
phone-asks-you = Din telefon frågar dig när någon loggar in med ditt namn, och du säger ja med finger, ansikte eller pinkod. Den behöver ingen app från en butik: en sida från oss gör det.
key-is-in-app-or-again = Nyckeln finns redan i din app. Skriv de sex siffror som den visar nu, eller <a href="/">börja om</a>.

## The password

change-my-password = Byt mitt lösenord
password-expired = Ditt lösenord har gått ut. Sätt ett nytt för att gå vidare.
present-password = Nuvarande lösenord
new-password = Nytt lösenord
new-password-again = Nytt lösenord, en gång till
password-hint = Minst { $least } tecken. Flera ord i rad är långa och lätta att minnas. Det blir också ditt lösenord på dina enheter.
password-hint-alone = Minst { $least } tecken, eftersom ingen andra dörr krävs av dig. Flera ord i rad är långa och lätta att minnas. Det blir också ditt lösenord på dina enheter.
code-for-second-door = En kod för den andra dörren
no-code-at-hand = Ingen till hands, för att en lösennyckel, din telefon eller Duo frågar dig? <a href="/step-up?next=/password">Gå genom den andra dörren en gång till</a>: i tio minuter behövs ingen kod här.
second-door-for-password = Ett nytt lösenord kräver att du har gått genom den andra dörren under de senaste tio minuterna. Gå först genom den en gång till; sedan kommer du tillbaka hit.
change-it = Byt det
passwords-differ = De två nya lösenorden är inte lika.

## One's own sign-ins

column-when = När
column-where = Var
column-from = Från
column-doors = Dörrar
column-result = Resultat
column-why = Varför
why-password-wrong = fel lösenord
why-password-locked = lösenordet var låst
why-password-pending = inget lösenord var valt än
why-password-expired = lösenordet hade gått ut
why-held = för många felaktiga försök, därför en stunds väntan
why-no-factor = inget av ditt öppnar den andra dörren där
why-second-door-wrong = fel svar vid den andra dörren
why-code-used = koden var redan använd
why-passkey-copied = lösennyckeln betedde sig som en kopia av din; berätta det för din administratör
why-factor-not-here = den faktorn räknas inte där
why-code-texted = en kod skickades som sms, att skriva in vid en egen inloggning
why-spared = den andra dörren krävdes inte
why-remembered = den andra dörren hade redan passerats där
why-offline = enheten nådde inte servern, och ditt lösenord räckte
why-second-door-asked = den andra dörren krävdes
why-not-active = ditt konto var inte aktivt
why-not-there = du släpps inte in där
why-not-from-there = du släpps inte in därifrån
why-too-long = det tog för lång tid
why-gave-up = det avbröts
why-both-doors = båda dörrarna passerades
why-session-open = du var redan inloggad
why-stepped-up = den andra dörren passerades en gång till
why-passkey = en lösennyckel öppnade båda dörrarna
why-answered-elsewhere = besvarat på din telefon
why-unanswered = inget svar i tid på din telefon
why-said-no = nekat på din telefon
why-not-me = du sa att det inte var du
why-duo-no = Duo sa inte att det var du
why-duo-down = Duo kunde inte tillfrågas

## What the page before has done

notice-enrolled = Faktorn är registrerad. Från och med nu öppnar den den andra dörren.
notice-factor-removed = Faktorn är borttagen. Den som använde den måste logga in igen.
notice-forgotten = Glömd. Nästa inloggning där går genom båda dörrarna.
notice-password-changed = Ditt lösenord är bytt. Dina andra sessioner är avslutade.
notice-reset-stopped = Stoppat. Om det inte var du som bad om det, säg det genast till din administratör.
notice-saved = Sparat.
notice-session-ended = Sessionen är avslutad.
notice-sessions-ended = Sessionerna är avslutade.
notice-signed-out = Du är utloggad.
notice-token-resynced = Din token är synkroniserad. Koderna du skrev är förbrukade.

## Pages that refuse

way-on = Med webbläsarens <em>bakåt</em>-knapp kommer du tillbaka till det du fyllde i. Eller gå till <a href="/">startsidan</a>.
not-for-you = Inte för dig
for-administrators = De här sidorna är för administratörer. Be en ägare av organisationen om en roll.
second-door-first = Andra dörren först
second-door-first-how = Detta kräver en inloggning genom båda dörrarna. Registrera en faktor med en kod från din administratör, och logga sedan ut och in igen.
not-from-here = Inte härifrån
not-from-here-how = Det här formuläret kom inte från en sida på den här webbplatsen, eller så var det öppet för länge. Inget ändrades. Läs in sidan igen och upprepa.
not-readable = Inte läsbart
not-readable-how = Formuläret kunde inte läsas, eller så är det för stort. Inget ändrades.
not-found = Hittades inte
not-found-how = Den sidan finns inte. Den kan ha tagits bort, eller så är adressen inte fullständig.
only-a-form = Bara för ett formulär
only-a-form-how = Den här adressen tar emot ett formulär och visar inget av sig själv. Inget ändrades. Gå tillbaka till sidan med formuläret.
no-way-on = Här går det inte vidare
missing = Något saknas
missing-passkey = Ingen lösennyckel användes.
not-acceptable = Inte godtagbart
not-allowed = Inte tillåtet
does-not-fit = Passar inte
changed-meanwhile = Ändrat under tiden
too-busy = För mycket på en gång
too-busy-how = För många förfrågningar på en gång; försök igen om en stund.
perhaps-done = Kanske gjort
perhaps-done-how = Databasen gick förlorad i sista stund, och det är inte känt om detta gjordes; titta efter innan du försöker igen.
something-failed = Något misslyckades
something-failed-how = Något misslyckades hos oss. Loggen har detaljerna under svarets förfrågnings-id.

## What the doors say (the English is that of the interfaces, too)

said-cannot-show-digits = Ett samtal frågar efter siffror som visas här, och här kan inga visas. Använd en kod.
said-cannot-show-number = En förfrågan till telefonen behöver ett tal som visas här, och här kan inget visas. Använd en kod.
said-country-closed = Det här numret är i ett land dit inget skickas. Använd en annan faktor.
said-dormant = Det här kontot har inte använts på länge; be din administratör om en registreringskod.
said-duo-is-down = Duo kan inte tillfrågas nu. Använd en annan faktor om du har någon, försök igen senare eller fråga din administratör.
said-duo-no-name = Duo kan inte tillfrågas om dig, eftersom du inte har någon e-postadress här. Fråga din administratör.
said-duo-not-on = Duo öppnar inte den här dörren åt dig nu. Välj en annan faktor.
said-duo-said-no = Duo släppte inte igenom dig. Försök igen eller använd en annan faktor.
said-duo-stale = Det som kom tillbaka från Duo hör inte till den här inloggningen, eller kom en andra gång. Välj igen.
said-enrolled-code-wrong = Den koden är inte rätt; kontrollera telefonens klocka och försök igen.
said-enrolment-code-wrong = Den registreringskoden är inte rätt eller gäller inte längre.
said-enrolment-expired = Den här registreringen har gått ut; börja om.
said-held = Det var för många förfrågningar till din telefon. Använd en kod eller en lösennyckel.
said-last-factor = Det här är din sista faktor; registrera en annan först.
said-mail-on-its-way = En kod är på väg till din e-postadress.
said-mail-no-more = Inget mer kan skickas just nu. Fråga din administratör.
said-mail-not-sent = Det kunde inte skickas. Försök igen senare eller fråga din administratör.
said-mailed-code-wrong = Den koden är inte rätt eller gäller inte längre.
said-mailed-expired = Detta har gått ut; logga in igen.
said-model-not-accepted = Den här säkerhetsnyckeln är ingen av de modeller som din organisation godtar: { $models }.
said-name-control = Ett namn får inte innehålla styrtecken eller radbrytningar.
said-name-empty = Ett namn får inte vara tomt.
said-name-too-long = Ett namn har högst { $most } tecken.
said-new-code-expired = Den här koden har gått ut; be om en ny.
said-no-access = Åtkomst nekad. Fråga din administratör.
said-no-answer = Ingen svarade i tid. Fråga igen eller använd en annan faktor.
said-no-more = Inget mer kan skickas för tillfället. Använd en annan faktor eller fråga din administratör.
said-no-phone-to-ask = Det finns ingen telefon att fråga. Använd en annan faktor.
said-no-phone-to-call = Den telefonen kan inte ringas upp nu. Använd en annan faktor.
said-no-phone-to-text = Ingen kod kan skickas dit. Använd en annan faktor.
said-no-texts = Koder skickas inte via sms här.
said-nothing-to-enrol = Inget som du själv kan ställa in öppnar någon dörr här. Fråga din administratör.
said-not-a-number = Ett telefonnummer är `+`, landsnumret och numret, till exempel `+46 8 123 456 78`.
said-not-asked = Inget väntar på svar. Välj igen.
said-not-here = Det öppnar inte den här dörren längre. Använd en annan faktor.
said-no-factor-here = Det här programmet kräver en andra dörr, och inget av ditt öppnar den där. Lägg till en faktor i din portal eller fråga din administratör.
said-no-name-there = Det här programmet känner människor genom en uppgift som inte är känd om dig här. Fråga din administratör.
said-not-remembered = Den här webbläsaren är inte ihågkommen längre. Gå genom den andra dörren.
said-not-registered = Programmet vill skicka dig till en adress som inte är registrerad för det, så du skickas inte dit. Till den som driver det: ange omdirigerings-URI:n på dess sida i administrationen, exakt som den står i dess konfiguration.
said-not-sent = Det kunde inte skickas. Försök igen senare eller använd en annan faktor.
said-old-digits = Siffrorna i den menyn gäller inte längre. Välj igen.
said-by-number = Ett samtal frågar efter siffrorna som står bredvid det i menyn. Välj det där med dess nummer.
said-not-signed = Detta kom inte från ett program som är känt här. Till den som driver programmet: jämför klient-id, klienthemlighet och API-värd med dem på dess sida i administrationen.
said-nowhere = Det går inte att avgöra vilket nätverk du är på, så ingen faktor räknas här. Fråga din administratör.
said-number-closed = Inget skickas till nummer i det här landet.
said-number-code-wrong = Den koden är inte rätt; försök igen.
said-number-taken = Det här numret finns redan.
said-number-with-role = Sms och samtal öppnar ingen dörr för den som har en roll; använd en lösennyckel eller en autentiseringsapp.
said-on-its-way = En kod är på väg.
said-one-at-a-time = Din telefon har redan en annan förfrågan som väntar. Besvara den eller vänta en minut.
said-opens-nothing = En faktor av det här slaget öppnar ingen av dina dörrar med nuvarande inställningar; använd ett annat slag eller fråga din administratör.
said-passkey-does-not-hold = Webbläsarens svar håller inte; försök igen.
said-passkey-taken = Den här lösennyckeln tillhör redan någon.
said-passkey-used = Det här svaret har redan använts; försök igen.
said-password-again = Välj ett annat än det nuvarande.
said-password-code-wrong = Den koden är inte rätt eller har redan använts; ange en för den andra dörren.
said-password-common = Det är ett av de lösenord som gissas först.
said-password-is-name = Det är inte mycket mer än ditt namn.
said-password-is-organization = Det är inte mycket mer än organisationens namn.
said-password-line-breaks = Ett lösenord får inte innehålla radbrytningar.
said-password-short = Använd minst { $least } tecken; flera ord i rad är lätta att minnas.
said-password-short-alone = Använd minst { $least } tecken, eftersom ingen andra dörr krävs; flera ord i rad är lätta att minnas.
said-password-too-long = Lösenordet är längre än { $most } byte.
said-phone-code-wrong = Den koden är inte rätt eller gäller inte längre; be om en ny på din egen sida.
said-phone-did-not-sign = Telefonens nyckel signerade inte den här förfrågan.
said-phone-has-no-key = Telefonen visade inte att den har sin nyckel; försök igen.
said-phone-number-wrong = Det är inte talet som visas där du loggar in.
said-present-password-wrong = Det är inte ditt nuvarande lösenord.
said-request-over = Den här förfrågan är över.
said-said-no = Förfrågan nekades på telefonen.
said-start-again = Den här inloggningen har gått ut. Börja om.
said-too-late = Den här inloggningen tog för lång tid, eller så avslutades den eller började om i ett annat fönster. Gå tillbaka till programmet och logga in en gång till.
said-too-many = För många försök. Vänta och försök igen.
said-too-many-a-minute = För många försök. Vänta en minut och försök igen.
said-too-many-hours =
    { $hours ->
        [one] För många försök. Vänta { $hours } timme och försök igen.
       *[other] För många försök. Vänta { $hours } timmar och försök igen.
    }
said-too-many-minutes =
    { $minutes ->
        [one] För många försök. Vänta { $minutes } minut och försök igen.
       *[other] För många försök. Vänta { $minutes } minuter och försök igen.
    }
said-too-many-numbers = Det finns redan { $most } telefoner; ta bort en först.
said-too-many-apps = Du har redan { $most } autentiseringsappar; ta bort en först.
said-too-many-passkeys = Du har redan { $most } lösennycklar; ta bort en först.
said-too-many-phones = Du har redan { $most } telefoner; ta bort en först.
said-token-not-in-step = Det är inte koderna som denna token visar efter varandra, eller så har de redan använts.
said-too-soon = En är på väg. Vänta en halv minut innan du ber om en till.
said-used-code = Den koden har redan använts. Vänta på nästa.
said-wrong = Namnet eller lösenordet är inte rätt.
said-wrong-code = Den koden är inte rätt. Försök igen.
said-wrong-passkey = Den lösennyckeln öppnade inte dörren. Försök igen eller använd en annan faktor.

## Applications of a person
applications = Program
applications-all = Alla program
applications-find = Sök ett program
applications-no-fit = Inget av dina program har ”{ $text }” i namnet.
applications-none = Inget program är öppet för dig än. Be din administratör om det du behöver; det dyker upp här av sig självt.
favourite = Favorit
favourite-of = Ha { $name } bland favoriterna
favourites = Favoriter
search = Sök
search-count = Träffar: { $count }
search-found = Träffar
search-how-own = Skriv en del av namnet på ett program, en av dina faktorer eller en sida.
search-keys = På varje sida leder / eller Ctrl+K till sökningen; piltangenterna väljer och Enter öppnar.
search-nothing = Inget passar ”{ $text }”.
search-of = Sökning: { $text }
search-own = Sök bland dina program, faktorer och sidor
search-pages = Sidor
search-slash = Tangenten / leder till sökningen
used-lately = Använda nyligen

this-device = Den här enheten
this-device-why = Vissa dörrar öppnas bara på enheter från din organisation. Om det här är en sådan kan Sallyport-agenten på den intyga det.
this-device-ask = Fråga agenten
this-device-if-not = Om webbläsaren säger att den inte kan ansluta finns det ingen agent här. Gå tillbaka och använd en enhet från din organisation.
this-device-show = Visa att det här är en enhet från din organisation
this-device-late = Det tog för lång tid eller började i en annan webbläsare. Försök igen.
this-device-unknown = Det här är ingen enhet från din organisation som du får använda. Fråga dina administratörer.
