## The language itself

language-name = Čeština
direction = ltr
choose-language = Jazyk

## Words that stand alone

or = nebo
code = Kód
password = Heslo
sign-in = Přihlásit se
sign-out = Odhlásit se
proceed = Pokračovat
go-on = Dál
enrol = Zaregistrovat
done = Hotovo
not-now = Teď ne
my-phone = Můj telefon

## Signing in

user-name = Uživatelské jméno
sign-in-with-passkey = Přihlásit se přístupovým klíčem
enrolment-code-question = Máte registrační kód? <a href="/enroll">Nastavte si druhý faktor</a>
not-set-up = Tato organizace ještě není nastavena. Otevřete jednorázový odkaz, který server vypsal při spuštění.

## The second door, wherever it stands

second-door = Druhé dveře
one-more-door = Ještě jedny dveře
start-again = Začít znovu
your-factors = Vaše faktory
remember-hours =
    { $count ->
        [one] Pamatovat si tento prohlížeč { $count } hodinu
        [few] Pamatovat si tento prohlížeč { $count } hodiny
        [many] Pamatovat si tento prohlížeč { $count } hodiny
       *[other] Pamatovat si tento prohlížeč { $count } hodin
    }
remember-days =
    { $count ->
        [one] Pamatovat si tento prohlížeč { $count } den
        [few] Pamatovat si tento prohlížeč { $count } dny
        [many] Pamatovat si tento prohlížeč { $count } dne
       *[other] Pamatovat si tento prohlížeč { $count } dní
    }
phone-rings = <strong>{ $phone }</strong> zvoní. Zvedněte ho a zadejte tam tyto číslice
type-number-on = Zadejte toto číslo na <strong>{ $phone }</strong>
answer-request-on = Odpovězte na žádost na <strong>{ $phone }</strong>.
one-minute = Máte na to minutu. Nikdy nezadávejte číslo, které vám předčítá někdo jiný.
i-have-answered = Už je odpovězeno
waiting-is-over = Odpověď už přišla, nebo minuta uplynula. Pokračujte tlačítkem níže.
ask-phone = Zeptat se: { $phone }
ask-phone-again = Zeptat se znovu: { $phone }
call-phone = Zavolat: { $phone }
call-phone-again = Zavolat znovu: { $phone }
text-me = Poslat kód textovou zprávou: { $phone }
use-passkey = Použít přístupový klíč
go-on-with-duo = Pokračovat přes Duo
passkey-needs-script = Přístupový klíč potřebuje prohlížeč, který spustí náš skript.
passkey-needs-script-here = Přístupový klíč potřebuje prohlížeč, který spustí náš skript. Požádejte správce o náhradní kód.

## Under the field for a code: one or several of these sentences

hint-app = Otevřete ověřovací aplikaci a zadejte šest číslic, které právě ukazuje.
hint-token = Zadejte, co ukazuje váš hardwarový token, po stisknutí tlačítka, pokud nějaké má.
hint-or-token = Nebo zadejte, co ukazuje váš hardwarový token, po stisknutí tlačítka, pokud nějaké má.
hint-text = Nechte si níže poslat kód a zadejte ho sem.
hint-or-text = Nebo si nechte níže poslat kód a zadejte ho sem.
hint-bypass = Funguje i náhradní kód od správce.
none-at-hand = Nic z toho nemáte po ruce? Obraťte se na technickou podporu.

## What the browser says about a passkey

passkey-known = Toto zařízení nebo klíč už je zaregistrován.
passkey-bad-address = Prohlížeč pro tuto adresu přístupové klíče nevytváří.
passkey-not-used = Přístupový klíč nebyl použit. Zkuste to znovu nebo použijte něco jiného.

## The prompt in front of an application

wants-to-know = <strong>{ $application }</strong> chce vědět, že jste to opravdu vy, <strong>{ $user }</strong>.
cancel-to = Zrušit a vrátit se: { $application }
back-to = Zpět: { $application }
sign-in-for = Abyste mohli pokračovat do aplikace <strong>{ $application }</strong>.
stays-shut = Tyto dveře zůstávají zavřené
asked-about = <strong>{ $application }</strong> se ptá na uživatele <strong>{ $user }</strong>.
factor-first = Nejprve potřebujete druhý faktor
factor-first-for = <strong>{ $application }</strong> žádá druhé dveře a nic vašeho, <strong>{ $user }</strong>, je zatím neotevírá. Požádejte správce o registrační kód; s ním si za minutu nastavíte ověřovací aplikaci nebo přístupový klíč. Pak se ještě jednou přihlaste: { $application }.
factor-first-here = <strong>{ $application }</strong> vyžaduje druhé dveře a nic vašeho, <strong>{ $user }</strong>, je zatím neotevírá. S kódem si zde během minuty nastavíte ověřovací aplikaci nebo přístupový klíč a budete pokračovat do aplikace { $application }.
code-of-mail-or-administrator = Kód, který vám přišel e-mailem, nebo kód od správce.
have-enrolment-code = Mám registrační kód
going-back = Návrat
being-taken-back = Vracíte se tam, odkud jste přišli.
applications-are-told = Aplikace, ke kterým jste byli přihlášeni, se to postupně dozvídají. Tuto stránku můžete kdykoli zavřít.
go-on-by-hand = Přejít ručně
on-to-duo = Přechod na Duo
taken-to-duo = Přecházíte na Duo, které si vyžádá druhý faktor a pošle vás zpět sem.

