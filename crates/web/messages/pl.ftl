## The language itself

language-name = Polski
direction = ltr
choose-language = Język

## Words that stand alone

or = lub
code = Kod
password = Hasło
sign-in = Zaloguj się
sign-out = Wyloguj się
proceed = Kontynuuj
go-on = Dalej
enrol = Zarejestruj
done = Gotowe
not-now = Nie teraz
my-phone = Mój telefon

## Signing in

user-name = Nazwa użytkownika
sign-in-with-passkey = Zaloguj się kluczem dostępu
enrolment-code-question = Masz kod rejestracji? <a href="/enroll">Skonfiguruj drugi składnik</a>
not-set-up = Ta organizacja nie jest jeszcze skonfigurowana. Otwórz jednorazowy link, który serwer wyświetlił przy starcie.

## The second door, wherever it stands

second-door = Drugie drzwi
one-more-door = Jeszcze jedne drzwi
start-again = Zacznij od nowa
your-factors = Twoje składniki
remember-hours =
    { $count ->
        [one] Zapamiętaj tę przeglądarkę na godzinę
        [few] Zapamiętaj tę przeglądarkę na { $count } godziny
        [many] Zapamiętaj tę przeglądarkę na { $count } godzin
       *[other] Zapamiętaj tę przeglądarkę na { $count } godziny
    }
remember-days =
    { $count ->
        [one] Zapamiętaj tę przeglądarkę na dzień
        [few] Zapamiętaj tę przeglądarkę na { $count } dni
        [many] Zapamiętaj tę przeglądarkę na { $count } dni
       *[other] Zapamiętaj tę przeglądarkę na { $count } dnia
    }
phone-rings = <strong>{ $phone }</strong> dzwoni. Odbierz i wpisz tam te cyfry
type-number-on = Wpisz tę liczbę na <strong>{ $phone }</strong>
answer-request-on = Odpowiedz na prośbę na <strong>{ $phone }</strong>.
one-minute = Masz na to minutę. Nigdy nie wpisuj liczby, którą dyktuje Ci ktoś inny.
i-have-answered = Odpowiedź już dana
waiting-is-over = Jest odpowiedź albo minuta minęła. Przejdź dalej przyciskiem poniżej.
ask-phone = Zapytaj { $phone }
ask-phone-again = Zapytaj ponownie { $phone }
call-phone = Zadzwoń: { $phone }
call-phone-again = Zadzwoń ponownie: { $phone }
text-me = Wyślij mi kod SMS-em: { $phone }
use-passkey = Użyj klucza dostępu
go-on-with-duo = Kontynuuj przez Duo
passkey-needs-script = Klucz dostępu wymaga przeglądarki, która wykonuje nasz skrypt.
passkey-needs-script-here = Klucz dostępu wymaga przeglądarki, która wykonuje nasz skrypt. Poproś administratora o kod obejścia.

## Under the field for a code: one or several of these sentences

hint-app = Otwórz aplikację uwierzytelniającą i wpisz sześć cyfr, które teraz pokazuje.
hint-token = Wpisz to, co pokazuje token sprzętowy, po naciśnięciu przycisku, jeśli go ma.
hint-or-token = Lub wpisz to, co pokazuje token sprzętowy, po naciśnięciu przycisku, jeśli go ma.
hint-text = Poproś poniżej o kod i wpisz go tutaj.
hint-or-text = Lub poproś poniżej o kod i wpisz go tutaj.
hint-bypass = Zadziała też kod obejścia od administratora.
none-at-hand = Nie masz nic z tego pod ręką? Zwróć się do działu pomocy.

## What the browser says about a passkey

passkey-known = To urządzenie lub klucz jest już zarejestrowane.
passkey-bad-address = Przeglądarka nie tworzy kluczy dostępu dla tego adresu.
passkey-not-used = Nie użyto klucza dostępu. Spróbuj ponownie lub użyj czegoś innego.

## The prompt in front of an application

wants-to-know = <strong>{ $application }</strong> chce wiedzieć, czy to naprawdę Ty, <strong>{ $user }</strong>.
cancel-to = Anuluj i wróć do { $application }
back-to = Wróć do { $application }
sign-in-for = Aby przejść do aplikacji <strong>{ $application }</strong>.
stays-shut = Te drzwi pozostają zamknięte
asked-about = <strong>{ $application }</strong> pyta o <strong>{ $user }</strong>.
factor-first = Najpierw potrzebny jest drugi składnik
factor-first-for = <strong>{ $application }</strong> wymaga drugich drzwi, a nic Twojego, <strong>{ $user }</strong>, jeszcze ich nie otwiera. Poproś administratora o kod rejestracji; z nim w minutę skonfigurujesz aplikację uwierzytelniającą lub klucz dostępu. Potem zaloguj się jeszcze raz do { $application }.
factor-first-here = <strong>{ $application }</strong> wymaga drugich drzwi, a nic Twojego, <strong>{ $user }</strong>, jeszcze ich nie otwiera. Mając kod, skonfigurujesz tu w minutę aplikację uwierzytelniającą lub klucz dostępu i przejdziesz do { $application }.
code-of-mail-or-administrator = Kod z wiadomości e-mail albo kod od administratora.
have-enrolment-code = Mam kod rejestracji
going-back = Powrót
being-taken-back = Wracasz tam, skąd nastąpiło przejście.
applications-are-told = Aplikacje, do których nastąpiło zalogowanie, są kolejno powiadamiane. Tę stronę można zamknąć w każdej chwili.
go-on-by-hand = Przejdź ręcznie
on-to-duo = Przejście do Duo
taken-to-duo = Następuje przejście do Duo, które zapyta o drugi składnik i odeśle Cię z powrotem tutaj.

## An application that is told about somebody

consent-title = <strong>{ $application }</strong> chce wiedzieć, kim jesteś
consent-told = Jeśli się zgodzisz, zostanie przekazane:
consent-sub = że to Ty
consent-profile = Twoje imię i nazwisko oraz nazwa użytkownika
consent-email = Twój adres e-mail
consent-phone = Twój numer telefonu
consent-groups = do jakich grup należysz
consent-offline = wszystko to także pod Twoją nieobecność
consent-other = to, co nazywa <strong>{ $scope }</strong>
consent-yes = Zgadzam się
consent-no = Nie zgadzam się
leave-title = Wylogować?
leave-wish = <strong>{ $application }</strong> chce Cię wylogować.
leave-what = Nastąpi wylogowanie tutaj oraz z aplikacji, które chcą o tym wiedzieć.
leave-yes = Tak, wyloguj
leave-no = Pozostań zalogowany
device-title = Zaloguj urządzenie
device-what = Wpisz kod, który pokazuje Twoje urządzenie lub program.
device-code = Kod urządzenia
device-wrong = Nie ma takiego kodu albo już wygasł. Spójrz jeszcze raz na urządzenie.
device-too-many = Za dużo błędnych kodów. Spróbuj ponownie za dziesięć minut.
device-confirm = Czy to Twoje urządzenie?
device-asks = <strong>{ $application }</strong> chce się zalogować jako Ty, <strong>{ $user }</strong>.
device-shows = Twoje urządzenie musi pokazywać ten kod:
device-from = Prośba przychodzi z <strong>{ $place }</strong>.
device-warning = Jeśli ktoś przysłał Ci ten kod lub link do tej strony, nie idź dalej: zalogowałby się jako Ty.
device-yes = Tak, zaloguj
device-no = Nie
device-done = Przejdź do swojego urządzenia
device-done-how = <strong>{ $application }</strong> jest zalogowane. Możesz zamknąć tę stronę.
device-refused = <strong>{ $application }</strong> nie zostało zalogowane.

## The second door once more

on-another-network = Jesteś w innej sieci
second-door-again = Jeszcze raz drugie drzwi
step-up-with-nothing = To, czego chcesz, wymaga stąd jeszcze raz drugich drzwi, a nic Twojego ich teraz nie otwiera. Poproś administratora o kod obejścia.
step-up-now = Przejdź jeszcze raz przez drugie drzwi, aby kontynuować.
my-own-pages = Moje strony

## Enrolling the first factor

set-up-factor = Skonfiguruj drugi składnik
enrolment-needed = Potrzebna rejestracja
enrolment-needed-how = Hasło jest poprawne, ale nic Twojego nie otwiera jeszcze drugich drzwi. Poproś administratora o kod rejestracji; z nim w minutę skonfigurujesz aplikację uwierzytelniającą lub klucz dostępu.
enrolment-by-mail-how = Hasło jest poprawne, ale nic Twojego nie otwiera jeszcze drugich drzwi. Z kodem wysłanym e-mailem w minutę skonfigurujesz aplikację uwierzytelniającą lub klucz dostępu.
mail-me-a-code = Wyślij mi kod e-mailem: { $to }
have-administrators-code = Mam kod rejestracji od administratora
type-mailed-code = Wpisz kod wysłany Ci e-mailem. Jest ważny kwadrans i tylko w tej przeglądarce.
type-mailed-code-to = Wpisz kod wysłany na { $to }. Jest ważny kwadrans i tylko w tej przeglądarce.
code-from-mail = Kod z e-maila
mail-me-another = Wyślij mi następny e-mailem
what-you-need = Potrzebny jest kod rejestracji od administratora oraz aplikacja uwierzytelniająca w telefonie lub klucz dostępu.
enrolment-code = Kod rejestracji
back-to-sign-in = Wróć do logowania
your-factor-of = Twój drugi składnik, { $name }
add-account-in-app = Otwórz aplikację uwierzytelniającą i dodaj konto.
scan-picture = Zeskanuj ten obraz:
scan-picture-not-drawn = Zeskanuj ten obraz (nie udało się go narysować; wpisz zamiast tego klucz):
qr-of-app = Kod QR dla aplikacji uwierzytelniającej użytkownika { $name }
or-type-key = Lub wpisz klucz
key-kind = Na podstawie czasu, sześć cyfr, co 30 sekund.
six-digits-now = Sześć cyfr, które teraz pokazuje aplikacja
or-without-app = lub bez aplikacji
use-phone-page = Użyj strony w telefonie, która Cię pyta
use-passkey-or-key = Użyj klucza dostępu lub klucza zabezpieczeń
come-back = Jeśli coś Ci przerwie, wróć w ciągu dnia do <code>/enroll</code> z kodem <strong>{ $code }</strong>
once-more = Jeszcze raz
key-is-in-app = Klucz jest już w aplikacji. Wpisz sześć cyfr, które teraz pokazuje.
start-with-code = Zacznij od nowa z kodem rejestracji
enrolled = Zarejestrowano
enrolled-passkey = Od teraz Twój klucz dostępu otwiera drugie drzwi, za hasłem. Po przejściu przez oboje drzwi może zalogować Cię sam tam, gdzie pozwala na to organizacja. Logowania na urządzeniach i w programach nie mogą o niego pytać: jeśli ich potrzebujesz, dodaj też aplikację uwierzytelniającą w <em>Moje drzwi</em>.
enrolled-app = Od teraz Twoja aplikacja uwierzytelniająca otwiera drugie drzwi. Wpisany przed chwilą kod jest zużyty; z logowaniem zaczekaj na następny.
your-phone = Twój telefon
when-phone-is-yours = Gdy telefon powie, że jest Twój, zaloguj się tutaj.
scan-with-phone = Zeskanuj ten obraz telefonem lub otwórz na nim <code>{ $address }</code>.
open-on-phone = Otwórz <code>{ $address }</code> na telefonie.
open-on-this-phone = To jest ten telefon: otwórz stronę tutaj
home-screen-first = Na iPhonie lub iPadzie najpierw umieść stronę na ekranie początkowym i tam ją otwórz.
activate-with-code = Aktywuj ją tym kodem, który działa raz i przez piętnaście minut.
qr-of-phone = Kod QR strony telefonu