## An application that is told about somebody

consent-title = <strong>{ $application }</strong> chce vědět, kdo jste
consent-told = Pokud souhlasíte, dozví se:
consent-sub = že jste to vy
consent-profile = vaše jméno a uživatelské jméno
consent-email = vaši e-mailovou adresu
consent-phone = vaše telefonní číslo
consent-groups = ve kterých skupinách jste
consent-offline = to vše i v době vaší nepřítomnosti
consent-other = to, čemu říká <strong>{ $scope }</strong>
consent-yes = Souhlasím
consent-no = Nesouhlasím
leave-title = Odhlásit se?
leave-wish = <strong>{ $application }</strong> vás chce odhlásit.
leave-what = Budete odhlášeni zde i z aplikací, které o to stojí.
leave-yes = Ano, odhlásit
leave-no = Zůstat přihlášen
device-title = Přihlásit zařízení
device-what = Napište kód, který ukazuje vaše zařízení nebo program.
device-code = Kód zařízení
device-wrong = Takový kód není, nebo už vypršel. Podívejte se znovu na zařízení.
device-too-many = Příliš mnoho chybných kódů. Zkuste to znovu za deset minut.
device-confirm = Je to vaše zařízení?
device-asks = <strong>{ $application }</strong> chce být přihlášena jako vy, <strong>{ $user }</strong>.
device-shows = Vaše zařízení musí ukazovat tento kód:
device-from = Žádost přichází z <strong>{ $place }</strong>.
device-warning = Pokud vám někdo tento kód nebo odkaz na tuto stránku poslal, nepokračujte: přihlásil by se jako vy.
device-yes = Ano, přihlásit
device-no = Ne
device-done = Pokračujte na svém zařízení
device-done-how = <strong>{ $application }</strong> je přihlášena. Tuto stránku můžete zavřít.
device-refused = <strong>{ $application }</strong> přihlášena nebyla.

## The second door once more

on-another-network = Jste v jiné síti
second-door-again = Druhé dveře ještě jednou
step-up-with-nothing = To, co chcete, odsud ještě jednou vyžaduje druhé dveře, a nic vašeho je teď neotevírá. Požádejte správce o náhradní kód.
step-up-now = Projděte ještě jednou druhými dveřmi, abyste mohli pokračovat.
my-own-pages = Moje vlastní stránky

## Enrolling the first factor

set-up-factor = Nastavte si druhý faktor
enrolment-needed = Je potřeba registrace
enrolment-needed-how = Heslo je správné, ale nic vašeho zatím neotevírá druhé dveře. Požádejte správce o registrační kód; s ním si za minutu nastavíte ověřovací aplikaci nebo přístupový klíč.
enrolment-by-mail-how = Heslo je správné, ale nic vašeho zatím neotevírá druhé dveře. S kódem, který vám pošleme e-mailem, si za minutu nastavíte ověřovací aplikaci nebo přístupový klíč.
mail-me-a-code = Poslat mi kód e-mailem: { $to }
have-administrators-code = Mám registrační kód od správce
type-mailed-code = Zadejte kód, který vám přišel e-mailem. Platí čtvrt hodiny a jen v tomto prohlížeči.
type-mailed-code-to = Zadejte kód, který přišel na { $to }. Platí čtvrt hodiny a jen v tomto prohlížeči.
code-from-mail = Kód z e-mailu
mail-me-another = Poslat další e-mailem
what-you-need = Potřebujete registrační kód od správce a ověřovací aplikaci v telefonu nebo přístupový klíč.
enrolment-code = Registrační kód
back-to-sign-in = Zpět na přihlášení
your-factor-of = Váš druhý faktor, { $name }
add-account-in-app = Otevřete ověřovací aplikaci a přidejte účet.
scan-picture = Naskenujte tento obrázek:
scan-picture-not-drawn = Naskenujte tento obrázek (nešlo ho nakreslit; místo toho zadejte klíč):
qr-of-app = QR kód pro ověřovací aplikaci uživatele { $name }
or-type-key = Nebo zadejte klíč
key-kind = Podle času, šest číslic, každých 30 sekund.
six-digits-now = Šest číslic, které aplikace právě ukazuje
or-without-app = nebo bez aplikace
use-phone-page = Použít stránku v telefonu, která se vás ptá
use-passkey-or-key = Použít přístupový nebo bezpečnostní klíč
come-back = Pokud vás něco přeruší, vraťte se do jednoho dne na <code>/enroll</code> s kódem <strong>{ $code }</strong>
once-more = Ještě jednou
key-is-in-app = Klíč už v aplikaci je. Zadejte šest číslic, které právě ukazuje.
start-with-code = Začít znovu s registračním kódem
enrolled = Zaregistrováno
enrolled-passkey = Odteď váš přístupový klíč otevírá druhé dveře, za heslem. Jakmile projdete oběma, může vás přihlásit sám, kde to organizace dovoluje. Přihlášení na zařízeních a v programech se na něj ptát nemohou: pokud je potřebujete, přidejte si v <em>Moje dveře</em> i ověřovací aplikaci.
enrolled-app = Odteď vaše ověřovací aplikace otevírá druhé dveře. Právě zadaný kód je spotřebován; s přihlášením počkejte na další.
your-phone = Váš telefon
when-phone-is-yours = Až telefon řekne, že je váš, přihlaste se zde.
scan-with-phone = Naskenujte tento obrázek telefonem nebo na něm otevřete <code>{ $address }</code>.
open-on-phone = Otevřete v telefonu <code>{ $address }</code>.
open-on-this-phone = Toto je ten telefon: otevřít stránku zde
home-screen-first = Na iPhonu nebo iPadu nejprve přidejte stránku na plochu a otevřete ji tam.
activate-with-code = Aktivujte ji tímto kódem, který platí jednou a patnáct minut.
qr-of-phone = QR kód stránky telefonu