## The phone page

phone-needs-script = Ta strona odpowiada na prośby kluczem telefonu, do czego potrzebuje przeglądarki, która wykonuje nasz skrypt.
make-this-yours = Ustaw ten telefon jako swój
add-a-phone-there = Na własnej stronie, w <em>Moje drzwi</em>, wybierz <em>Dodaj telefon</em>. Zeskanuj tam obraz lub wpisz tutaj jego kod.
install-first = Na iPhonie lub iPadzie najpierw umieść tę stronę na ekranie początkowym (Udostępnij, potem <em>Dodaj do ekranu początkowego</em>), otwórz ją tam i tam wpisz kod.
name-this-phone = Jak nazwać ten telefon
activate = Aktywuj
no-screen-lock = Ten telefon nie ma blokady ekranu
ready = Gotowe do pracy
requests-appear = Prośby do <strong id="who"></strong> pojawiają się tutaj. To jest <strong id="phone-name"></strong>.
wake-this-phone = Budź ten telefon, gdy strona jest zamknięta
is-woken = Telefon budzi producent przeglądarki, który dowiaduje się, że coś wysłano, i niczego więcej.
give-up = Zrezygnuj z tego telefonu…
give-up-means = Nie otworzy już żadnych drzwi, dopóki nie zostanie aktywowany na nowo.
give-it-up = Zrezygnuj
is-this-you = Czy to Ty?
request-what = Logowanie do
request-from = Skąd
request-device = Urządzenie
request-at = Kiedy
number-where-you-sign-in = Liczba widoczna tam, gdzie się logujesz
let-me-in = Tak, wpuść mnie
no = Nie
not-me = Nie prosiłem(-am) o to
requests-of-last-hour = Żądania z ostatniej godziny

## What the script of the phone page says

server-refused = Serwer odmówił.
phone-not-confirmed = Telefon nie potwierdził, że to Ty. Spróbuj ponownie.
server-not-reached = Nie udało się połączyć z serwerem. Spróbuj ponownie.
key-lost = Ta przeglądarka utraciła swój klucz. Zrezygnuj z telefonu i aktywuj go na nowo.
phone-is-yours = Ten telefon jest teraz Twój.
unknown-address = nieznany adres
you-let-yourself-in = Wejście potwierdzone.
you-said-no = Powiedziano nie.
you-said-not-me = Administratorzy widzą, że to nie Ty. Co teraz zrobić, stoi w portalu.
you-said-not-me-after-yes = Administratorzy to widzą. To, na co się zgodzono, zostało otwarte: zakończ swoje sesje w portalu i zmień hasło.
help-desk-asks = Czy rozmawiasz teraz ze swoim działem pomocy?
asked-by = Pyta
number-they-read = Liczba, którą Ci odczytują
yes-that-is-me = Tak, to ja
not-speaking = Z nikim nie rozmawiam
you-confirmed = Dział pomocy wie już, że to Ty.
you-said-not-speaking = Dział pomocy dowie się, że to nie Ty. Nikomu nie podawaj żadnego kodu.
notifications-refused = Przeglądarka nie dostała zgody na powiadomienia. Prośby nadal pojawiają się, gdy ta strona jest otwarta.
cannot-be-woken = Tej przeglądarki nie można obudzić. Prośby nadal pojawiają się, gdy ta strona jest otwarta.
woken-again = Producent przeglądarki nie mógł już budzić tego telefonu. Teraz znów może.
woken-no-more = Producent przeglądarki nie może już budzić tego telefonu. Włącz budzenie na nowo poniżej albo nie zamykaj tej strony.
somebody-signs-in = Ktoś się loguje
open-to-see = Otwórz, aby zobaczyć gdzie, i powiedzieć tak lub nie.
account-changed = Coś się zmieniło na Twoim koncie
account-changed-look = Otwórz, aby zobaczyć co. Jeśli to nie Ty, powiedz o tym administratorowi.

## Around a page of the portal

to-the-content = Do treści
show-the-menu = Pokaż menu
main-menu = Menu główne
administration = Administracja
light-or-dark = Jasny lub ciemny
my-doors = Moje drzwi
my-sign-ins = Moje logowania
next-page = Następna strona
undo = Cofnij

## The front page of the portal

hello = Dzień dobry, { $name }
since-you-looked = Od ostatniej wizyty
news-by-you = { $when }, przez Ciebie
news-by = { $when }, przez: { $who }
news-from-by-you = { $when } z { $source }, przez Ciebie
news-from-by = { $when } z { $source }, przez: { $who }
reset-not-before = Nic się nie stanie przed { $until }.
reset-not-you = Jeśli to nie Ty o to prosisz, zatrzymaj to. Nic przez to nie tracisz.
stop-reset = Zatrzymaj
was-it-you = Czy czegoś z tego nie zrobiłeś(-aś) Ty ani nikt, kogo o to prosisz? <a href="/password">Zmień hasło</a> i powiedz administratorowi.
have-seen = Widzę to
my-factors = Moje składniki
no-factors = Nic Twojego nie otwiera jeszcze drugich drzwi. Poproś administratora o kod rejestracji i <a href="/enroll">skonfiguruj aplikację uwierzytelniającą</a>.
duo-asks-you = Pyta Cię przy drugich drzwiach. Twoimi telefonami i kluczami zarządza tam Duo, a nie my.
devices-at-duo = Moje urządzenia w Duo
devices-at-duo-more = Moje urządzenia w Duo…
duo-manage-devices = Strona Duo ma <em>Manage devices</em> tam, gdzie pozwala na to administrator. Potem wracasz tutaj.
open-duo = Otwórz stronę Duo
factor-since = { $kind }, od { $since }
factor-until = { $kind }, od { $since } do { $until }
codes-left = pozostałe kody: { $left } z { $of }
passkey-of-model = { $model }, co potwierdza producent (<code>{ $aaguid }</code>)
passkey-shut = Nie otwiera żadnych drzwi: Twoja organizacja akceptuje tylko inne modele
reactivate-more = Skonfiguruj na nowo…
reactivate-means = Strona przepadła albo to inny aparat? Dzięki nowemu kodowi będzie to znów ten sam telefon, pod swoją nazwą. Do tego czasu liczy się to, co ma teraz. Jeśli jest w niepowołanych rękach, usuń go.
reactivate = Pokaż kod
reactivate-named = Skonfiguruj na nowo: { $name }
rename-more = Zmień nazwę…
rename = Zmień nazwę
new-name-of = Nowa nazwa: { $name }
remove-more = Usuń…
remove-means = Nie otworzy już żadnych drzwi, a Ty zostaniesz wszędzie wylogowany(-a).
remove-it = Usuń
step-token-more = Zsynchronizuj…
step-token-how = Gdy jego kody są odrzucane: przycisk naciśnięto zbyt wiele razy lub zegar się spóźnia. Wpisz kody tak, jak pokazuje je po kolei, nie pomijając żadnego.
step-token = Zsynchronizuj
code-number = Kod { $number }
code-number-of = Kod { $number } z { $name }
add-app = Dodaj aplikację uwierzytelniającą
add-passkey = Dodaj klucz dostępu
add-phone = Dodaj telefon
add-number-more = Dodaj numer do SMS-ów…
number = Numer
what-you-call-it = Jak go nazywasz
text-a-code-there = Wyślij tam kod
numbers-are-weak = Klucz dostępu lub aplikacja uwierzytelniająca są bezpieczniejsze: numery można ukraść.
elsewhere-step-up = Jesteś w innej sieci. Aby zobaczyć i zmienić swoje składniki, sesje i logowania, <a href="/step-up?next=/">przejdź jeszcze raz przez drugie drzwi</a>.
one-door-only = Wejście było przez jedne drzwi. Aby zobaczyć i zmienić swoje składniki, sesje i logowania, zaloguj się przez oboje.
one-door-step-up = Wejście było przez jedne drzwi. Aby zobaczyć i zmienić swoje składniki, sesje i logowania, <a href="/step-up?next=/">przejdź przez drugie</a>.
my-devices = Moje urządzenia
no-devices = Nie masz jeszcze konta na żadnym urządzeniu. Przydziela je administrator.
device = Urządzenie
my-right-there = Moje uprawnienie
state = Stan
right-administrator = administrator
right-standard = standardowe
device-active = aktywne
device-quarantined = w kwarantannie
device-revoked = unieważnione
lately = Ostatnio przy moich drzwiach
all = Wszystkie
something-wrong = Coś, czego nie robisz? Zmień hasło i powiedz administratorowi.
where-signed-in = Gdzie trwa moje logowanie
here = tutaj
end = Zakończ
end-session-in = Zakończ sesję w { $browser }
end-others = Zakończ wszystkie inne
where-remembered = Gdzie mnie zapamiętano
forget = Zapomnij
forget-browser = Zapomnij { $browser }
forget-all = Zapomnij wszystkie
remembered-at = { $place }, od { $since } do { $until }
remembered-everywhere = { $place } i wszystkie inne, które tak stanowią, od { $since } do { $until }
session-since = od { $since }, ostatnio użyta { $used }
session-since-from = od { $since } z { $source }, ostatnio użyta { $used }
both-doors-from = oboje drzwi przekroczone z { $networks }
at-time = { $when }
at-time-from = { $when } z { $source }
portal = Portal użytkownika
rest-api = Interfejs REST API
browser-on = { $browser } w { $system }
unknown-browser = nieznana przeglądarka
command-line = Wiersz poleceń

## Kinds of factors, states and doors of a sign-in

factor-bypass = kody administratora
factor-token = token sprzętowy
factor-passkey = klucz dostępu
factor-number = numer telefonu
factor-push = telefon, który pyta
factor-app = aplikacja uwierzytelniająca
factor-mail = adres e-mail
state-first-door = pierwsze drzwi
state-second-door = drugie drzwi
state-allowed = wpuszczono
state-denied = odmówiono
by-password = hasło
by-session = sesja
by-vouched = poręcza { $system }

## What happened to one's account