## The phone page

phone-needs-script = Tato stránka odpovídá na žádosti klíčem vašeho telefonu, k čemuž potřebuje prohlížeč, který spustí náš skript.
make-this-yours = Udělejte z tohoto telefonu svůj
add-a-phone-there = Na své vlastní stránce, v části <em>Moje dveře</em>, zvolte <em>Přidat telefon</em>. Naskenujte tam obrázek nebo sem zadejte jeho kód.
install-first = Na iPhonu nebo iPadu nejprve přidejte tuto stránku na plochu (Sdílet, pak <em>Přidat na plochu</em>), otevřete ji tam a kód zadejte tam.
name-this-phone = Jak tento telefon nazvat
activate = Aktivovat
no-screen-lock = Tento telefon nemá zámek obrazovky
ready = Připraveno
requests-appear = Žádosti pro <strong id="who"></strong> se objevují zde. Toto je <strong id="phone-name"></strong>.
wake-this-phone = Budit tento telefon, když je stránka zavřená
is-woken = Telefon budí výrobce vašeho prohlížeče, který se dozví, že bylo něco odesláno, a nic víc.
give-up = Vzdát se tohoto telefonu…
give-up-means = Neotevře už žádné dveře, dokud nebude znovu aktivován.
give-it-up = Vzdát se ho
is-this-you = Jste to vy?
request-what = Přihlášení
request-from = Odkud
request-device = Zařízení
request-at = Kdy
number-where-you-sign-in = Číslo tam, kde se přihlašujete
let-me-in = Ano, pusťte mě dovnitř
no = Ne
not-me = O toto jsem nežádal(a)
requests-of-last-hour = Požadavky za poslední hodinu

## What the script of the phone page says

server-refused = Server odmítl.
phone-not-confirmed = Telefon nepotvrdil, že jste to vy. Zkuste to znovu.
server-not-reached = Server není dostupný. Zkuste to znovu.
key-lost = Tento prohlížeč ztratil svůj klíč. Vzdejte se telefonu a aktivujte ho znovu.
phone-is-yours = Tento telefon je teď váš.
unknown-address = neznámá adresa
you-let-yourself-in = Vstup jste potvrdili.
you-said-no = Řekli jste ne.
you-said-not-me = Správci vidí, že jste to nebyli vy. Co dál, stojí na portálu.
you-said-not-me-after-yes = Správci to vidí. To, s čím jste souhlasili, bylo otevřeno: ukončete na portálu své relace a změňte si heslo.
help-desk-asks = Mluvíte právě s technickou podporou?
asked-by = Ptá se
number-they-read = Číslo, které vám čtou
yes-that-is-me = Ano, jsem to já
not-speaking = S nikým nemluvím
you-confirmed = Technická podpora teď ví, že jste to vy.
you-said-not-speaking = Technická podpora se dozví, že jste to nebyli vy. Nikomu neříkejte žádný kód.
notifications-refused = Prohlížeč nesměl zobrazovat oznámení. Žádosti se dál objevují, dokud je tato stránka otevřená.
cannot-be-woken = Tento prohlížeč nelze probudit. Žádosti se dál objevují, dokud je tato stránka otevřená.
woken-again = Výrobce vašeho prohlížeče už nemohl tento telefon probudit. Teď zase může.
woken-no-more = Výrobce vašeho prohlížeče už nemůže tento telefon probudit. Nechte ho níže budit znovu, nebo nechte tuto stránku otevřenou.
somebody-signs-in = Někdo se přihlašuje
open-to-see = Otevřete, abyste viděli kde, a řekli ano nebo ne.
account-changed = Na vašem účtu se něco změnilo
account-changed-look = Otevřete, abyste viděli co. Pokud jste to nebyli vy, řekněte to správci.

## Around a page of the portal

to-the-content = Na obsah
show-the-menu = Zobrazit nabídku
main-menu = Hlavní nabídka
administration = Správa
light-or-dark = Světlý nebo tmavý
my-doors = Moje dveře
my-sign-ins = Moje přihlášení
next-page = Další stránka
undo = Vrátit zpět

## The front page of the portal