news-access-reused = To, czym aplikacja działała w Twoim imieniu, przyszło po raz drugi. Ktoś mógł to skopiować, dlatego zostało unieważnione
news-addresses-changed = Twoje adresy e-mail zostały zmienione
news-bypass = Utworzono kody obejścia do Twoich drugich drzwi
news-enrolment-code = Utworzono kod do rejestracji Twojego składnika
news-enrolled = Zarejestrowano składnik
news-removed = Usunięto jeden z Twoich składników
news-not-me = Poproszono Twój telefon o wpuszczenie kogoś, a Ty odpowiadasz, że to nie Ty. Ustaw inne hasło: ta osoba zna Twoje
news-not-me-after-yes = Twój telefon kogoś wpuścił, a potem padła z niego odpowiedź, że to nie Ty. Zakończ pozostałe sesje i ustaw inne hasło
news-not-me-at-help-desk = Ktoś rozmawiał z działem pomocy w Twoim imieniu, jak wynika z Twojej odpowiedzi
news-not-me-in-session = Poproszono Twój telefon o wpuszczenie kogoś, a Ty odpowiadasz, że to nie Ty. Zakończ swoje pozostałe sesje: ta osoba ma jedną z nich
news-not-me-past-first-door = Poproszono Twój telefon o wpuszczenie kogoś, a Ty odpowiadasz, że to nie Ty. Ta osoba przeszła już pierwsze drzwi: zmień to, czym się tam logujesz
news-password-changed = Zmieniono Twoje hasło
news-guessed =
    { $count ->
        [one] Raz próbowano błędnego hasła do Twojego konta z miejsca, skąd nigdy się nie logujesz
        [few] { $count } razy próbowano błędnych haseł do Twojego konta z miejsca, skąd nigdy się nie logujesz
        [many] { $count } razy próbowano błędnych haseł do Twojego konta z miejsca, skąd nigdy się nie logujesz
       *[other] { $count } raza próbowano błędnych haseł do Twojego konta z miejsca, skąd nigdy się nie logujesz
    }
news-known =
    { $count ->
        [one] Ktoś raz podał Twoje poprawne hasło z miejsca, skąd nigdy się nie logujesz, i nie wszedł
        [few] Ktoś { $count } razy podał Twoje poprawne hasło z miejsca, skąd nigdy się nie logujesz, i nie wszedł
        [many] Ktoś { $count } razy podał Twoje poprawne hasło z miejsca, skąd nigdy się nie logujesz, i nie wszedł
       *[other] Ktoś { $count } raza podał Twoje poprawne hasło z miejsca, skąd nigdy się nie logujesz, i nie wszedł
    }
news-locked = Twoje hasło zostało zablokowane
news-locked-to-strangers = Twoje hasło próbowano odgadnąć tak często, że otwiera tylko z miejsc wcześniejszych logowań
news-password-set = Ustawiono Ci nowe hasło
news-phone-reactivated = Jeden z Twoich telefonów skonfigurowano na nowo
news-reset-asked = Ktoś poprosił o zresetowanie Twojego sposobu logowania
news-second-door-shut = Podano dla Ciebie tyle błędnych kodów, że Twoje drugie drzwi na jakiś czas zamknięto
news-session-elsewhere =
    { $count ->
        [one] Twojej sesji użyto z miejsca, skąd nigdy się nie logujesz, i raz podano w niej błędny kod
        [few] Twojej sesji użyto z miejsca, skąd nigdy się nie logujesz, i { $count } razy podano w niej błędny kod
        [many] Twojej sesji użyto z miejsca, skąd nigdy się nie logujesz, i { $count } razy podano w niej błędny kod
       *[other] Twojej sesji użyto z miejsca, skąd nigdy się nie logujesz, i { $count } raza podano w niej błędny kod
    }
news-unlocked = Twoje hasło odblokowano, a błędne próby zapomniano

## Factors of one's own

code-on-its-way-to = Kod jest w drodze na telefon o numerze kończącym się na { $last }. Jest ważny dziesięć minut.
code-in-text = Kod z SMS-a
add-a-number = Dodaj numer
add-the-number = Dodaj ten numer
passkey-lives = Klucz dostępu znajduje się w tym urządzeniu, w kluczu zabezpieczeń lub w pęku kluczy telefonu. Otwiera drugie drzwi jednym dotknięciem, a tam, gdzie pyta o palec, twarz lub PIN, loguje bez hasła.
passkey-models = Twoja organizacja akceptuje tylko te modele: { $models }. Przeglądarka może zapytać, czy wolno jej podać model klucza.
passkey-add-it = Dodaj
what-to-call-it = Jak go nazwać
such-as-laptop = Na przykład: mój laptop
no-passkeys-here = Przeglądarki nie tworzą kluczy dostępu dla adresu bez nazwy, a ten serwer jest znany pod takim adresem. Administrator może nadać mu nazwę.
phone-asks-you = Telefon pyta Cię, gdy ktoś loguje się Twoją nazwą, a Ty potwierdzasz palcem, twarzą lub kodem PIN. Nie potrzeba aplikacji ze sklepu: robi to nasza strona.
key-is-in-app-or-again = Klucz jest już w aplikacji. Wpisz sześć cyfr, które teraz pokazuje, lub <a href="/">zacznij od nowa</a>.

## The password

change-my-password = Zmień moje hasło
password-expired = Hasło wygasło. Ustaw nowe, aby kontynuować.
present-password = Obecne hasło
new-password = Nowe hasło
new-password-again = Nowe hasło, jeszcze raz
password-hint = Co najmniej { $least } znaków. Kilka słów z rzędu jest długich i łatwych do zapamiętania. Stanie się też Twoim hasłem na urządzeniach.
password-hint-alone = Co najmniej { $least } znaków, bo nie wymaga się od Ciebie drugich drzwi. Kilka słów z rzędu jest długich i łatwych do zapamiętania. Stanie się też Twoim hasłem na urządzeniach.
code-for-second-door = Kod do drugich drzwi
no-code-at-hand = Brak kodu, bo pyta klucz dostępu, telefon lub Duo? <a href="/step-up?next=/password">Przejdź jeszcze raz przez drugie drzwi</a>: przez dziesięć minut nie pytamy tu o kod.
second-door-for-password = Nowe hasło wymaga przejścia przez drugie drzwi w ciągu ostatnich dziesięciu minut. Przejdź najpierw przez nie jeszcze raz; potem wrócisz tutaj.
change-it = Zmień
passwords-differ = Oba nowe hasła nie są takie same.