hello = Dobrý den, { $name }
since-you-looked = Od vaší poslední návštěvy
news-by-you = { $when }, vámi
news-by = { $when }, kdo: { $who }
news-from-by-you = { $when } z { $source }, vámi
news-from-by = { $when } z { $source }, kdo: { $who }
reset-not-before = Před { $until } se nic nestane.
reset-not-you = Pokud jste o to nežádali, zastavte to. Nic tím neztratíte.
stop-reset = Zastavit
was-it-you = Neudělali jste něco z toho vy ani nikdo, koho jste požádali? <a href="/password">Změňte si heslo</a> a řekněte to správci.
have-seen = Viděno
my-factors = Moje faktory
no-factors = Nic vašeho zatím neotevírá druhé dveře. Požádejte správce o registrační kód a <a href="/enroll">nastavte si ověřovací aplikaci</a>.
duo-asks-you = Ptá se vás u druhých dveří. Vaše tamní telefony a klíče spravuje Duo, ne my.
devices-at-duo = Moje zařízení u Duo
devices-at-duo-more = Moje zařízení u Duo…
duo-manage-devices = Výzva Duo má <em>Manage devices</em>, kde to správce dovolí. Potom se vrátíte sem.
open-duo = Otevřít výzvu Duo
factor-since = { $kind }, od { $since }
factor-until = { $kind }, od { $since } do { $until }
codes-left = zbývající kódy: { $left } z { $of }
passkey-of-model = { $model }, potvrzeno výrobcem (<code>{ $aaguid }</code>)
passkey-shut = Neotevírá žádné dveře: vaše organizace přijímá jen jiné modely
reactivate-more = Nastavit znovu…
reactivate-means = Ztratila se jeho stránka, nebo je to jiný přístroj? S novým kódem bude zase týmž telefonem, pod svým jménem. Do té doby platí, co má teď. Je-li v nesprávných rukou, raději ho odeberte.
reactivate = Zobrazit kód
reactivate-named = Nastavit znovu: { $name }
rename-more = Přejmenovat…
rename = Přejmenovat
new-name-of = Nový název: { $name }
remove-more = Odebrat…
remove-means = Už neotevře žádné dveře a všude budete odhlášeni.
remove-it = Odebrat
step-token-more = Sjednotit…
step-token-how = Když jsou jeho kódy odmítány: tlačítko bylo stisknuto příliš často nebo se zpožďují hodiny. Zadejte kódy tak, jak je ukazuje jeden po druhém, žádný nevynechejte.
step-token = Sjednotit
code-number = { $number }. kód
code-number-of = { $number }. kód tokenu { $name }
add-app = Přidat ověřovací aplikaci
add-passkey = Přidat přístupový klíč
add-phone = Přidat telefon
add-number-more = Přidat číslo pro textové zprávy…
number = Číslo
what-you-call-it = Jak mu říkáte
text-a-code-there = Poslat tam kód
numbers-are-weak = Přístupový klíč nebo ověřovací aplikace je bezpečnější: čísla lze ukrást.
elsewhere-step-up = Jste v jiné síti. Chcete-li vidět a měnit své faktory, relace a přihlášení, <a href="/step-up?next=/">projděte ještě jednou druhými dveřmi</a>.
one-door-only = Přišli jste jedněmi dveřmi. Chcete-li vidět a měnit své faktory, relace a přihlášení, přihlaste se oběma.
one-door-step-up = Přišli jste jedněmi dveřmi. Chcete-li vidět a měnit své faktory, relace a přihlášení, <a href="/step-up?next=/">projděte i druhými</a>.
my-devices = Moje zařízení
no-devices = Zatím nemáte účet na žádném zařízení. Přiřadí vám je správce.
device = Zařízení
my-right-there = Moje oprávnění
state = Stav
right-administrator = správce
right-standard = standardní
device-active = aktivní
device-quarantined = v karanténě
device-revoked = odvoláno
lately = Poslední dobou u mých dveří
all = Vše
something-wrong = Něco, co jste neudělali? Změňte si heslo a řekněte to správci.
where-signed-in = Kde jsem přihlášen(a)
here = zde
end = Ukončit
end-session-in = Ukončit relaci v { $browser }
end-others = Ukončit všechny ostatní
where-remembered = Kde jsem zapamatován
forget = Zapomenout
forget-browser = Zapomenout { $browser }
forget-all = Zapomenout vše
remembered-at = { $place }, od { $since } do { $until }
remembered-everywhere = { $place } a všechny ostatní, které to tak mají, od { $since } do { $until }
session-since = od { $since }, naposledy použita { $used }
session-since-from = od { $since } z { $source }, naposledy použita { $used }
both-doors-from = obojími dveřmi z { $networks }
at-time = { $when }
at-time-from = { $when } z { $source }
portal = Portál
rest-api = Rozhraní REST API
browser-on = { $browser } v { $system }
unknown-browser = neznámý prohlížeč
command-line = Příkazový řádek

## Kinds of factors, states and doors of a sign-in

factor-bypass = kódy správce
factor-token = hardwarový token
factor-passkey = přístupový klíč
factor-number = telefonní číslo
factor-push = telefon, který se ptá
factor-app = ověřovací aplikace
factor-mail = e-mailová adresa
state-first-door = první dveře
state-second-door = druhé dveře
state-allowed = povoleno
state-denied = odmítnuto
by-password = heslo
by-session = relace
by-vouched = zaručuje { $system }

## What happened to one's account