## One's own sign-ins

column-when = Kiedy
column-where = Gdzie
column-from = Skąd
column-doors = Drzwi
column-result = Wynik
column-why = Dlaczego
why-password-wrong = błędne hasło
why-password-locked = hasło było zablokowane
why-password-pending = hasła jeszcze nie ustawiono
why-password-expired = hasło wygasło
why-held = zbyt wiele błędnych prób, stąd przerwa
why-no-factor = nic Twojego nie otwiera tam drugich drzwi
why-second-door-wrong = błędna odpowiedź przy drugich drzwiach
why-code-used = kod był już użyty
why-passkey-copied = klucz dostępu zachował się jak kopia Twojego; powiedz o tym administratorowi
why-factor-not-here = ten składnik się tam nie liczy
why-code-texted = wysłano kod SMS-em, do wpisania przy osobnym logowaniu
why-spared = drugich drzwi nie wymagano
why-remembered = przez drugie drzwi przechodzono tam już wcześniej
why-offline = urządzenie nie miało łączności z serwerem i wystarczyło Twoje hasło
why-second-door-asked = wymagano drugich drzwi
why-not-active = Twoje konto nie było aktywne
why-not-there = nie masz tam wstępu
why-not-from-there = stamtąd nie masz wstępu
why-too-long = trwało to zbyt długo
why-gave-up = zrezygnowano
why-both-doors = przejście przez oboje drzwi
why-session-open = logowanie już wcześniej nastąpiło
why-stepped-up = ponowne przejście przez drugie drzwi
why-passkey = klucz dostępu otworzył oboje drzwi
why-answered-elsewhere = odpowiedź na Twoim telefonie
why-unanswered = na telefonie nikt nie odpowiedział na czas
why-said-no = odmowa na Twoim telefonie
why-not-me = odpowiedź, że to nie Ty
why-duo-no = Duo nie potwierdziło, że to Ty
why-duo-down = Duo nie można było zapytać

## What the page before has done

notice-enrolled = Składnik jest zarejestrowany. Od teraz otwiera drugie drzwi.
notice-factor-removed = Składnik został usunięty. Kto go używał, musi zalogować się ponownie.
notice-forgotten = Zapomniano. Następne logowanie stamtąd przejdzie przez oboje drzwi.
notice-password-changed = Hasło zostało zmienione. Inne sesje zostały zakończone.
notice-reset-stopped = Zatrzymano. Jeśli to nie Ty o to prosisz, od razu powiedz o tym administratorowi.
notice-saved = Zapisano.
notice-session-ended = Sesja została zakończona.
notice-sessions-ended = Sesje zostały zakończone.
notice-signed-out = Wylogowano.
notice-token-resynced = Token jest zsynchronizowany. Wpisane kody są zużyte.

## Pages that refuse

way-on = Przycisk <em>Wstecz</em> przeglądarki wraca do wypełnionych danych. Możesz też przejść na <a href="/">stronę początkową</a>.
not-for-you = Nie dla Ciebie
for-administrators = Te strony są dla administratorów. Poproś właściciela tej organizacji o rolę.
second-door-first = Najpierw drugie drzwi
second-door-first-how = To wymaga logowania przez oboje drzwi. Zarejestruj składnik kodem od administratora, a potem wyloguj się i zaloguj ponownie.
not-from-here = Nie stąd
not-from-here-how = Ten formularz nie pochodził ze strony tej witryny lub był zbyt długo otwarty. Niczego nie zmieniono. Wczytaj stronę jeszcze raz i powtórz.
not-readable = Nieczytelne
not-readable-how = Formularza nie udało się odczytać lub jest za duży. Niczego nie zmieniono.
not-found = Nie znaleziono
not-found-how = Nie ma takiej strony. Może została usunięta lub adres jest niepełny.
only-a-form = Tylko dla formularza
only-a-form-how = Ten adres przyjmuje formularz i sam nic nie pokazuje. Niczego nie zmieniono. Wróć do strony z formularzem.
no-way-on = Stąd nie ma drogi dalej
missing = Czegoś brakuje
missing-passkey = Nie użyto klucza dostępu.
not-acceptable = Niedopuszczalne
not-allowed = Niedozwolone
does-not-fit = Nie pasuje
changed-meanwhile = Zmieniono w międzyczasie
too-busy = Zbyt wiele naraz
too-busy-how = Zbyt wiele żądań naraz; spróbuj za chwilę.
perhaps-done = Może wykonano
perhaps-done-how = Baza danych została utracona w ostatniej chwili i nie wiadomo, czy to wykonano; sprawdź, zanim spróbujesz ponownie.
something-failed = Coś się nie powiodło
something-failed-how = Coś się nie powiodło po naszej stronie. Dziennik zawiera szczegóły pod identyfikatorem żądania tej odpowiedzi.

## What the doors say (the English is that of the interfaces, too)

said-cannot-show-digits = Połączenie prosi o cyfry, które są tu pokazywane, a tu nie można ich pokazać. Użyj kodu.
said-cannot-show-number = Prośba do telefonu wymaga liczby, która jest tu pokazywana, a tu nie można jej pokazać. Użyj kodu.
said-country-closed = Ten numer jest z kraju, do którego nic się nie wysyła. Użyj innego składnika.
said-dormant = To konto długo nie było używane; poproś administratora o kod rejestracji.
said-duo-is-down = Duo nie można teraz zapytać. Użyj innego składnika, jeśli go masz, spróbuj później lub zapytaj administratora.
said-duo-no-name = Duo nie można zapytać o Ciebie, bo nie masz tu adresu e-mail. Zapytaj administratora.
said-duo-not-on = Duo nie otwiera Ci teraz tych drzwi. Wybierz inny składnik.
said-duo-said-no = Duo Cię nie przepuściło. Spróbuj ponownie lub użyj innego składnika.
said-duo-stale = To, co wróciło z Duo, nie należy do tego logowania lub przyszło drugi raz. Wybierz ponownie.
said-enrolled-code-wrong = Ten kod jest niepoprawny; sprawdź zegar telefonu i spróbuj ponownie.
said-enrolment-code-wrong = Ten kod rejestracji jest niepoprawny lub już nieważny.
said-enrolment-expired = Ta rejestracja wygasła; zacznij ją od nowa.
said-held = Było zbyt wiele próśb do Twojego telefonu. Użyj kodu lub klucza dostępu.
said-last-factor = To Twój ostatni składnik; najpierw zarejestruj inny.
said-mail-on-its-way = Kod jest w drodze na Twój adres e-mail.
said-mail-no-more = Na razie nie można wysłać więcej. Zapytaj administratora.
said-mail-not-sent = Nie udało się wysłać. Spróbuj później lub zapytaj administratora.
said-mailed-code-wrong = Ten kod jest niepoprawny lub już nieważny.
said-mailed-expired = To wygasło; zaloguj się ponownie.
said-model-not-accepted = Ten klucz zabezpieczeń nie należy do modeli, które akceptuje Twoja organizacja: { $models }.
said-name-control = Nazwa nie może zawierać znaków sterujących ani podziałów wiersza.
said-name-empty = Nazwa nie może być pusta.
said-name-too-long = Nazwa ma najwyżej { $most } znaków.
said-new-code-expired = Ten kod wygasł; poproś o nowy.
said-no-access = Odmowa dostępu. Zapytaj administratora.
said-no-answer = Nikt nie odpowiedział na czas. Zapytaj ponownie lub użyj innego składnika.
said-no-more = Na razie nic więcej nie można wysłać. Użyj innego składnika lub zapytaj administratora.
said-no-phone-to-ask = Nie ma telefonu, który można zapytać. Użyj innego składnika.
said-no-phone-to-call = Na ten telefon nie można teraz zadzwonić. Użyj innego składnika.
said-no-phone-to-text = Tam nie można wysłać kodu. Użyj innego składnika.
said-no-texts = Tutaj nie wysyła się kodów SMS-em.
said-nothing-to-enrol = Nic, co można skonfigurować samodzielnie, nie otwiera tu drzwi. Zapytaj administratora.
said-not-a-number = Numer telefonu to `+`, numer kierunkowy kraju i numer, na przykład `+48 22 123 45 67`.
said-not-asked = Nic nie czeka na odpowiedź. Wybierz ponownie.
said-not-here = To już nie otwiera tych drzwi. Użyj innego składnika.
said-no-factor-here = Ta aplikacja wymaga drugich drzwi, a nic Twojego ich tam nie otwiera. Dodaj składnik w swoim portalu albo zapytaj administratora.
said-no-name-there = Ta aplikacja rozpoznaje osoby po danej, która nie jest tu o Tobie znana. Zapytaj administratora.
said-not-remembered = Ta przeglądarka nie jest już zapamiętana. Przejdź przez drugie drzwi.
said-not-registered = Aplikacja chce Cię wysłać pod adres, który nie jest dla niej zarejestrowany, więc nie nastąpi tam przejście. Dla osoby, która ją prowadzi: wpisz URI przekierowania na jej stronie w administracji, dokładnie tak, jak w jej konfiguracji.
said-not-sent = Nie udało się wysłać. Spróbuj później lub użyj innego składnika.
said-old-digits = Cyfry z tego menu są już nieważne. Wybierz ponownie.
said-by-number = Połączenie pyta o cyfry, które stoją obok niego w menu. Wybierz je tam po numerze.
said-not-signed = To nie pochodziło od znanej tutaj aplikacji. Dla osoby, która ją prowadzi: porównaj identyfikator klienta, klucz tajny klienta i host API z danymi na jej stronie w administracji.
said-nowhere = Nie można ustalić, w jakiej jesteś sieci, więc żaden składnik się tu nie liczy. Zapytaj administratora.
said-number-closed = Nic się nie wysyła na numery tego kraju.
said-number-code-wrong = Ten kod jest niepoprawny; spróbuj ponownie.
said-number-taken = Ten numer już tu jest.
said-number-with-role = SMS-y i połączenia nie otwierają drzwi nikomu, kto ma rolę; użyj klucza dostępu lub aplikacji uwierzytelniającej.
said-on-its-way = Kod jest w drodze.
said-one-at-a-time = Na telefonie czeka już inna prośba. Odpowiedz na nią lub zaczekaj minutę.
said-opens-nothing = Przy obecnych ustawieniach składnik tego rodzaju nie otwiera żadnych Twoich drzwi; użyj innego rodzaju lub zapytaj administratora.
said-passkey-does-not-hold = Odpowiedź przeglądarki jest nieważna; spróbuj ponownie.
said-passkey-taken = Ten klucz dostępu już do kogoś należy.
said-passkey-used = Ta odpowiedź została już użyta; spróbuj ponownie.
said-password-again = Wybierz inne niż obecne.
said-password-code-wrong = Ten kod jest niepoprawny lub został już użyty; podaj kod do drugich drzwi.
said-password-common = To jedno z haseł, które odgaduje się najpierw.
said-password-is-name = To niewiele więcej niż Twoja nazwa.
said-password-is-organization = To niewiele więcej niż nazwa organizacji.
said-password-line-breaks = Hasło nie może zawierać podziałów wiersza.
said-password-short = Użyj co najmniej { $least } znaków; kilka słów z rzędu łatwo zapamiętać.
said-password-short-alone = Użyj co najmniej { $least } znaków, bo nie wymaga się drugich drzwi; kilka słów z rzędu łatwo zapamiętać.
said-password-too-long = Hasło jest dłuższe niż { $most } bajtów.
said-phone-code-wrong = Ten kod jest niepoprawny lub już nieważny; poproś o nowy na własnej stronie.
said-phone-did-not-sign = Klucz telefonu nie podpisał tej prośby.
said-phone-has-no-key = Telefon nie wykazał, że ma swój klucz; spróbuj ponownie.
said-phone-number-wrong = To nie jest liczba pokazana tam, gdzie się logujesz.
said-present-password-wrong = To nie jest Twoje obecne hasło.
said-request-over = Ta prośba już się skończyła.
said-said-no = Na telefonie odmówiono.
said-start-again = To logowanie wygasło. Zacznij od nowa.
said-too-late = To logowanie trwało zbyt długo albo zostało zakończone lub rozpoczęte od nowa w innym oknie. Wróć do aplikacji i zaloguj się jeszcze raz.
said-too-many = Zbyt wiele prób. Zaczekaj i spróbuj ponownie.
said-too-many-a-minute = Zbyt wiele prób. Zaczekaj minutę i spróbuj ponownie.
said-too-many-hours =
    { $hours ->
        [one] Zbyt wiele prób. Zaczekaj { $hours } godzinę i spróbuj ponownie.
        [few] Zbyt wiele prób. Zaczekaj { $hours } godziny i spróbuj ponownie.
        [many] Zbyt wiele prób. Zaczekaj { $hours } godzin i spróbuj ponownie.
       *[other] Zbyt wiele prób. Zaczekaj { $hours } godziny i spróbuj ponownie.
    }