news-access-reused = To, čím za vás jednala aplikace, přišlo podruhé. Někdo to mohl zkopírovat, proto to bylo ukončeno
news-addresses-changed = Vaše e-mailové adresy byly změněny
news-bypass = Byly vytvořeny náhradní kódy pro vaše druhé dveře
news-enrolment-code = Byl vytvořen kód k registraci vašeho faktoru
news-enrolled = Byl zaregistrován faktor
news-removed = Byl odebrán jeden z vašich faktorů
news-not-me = Váš telefon byl požádán, aby někoho vpustil, a odpověděli jste, že jste to nebyli vy. Nastavte si jiné heslo: ať to byl kdokoli, vaše zná
news-not-me-after-yes = Váš telefon někoho vpustil a vy jste poté uvedli, že jste to nebyli vy. Ukončete své ostatní relace a nastavte si jiné heslo
news-not-me-at-help-desk = Někdo mluvil s technickou podporou vaším jménem, jak jste uvedli
news-not-me-in-session = Váš telefon byl požádán, aby někoho vpustil, a odpověděli jste, že jste to nebyli vy. Ukončete své ostatní relace: ať to byl kdokoli, jednu z nich má
news-not-me-past-first-door = Váš telefon byl požádán, aby někoho vpustil, a odpověděli jste, že jste to nebyli vy. Ať to byl kdokoli, prošel už prvními dveřmi: změňte, čím se tam přihlašujete
news-password-changed = Vaše heslo bylo změněno
news-guessed =
    { $count ->
        [one] Jednou bylo zkoušeno nesprávné heslo k vašemu účtu odtud, kde jste se nikdy nepřihlásili
        [few] { $count }× byla zkoušena nesprávná hesla k vašemu účtu odtud, kde jste se nikdy nepřihlásili
        [many] { $count }× byla zkoušena nesprávná hesla k vašemu účtu odtud, kde jste se nikdy nepřihlásili
       *[other] { $count }× byla zkoušena nesprávná hesla k vašemu účtu odtud, kde jste se nikdy nepřihlásili
    }
news-known =
    { $count ->
        [one] Někdo jednou zadal vaše správné heslo odtud, kde jste se nikdy nepřihlásili, a dovnitř se nedostal
        [few] Někdo { $count }× zadal vaše správné heslo odtud, kde jste se nikdy nepřihlásili, a dovnitř se nedostal
        [many] Někdo { $count }× zadal vaše správné heslo odtud, kde jste se nikdy nepřihlásili, a dovnitř se nedostal
       *[other] Někdo { $count }× zadal vaše správné heslo odtud, kde jste se nikdy nepřihlásili, a dovnitř se nedostal
    }
news-locked = Vaše heslo bylo zamčeno
news-locked-to-strangers = Vaše heslo bylo tak často hádáno, že otevírá jen odtud, kde jste se už přihlásili
news-password-set = Bylo vám nastaveno nové heslo
news-phone-reactivated = Jeden z vašich telefonů byl nastaven znovu
news-reset-asked = Někdo požádal o obnovení vašeho přihlášení
news-second-door-shut = Bylo za vás zadáno tolik nesprávných kódů, že vaše druhé dveře byly na chvíli zavřeny
news-session-elsewhere =
    { $count ->
        [one] Vaše relace byla použita odtud, kde jste se nikdy nepřihlásili, a jednou v ní byl zadán nesprávný kód
        [few] Vaše relace byla použita odtud, kde jste se nikdy nepřihlásili, a { $count }× v ní byl zadán nesprávný kód
        [many] Vaše relace byla použita odtud, kde jste se nikdy nepřihlásili, a { $count }× v ní byl zadán nesprávný kód
       *[other] Vaše relace byla použita odtud, kde jste se nikdy nepřihlásili, a { $count }× v ní byl zadán nesprávný kód
    }
news-unlocked = Vaše heslo bylo odemčeno a nesprávné pokusy byly zapomenuty

## Factors of one's own

code-on-its-way-to = Kód je na cestě do telefonu, jehož číslo končí na { $last }. Platí deset minut.
code-in-text = Kód z textové zprávy
add-a-number = Přidat číslo
add-the-number = Přidat toto číslo
passkey-lives = Přístupový klíč je v tomto zařízení, v bezpečnostním klíči nebo v klíčence telefonu. Druhé dveře otevře dotykem, a kde si vyžádá prst, obličej nebo PIN, přihlásí vás bez hesla.
passkey-models = Vaše organizace přijímá jen tyto modely: { $models }. Prohlížeč se může zeptat, zda smí sdělit, jaký model máte.
passkey-add-it = Přidat
what-to-call-it = Jak ho nazvat
such-as-laptop = Například: můj notebook
no-passkeys-here = Prohlížeče nevytvářejí přístupové klíče pro adresu bez jména a tento server je pod takovou znám. Správce mu může dát jméno.
phone-asks-you = Telefon se vás zeptá, když se někdo přihlašuje vaším jménem, a vy potvrdíte prstem, obličejem nebo kódem PIN. Nepotřebuje aplikaci z obchodu: stačí naše stránka.
key-is-in-app-or-again = Klíč už v aplikaci je. Zadejte šest číslic, které právě ukazuje, nebo <a href="/">začněte znovu</a>.

## The password

change-my-password = Změnit mé heslo
password-expired = Heslo vypršelo. Nastavte nové, abyste mohli pokračovat.
present-password = Současné heslo
new-password = Nové heslo
new-password-again = Nové heslo ještě jednou
password-hint = Nejméně { $least } znaků. Několik slov za sebou je dlouhých a snadno zapamatovatelných. Bude to vaše heslo i na vašich zařízeních.
password-hint-alone = Nejméně { $least } znaků, protože po vás nechceme druhé dveře. Několik slov za sebou je dlouhých a snadno zapamatovatelných. Bude to vaše heslo i na vašich zařízeních.
code-for-second-door = Kód pro druhé dveře
no-code-at-hand = Nemáte kód, protože se vás ptá přístupový klíč, telefon nebo Duo? <a href="/step-up?next=/password">Projděte ještě jednou druhými dveřmi</a>: deset minut se zde na kód neptáme.
second-door-for-password = Nové heslo vyžaduje, abyste druhými dveřmi prošli v posledních deseti minutách. Projděte jimi nejprve ještě jednou; potom se vrátíte sem.
change-it = Změnit
passwords-differ = Obě nová hesla nejsou stejná.

## One's own sign-ins

column-when = Kdy
column-where = Kde
column-from = Odkud
column-doors = Dveře
column-result = Výsledek
column-why = Proč
why-password-wrong = špatné heslo
why-password-locked = heslo bylo uzamčeno
why-password-pending = heslo ještě nebylo nastaveno
why-password-expired = platnost hesla skončila
why-held = příliš mnoho chybných pokusů, proto chvíli čekání
why-no-factor = nic vašeho tam druhé dveře neotevírá
why-second-door-wrong = špatná odpověď u druhých dveří
why-code-used = kód už byl použit
why-passkey-copied = přístupový klíč se choval jako kopie vašeho; řekněte to správci
why-factor-not-here = tento faktor tam neplatí
why-code-texted = kód byl poslán v SMS, zadává se při samostatném přihlášení
why-spared = druhé dveře se nevyžadovaly
why-remembered = druhými dveřmi se tam prošlo už dříve
why-offline = zařízení nedosáhlo na server a vaše heslo stačilo
why-second-door-asked = byly vyžadovány druhé dveře
why-not-active = váš účet nebyl aktivní
why-not-there = tam vás nepustíme
why-not-from-there = odtamtud vás nepustíme
why-too-long = trvalo to příliš dlouho
why-gave-up = bylo to vzdáno
why-both-doors = prošlo se oběma dveřmi
why-session-open = už jste byli přihlášeni
why-stepped-up = druhými dveřmi se prošlo ještě jednou
why-passkey = přístupový klíč otevřel oboje dveře
why-answered-elsewhere = zodpovězeno ve vašem telefonu
why-unanswered = v telefonu nikdo včas neodpověděl
why-said-no = odmítnuto ve vašem telefonu
why-not-me = odpověděli jste, že jste to nebyli vy
why-duo-no = Duo nepotvrdilo, že jste to byli vy
why-duo-down = Duo se nebylo možné zeptat

## What the page before has done

notice-enrolled = Faktor je zaregistrován. Odteď otevírá druhé dveře.
notice-factor-removed = Faktor je odebrán. Kdo ho používal, musí se přihlásit znovu.
notice-forgotten = Zapomenuto. Příští přihlášení tam projde oběma dveřmi.
notice-password-changed = Heslo je změněno. Vaše ostatní relace skončily.
notice-reset-stopped = Zastaveno. Pokud jste o to nežádali vy, řekněte to hned správci.
notice-saved = Uloženo.
notice-session-ended = Relace skončila.
notice-sessions-ended = Relace skončily.
notice-signed-out = Jste odhlášeni.
notice-token-resynced = Token je sjednocen. Zadané kódy jsou spotřebovány.

## Pages that refuse

way-on = Tlačítko <em>Zpět</em> v prohlížeči vás vrátí k tomu, co jste vyplnili. Nebo přejděte na <a href="/">úvodní stránku</a>.
not-for-you = Není pro vás
for-administrators = Tyto stránky jsou pro správce. Požádejte vlastníka této organizace o roli.
second-door-first = Nejprve druhé dveře
second-door-first-how = To vyžaduje přihlášení oběma dveřmi. Zaregistrujte si faktor kódem od správce, pak se odhlaste a znovu přihlaste.
not-from-here = Ne odsud
not-from-here-how = Tento formulář nepřišel ze stránky tohoto webu nebo byl otevřený příliš dlouho. Nic se nezměnilo. Načtěte stránku znovu a opakujte to.
not-readable = Nečitelné
not-readable-how = Formulář nešel přečíst nebo je příliš velký. Nic se nezměnilo.
not-found = Nenalezeno
not-found-how = Taková stránka není. Možná byla smazána nebo adresa není úplná.
only-a-form = Jen pro formulář
only-a-form-how = Tato adresa přijímá formulář a sama nic nezobrazuje. Nic se nezměnilo. Vraťte se na stránku s formulářem.
no-way-on = Odsud cesta nevede
missing = Něco chybí
missing-passkey = Přístupový klíč nebyl použit.
not-acceptable = Nepřijatelné
not-allowed = Není dovoleno
does-not-fit = Nehodí se
changed-meanwhile = Mezitím změněno
too-busy = Příliš najednou
too-busy-how = Příliš mnoho požadavků najednou; zkuste to za chvíli.
perhaps-done = Možná provedeno
perhaps-done-how = Databáze byla v posledním okamžiku ztracena a neví se, zda se to provedlo; než to zkusíte znovu, podívejte se.
something-failed = Něco selhalo
something-failed-how = Něco selhalo na naší straně. Podrobnosti jsou v protokolu pod identifikátorem požadavku této odpovědi.

## What the doors say (the English is that of the interfaces, too)