said-too-many-minutes =
    { $minutes ->
        [one] Zbyt wiele prób. Zaczekaj { $minutes } minutę i spróbuj ponownie.
        [few] Zbyt wiele prób. Zaczekaj { $minutes } minuty i spróbuj ponownie.
        [many] Zbyt wiele prób. Zaczekaj { $minutes } minut i spróbuj ponownie.
       *[other] Zbyt wiele prób. Zaczekaj { $minutes } minuty i spróbuj ponownie.
    }
said-too-many-numbers = Jest już { $most } telefonów; najpierw usuń jeden.
said-too-many-apps = Masz już { $most } aplikacji uwierzytelniających; najpierw usuń jedną.
said-too-many-passkeys = Masz już { $most } kluczy dostępu; najpierw usuń jeden.
said-too-many-phones = Masz już { $most } telefonów; najpierw usuń jeden.
said-token-not-in-step = To nie są kody, które ten token pokazuje po kolei, lub zostały już użyte.
said-too-soon = Jeden jest w drodze. Zaczekaj pół minuty, zanim poprosisz o następny.
said-used-code = Ten kod został już użyty. Zaczekaj na następny.
said-wrong = Nazwa lub hasło są niepoprawne.
said-wrong-code = Ten kod jest niepoprawny. Spróbuj ponownie.
said-wrong-passkey = Ten klucz dostępu nie otworzył drzwi. Spróbuj ponownie lub użyj innego składnika.

## Applications of a person
applications = Aplikacje
applications-all = Wszystkie aplikacje
applications-find = Znajdź aplikację
applications-no-fit = Żadna z Twoich aplikacji nie ma w nazwie „{ $text }”.
applications-none = Nie masz jeszcze dostępu do żadnej aplikacji. Poproś administratora o tę, której potrzebujesz; pojawi się tu sama.
favourite = Ulubiona
favourite-of = Trzymaj { $name } wśród ulubionych
favourites = Ulubione
search = Szukaj
search-count = Wyniki: { $count }
search-found = Wyniki
search-how-own = Wpisz część nazwy aplikacji, jednego ze swoich składników albo strony.
search-keys = Na każdej stronie / lub Ctrl+K prowadzi do wyszukiwania; strzałki wybierają, a Enter otwiera.
search-nothing = Nic nie pasuje do „{ $text }”.
search-of = Wyszukiwanie: { $text }
search-own = Szukaj wśród swoich aplikacji, składników i stron
search-pages = Strony
search-slash = Klawisz / prowadzi do wyszukiwania
used-lately = Ostatnio używane

this-device = To urządzenie
this-device-why = Niektóre drzwi otwierają się tylko na urządzeniach organizacji. Jeśli to jest jedno z nich, agent Sallyport na nim może to potwierdzić.
this-device-ask = Zapytaj agenta
this-device-if-not = Jeśli przeglądarka informuje, że nie może się połączyć, nie ma tu agenta. Wróć i użyj urządzenia swojej organizacji.
this-device-show = Pokaż, że to urządzenie twojej organizacji
this-device-late = To trwało zbyt długo albo zaczęło się w innej przeglądarce. Spróbuj ponownie.
this-device-unknown = To nie jest urządzenie organizacji, z którego możesz korzystać. Zapytaj administratorów.