said-cannot-show-digits = Hovor žádá číslice, které se zobrazí zde, a zde žádné zobrazit nelze. Použijte kód.
said-cannot-show-number = Žádost do telefonu potřebuje číslo, které se zobrazí zde, a zde žádné zobrazit nelze. Použijte kód.
said-country-closed = Toto číslo je ze země, kam se nic neposílá. Použijte jiný faktor.
said-dormant = Tento účet nebyl dlouho používán; požádejte správce o registrační kód.
said-duo-is-down = Duo se teď nelze zeptat. Použijte jiný faktor, pokud ho máte, zkuste to později nebo se zeptejte správce.
said-duo-no-name = Duo se na vás nelze zeptat, protože zde nemáte e-mailovou adresu. Zeptejte se správce.
said-duo-not-on = Duo vám teď tyto dveře neotevírá. Zvolte jiný faktor.
said-duo-said-no = Duo vás nepustilo. Zkuste to znovu nebo použijte jiný faktor.
said-duo-stale = Co se vrátilo z Duo, nepatří k tomuto přihlášení nebo přišlo podruhé. Zvolte znovu.
said-enrolled-code-wrong = Kód není správný; zkontrolujte hodiny telefonu a zkuste to znovu.
said-enrolment-code-wrong = Registrační kód není správný nebo už neplatí.
said-enrolment-expired = Tato registrace vypršela; začněte ji znovu.
said-held = Do telefonu šlo příliš mnoho žádostí. Použijte kód nebo přístupový klíč.
said-last-factor = Toto je váš poslední faktor; nejprve zaregistrujte jiný.
said-mail-on-its-way = Kód je na cestě do vaší e-mailové schránky.
said-mail-no-more = Teď už nelze nic odeslat. Zeptejte se správce.
said-mail-not-sent = Nešlo to odeslat. Zkuste to později nebo se zeptejte správce.
said-mailed-code-wrong = Kód není správný nebo už neplatí.
said-mailed-expired = Platnost vypršela; přihlaste se znovu.
said-model-not-accepted = Tento bezpečnostní klíč nepatří k modelům, které vaše organizace přijímá: { $models }.
said-name-control = Název nesmí obsahovat řídicí znaky ani zalomení řádku.
said-name-empty = Název nesmí být prázdný.
said-name-too-long = Název má nejvýše { $most } znaků.
said-new-code-expired = Tento kód vypršel; požádejte o jiný.
said-no-access = Přístup odepřen. Zeptejte se správce.
said-no-answer = Nikdo neodpověděl včas. Zeptejte se znovu nebo použijte jiný faktor.
said-no-more = Zatím nelze nic dalšího poslat. Použijte jiný faktor nebo se zeptejte správce.
said-no-phone-to-ask = Není telefon, kterého by se šlo zeptat. Použijte jiný faktor.
said-no-phone-to-call = Na ten telefon teď nelze zavolat. Použijte jiný faktor.
said-no-phone-to-text = Tam nelze poslat kód. Použijte jiný faktor.
said-no-texts = Kódy se zde textovou zprávou neposílají.
said-nothing-to-enrol = Nic, co byste si mohli nastavit sami, zde žádné dveře neotevírá. Zeptejte se správce.
said-not-a-number = Telefonní číslo je `+`, předvolba země a číslo, například `+420 212 345 678`.
said-not-asked = Nic nečeká na odpověď. Zvolte znovu.
said-not-here = To už tyto dveře neotevírá. Použijte jiný faktor.
said-no-factor-here = Tato aplikace vyžaduje druhé dveře a nic vašeho je tam neotevře. Přidejte si faktor na svém portálu nebo se zeptejte správce.
said-no-name-there = Tato aplikace zná lidi podle údaje, který o vás zde není znám. Obraťte se na správce.
said-not-remembered = Tento prohlížeč už není zapamatován. Projděte druhými dveřmi.
said-not-registered = Aplikace vás chce poslat na adresu, která pro ni není zapsána, proto tam posláni nebudete. Pro provozovatele aplikace: zadejte URI přesměrování na její stránce ve správě přesně tak, jak je v její konfiguraci.
said-not-sent = Nešlo to odeslat. Zkuste to později nebo použijte jiný faktor.
said-old-digits = Číslice té nabídky už neplatí. Zvolte znovu.
said-by-number = Hovor se ptá na číslice, které u něj stojí v nabídce. Zvolte ho jeho číslem v nabídce.
said-not-signed = Toto nepřišlo od aplikace, která je zde známá. Pro provozovatele aplikace: porovnejte ID klienta, tajný klíč klienta a hostitele API s údaji na její stránce ve správě.
said-nowhere = Nelze poznat, ve které síti jste, proto zde žádný faktor neplatí. Zeptejte se správce.
said-number-closed = Na čísla této země se nic neposílá.
said-number-code-wrong = Kód není správný; zkuste to znovu.
said-number-taken = Toto číslo už tu je.
said-number-with-role = Textové zprávy a hovory neotevírají dveře nikomu, kdo má roli; použijte přístupový klíč nebo ověřovací aplikaci.
said-on-its-way = Kód je na cestě.
said-one-at-a-time = V telefonu už čeká jiná žádost. Odpovězte na ni nebo počkejte minutu.
said-opens-nothing = Faktor tohoto druhu při současném nastavení žádné vaše dveře neotevírá; použijte jiný druh nebo se zeptejte správce.
said-passkey-does-not-hold = Odpověď prohlížeče neplatí; zkuste to znovu.
said-passkey-taken = Tento přístupový klíč už někomu patří.
said-passkey-used = Tato odpověď už byla použita; zkuste to znovu.
said-password-again = Zvolte jiné než současné.
said-password-code-wrong = Kód není správný nebo už byl použit; zadejte kód pro druhé dveře.
said-password-common = Je to jedno z hesel, která se hádají jako první.
said-password-is-name = Není to o moc víc než vaše jméno.
said-password-is-organization = Není to o moc víc než název organizace.
said-password-line-breaks = Heslo nesmí obsahovat zalomení řádku.
said-password-short = Použijte nejméně { $least } znaků; několik slov za sebou se snadno pamatuje.
said-password-short-alone = Použijte nejméně { $least } znaků, protože se nechtějí druhé dveře; několik slov za sebou se snadno pamatuje.
said-password-too-long = Heslo je delší než { $most } bajtů.
said-phone-code-wrong = Kód není správný nebo už neplatí; o nový požádejte na své vlastní stránce.
said-phone-did-not-sign = Klíč telefonu tuto žádost nepodepsal.
said-phone-has-no-key = Telefon neprokázal, že má svůj klíč; zkuste to znovu.
said-phone-number-wrong = To není číslo, které se zobrazuje tam, kde se přihlašujete.
said-present-password-wrong = To není vaše současné heslo.
said-request-over = Tato žádost už skončila.
said-said-no = Žádost byla v telefonu odmítnuta.
said-start-again = Toto přihlášení vypršelo. Začněte znovu.
said-too-late = Toto přihlášení trvalo příliš dlouho nebo bylo v jiném okně dokončeno či začato znovu. Vraťte se do aplikace a přihlaste se ještě jednou.
said-too-many = Příliš mnoho pokusů. Počkejte a zkuste to znovu.
said-too-many-a-minute = Příliš mnoho pokusů. Počkejte minutu a zkuste to znovu.
said-too-many-hours =
    { $hours ->
        [one] Příliš mnoho pokusů. Počkejte { $hours } hodinu a zkuste to znovu.
        [few] Příliš mnoho pokusů. Počkejte { $hours } hodiny a zkuste to znovu.
        [many] Příliš mnoho pokusů. Počkejte { $hours } hodiny a zkuste to znovu.
       *[other] Příliš mnoho pokusů. Počkejte { $hours } hodin a zkuste to znovu.
    }
said-too-many-minutes =
    { $minutes ->
        [one] Příliš mnoho pokusů. Počkejte { $minutes } minutu a zkuste to znovu.
        [few] Příliš mnoho pokusů. Počkejte { $minutes } minuty a zkuste to znovu.
        [many] Příliš mnoho pokusů. Počkejte { $minutes } minuty a zkuste to znovu.
       *[other] Příliš mnoho pokusů. Počkejte { $minutes } minut a zkuste to znovu.
    }
said-too-many-numbers = Už je zde { $most } telefonů; nejprve jeden odeberte.
said-too-many-apps = Už máte { $most } ověřovacích aplikací; nejprve jednu odeberte.
said-too-many-passkeys = Už máte { $most } přístupových klíčů; nejprve jeden odeberte.
said-too-many-phones = Už máte { $most } telefonů; nejprve jeden odeberte.
said-token-not-in-step = Nejsou to kódy, které tento token ukazuje po sobě, nebo už byly použity.
said-too-soon = Jeden je na cestě. Než požádáte o další, počkejte půl minuty.
said-used-code = Kód už byl použit. Počkejte na další.
said-wrong = Jméno nebo heslo není správné.
said-wrong-code = Kód není správný. Zkuste to znovu.
said-wrong-passkey = Přístupový klíč dveře neotevřel. Zkuste to znovu nebo použijte jiný faktor.

## Applications of a person
applications = Aplikace
applications-all = Všechny aplikace
applications-find = Najít aplikaci
applications-no-fit = Žádná vaše aplikace nemá v názvu „{ $text }“.
applications-none = Zatím vám není přístupná žádná aplikace. Požádejte svého správce o tu, kterou potřebujete; objeví se tu sama.
favourite = Oblíbená
favourite-of = Mít { $name } mezi oblíbenými
favourites = Oblíbené
search = Hledat
search-count = Výsledky: { $count }
search-found = Výsledky
search-how-own = Napište část názvu aplikace, některého ze svých faktorů nebo stránky.
search-keys = Na každé stránce vede / nebo Ctrl+K k hledání; šipky vybírají a Enter otevírá.
search-nothing = Nic neodpovídá textu „{ $text }“.
search-of = Hledání: { $text }
search-own = Hledat ve vašich aplikacích, faktorech a na stránkách
search-pages = Stránky
search-slash = Klávesa / vede k hledání
used-lately = Nedávno použité

this-device = Toto zařízení
this-device-why = Některé dveře se otevřou jen na zařízeních vaší organizace. Pokud je toto jedno z nich, agent Sallyport na něm to může potvrdit.
this-device-ask = Zeptat se agenta
this-device-if-not = Pokud prohlížeč hlásí, že se nemůže připojit, žádný agent tu není. Vraťte se a použijte zařízení své organizace.
this-device-show = Ukázat, že jde o zařízení vaší organizace
this-device-late = Trvalo to příliš dlouho nebo to začalo v jiném prohlížeči. Zkuste to znovu.
this-device-unknown = Toto není zařízení vaší organizace, které smíte používat. Zeptejte se svých správců.
