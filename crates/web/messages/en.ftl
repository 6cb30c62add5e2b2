# What the pages say that people meet: at the doors, at the prompt, on their phone and in their own portal.
# Every other file has the same messages with the same values and the same markup in them. See CONTRIBUTING.md.

## The language itself

language-name = English
# How it is written: ltr or rtl.
direction = ltr
choose-language = Language

## Words that stand alone

or = or
code = Code
password = Password
sign-in = Sign in
sign-out = Sign out
proceed = Continue
go-on = Go on
enrol = Enrol
done = Done
not-now = Not now
my-phone = My phone

## Signing in

user-name = User name
sign-in-with-passkey = Sign in with a passkey
enrolment-code-question = Got an enrolment code? <a href="/enroll">Set up your second factor</a>
not-set-up = This organisation is not set up yet. Open the one-time link that the server printed when it started.

## The second door, wherever it stands

second-door = Second door
one-more-door = One more door
start-again = Start again
your-factors = Your factors
remember-hours =
    { $count ->
        [one] Remember this browser for an hour
       *[other] Remember this browser for { $count } hours
    }
remember-days =
    { $count ->
        [one] Remember this browser for a day
       *[other] Remember this browser for { $count } days
    }
phone-rings = <strong>{ $phone }</strong> rings. Answer it and type these digits there
type-number-on = Type this number on <strong>{ $phone }</strong>
answer-request-on = Answer the request on <strong>{ $phone }</strong>.
one-minute = There is a minute for it. Never type a number that somebody else reads out to you.
i-have-answered = I have answered
waiting-is-over = There is an answer, or the minute is over. Go on with the button below.
ask-phone = Ask { $phone }
ask-phone-again = Ask { $phone } again
call-phone = Call { $phone }
call-phone-again = Call { $phone } again
text-me = Text me a code: { $phone }
use-passkey = Use a passkey
go-on-with-duo = Go on with Duo
passkey-needs-script = A passkey needs a browser that runs our script.
passkey-needs-script-here = A passkey needs a browser that runs our script. Ask your administrator for a bypass code.

## Under the field for a code: one or several of these sentences

hint-app = Open your authenticator app and type the six digits it shows now.
hint-token = Type what your hardware token shows, after pressing its button if it has one.
hint-or-token = Or type what your hardware token shows, after pressing its button if it has one.
hint-text = Have a code sent to you, below, and type it here.
hint-or-text = Or have a code sent to you, below, and type it here.
hint-bypass = A bypass code from your administrator works too.
none-at-hand = None of these at hand? Ask your help desk.

## What the browser says about a passkey

passkey-known = This device or key is enrolled already.
passkey-bad-address = The browser makes no passkeys for this address.
passkey-not-used = No passkey was used. Try again, or use something else.

## The prompt in front of an application

wants-to-know = <strong>{ $application }</strong> wants to know that it is really you, <strong>{ $user }</strong>.
cancel-to = Cancel and go back to { $application }
back-to = Back to { $application }
sign-in-for = To go on to <strong>{ $application }</strong>.
stays-shut = This door stays shut
asked-about = <strong>{ $application }</strong> asked about <strong>{ $user }</strong>.
factor-first = You need a second factor first
factor-first-for = <strong>{ $application }</strong> asks for the second door, and nothing of yours, <strong>{ $user }</strong>, opens it yet. Ask your administrator for an enrolment code; with it you set up an authenticator app or a passkey in a minute. Then sign in to { $application } once more.
factor-first-here = <strong>{ $application }</strong> asks for the second door, and nothing of yours, <strong>{ $user }</strong>, opens it yet. With a code you set up an authenticator app or a passkey here in a minute, and go on to { $application }.
code-of-mail-or-administrator = The code that was mailed to you, or one that your administrator gave you.
have-enrolment-code = I have an enrolment code
going-back = Going back
being-taken-back = You are being taken back to where you came from.
applications-are-told = The applications that you were signed in to are being told, one after the other. You may close this page at any time.
go-on-by-hand = Go on by hand
on-to-duo = On to Duo
taken-to-duo = You are being taken to Duo, which asks for your second factor and sends you back here.

## An application that is told about somebody

consent-title = <strong>{ $application }</strong> wants to know who you are
consent-told = If you agree, it is told:
consent-sub = that it is you
consent-profile = your name and your user name
consent-email = your mail address
consent-phone = your telephone number
consent-groups = which groups you are in
consent-offline = all of this also while you are away
consent-other = what it calls <strong>{ $scope }</strong>
consent-yes = Agree
consent-no = Do not agree
leave-title = Sign out?
leave-wish = <strong>{ $application }</strong> wants to sign you out.
leave-what = You will be signed out here, and of applications that want to be told.
leave-yes = Sign out
leave-no = Stay signed in
device-title = Sign in a device
device-what = Type the code that your device or program shows.
device-code = Code
device-wrong = There is no such code, or it is over. Look at your device once more.
device-too-many = Too many wrong codes. Try again in ten minutes.
device-confirm = Is this your device?
device-asks = <strong>{ $application }</strong> wants to be signed in as you, <strong>{ $user }</strong>.
device-shows = Your device has to show this code:
device-from = It asks from <strong>{ $place }</strong>.
device-warning = If somebody sent you this code, or a link to this page, do not go on: they would be signed in as you.
device-yes = Yes, sign it in
device-no = No
device-done = Go on at your device
device-done-how = <strong>{ $application }</strong> is signed in. You can close this page.
device-refused = <strong>{ $application }</strong> was not signed in.

## The second door once more

on-another-network = You are on another network
second-door-again = The second door once more
step-up-with-nothing = What you want needs the second door once more from here, and nothing of yours opens it now. Ask your administrator for a bypass code.
step-up-now = Pass the second door once more to go on.
my-own-pages = My own pages

## Enrolling the first factor

set-up-factor = Set up your second factor
enrolment-needed = Enrolment needed
enrolment-needed-how = Your password is right, but nothing of yours opens the second door yet. Ask your administrator for an enrolment code; with it you set up an authenticator app or a passkey in a minute.
enrolment-by-mail-how = Your password is right, but nothing of yours opens the second door yet. A code that is mailed to you lets you set up an authenticator app or a passkey in a minute.
mail-me-a-code = Mail me a code: { $to }
have-administrators-code = I have an enrolment code of an administrator
type-mailed-code = Type the code that was mailed to you. It is good for a quarter of an hour, and in this browser alone.
type-mailed-code-to = Type the code that was mailed to { $to }. It is good for a quarter of an hour, and in this browser alone.
code-from-mail = Code from the mail
mail-me-another = Mail me another
what-you-need = You need the enrolment code your administrator gave you, and an authenticator app on your phone or a passkey.
enrolment-code = Enrolment code
back-to-sign-in = Back to sign-in
your-factor-of = Your second factor, { $name }
add-account-in-app = Open your authenticator app and add an account.
scan-picture = Scan this picture:
scan-picture-not-drawn = Scan this picture (it could not be drawn; type the key instead):
qr-of-app = QR code for the authenticator app of { $name }
or-type-key = Or type the key
key-kind = Time-based, six digits, every 30 seconds.
six-digits-now = The six digits your app shows now
or-without-app = or without an app
use-phone-page = Use a page on your phone that asks you
use-passkey-or-key = Use a passkey or security key
come-back = If you are interrupted, come back to <code>/enroll</code> within a day with the code <strong>{ $code }</strong>
once-more = Once more
key-is-in-app = The key is in your app already. Type the six digits it shows now.
start-with-code = Start again with the enrolment code
enrolled = Enrolled
enrolled-passkey = Your passkey opens the second door from now on, behind your password. Once you have come in by both, it can sign you in by itself where your organisation lets it. Logins at devices and in programs cannot ask for it: add an authenticator app too, under <em>My doors</em>, if you need those.
enrolled-app = Your authenticator app opens the second door from now on. The code you just typed is spent; wait for the next one to sign in.
your-phone = Your phone
when-phone-is-yours = When the phone says that it is yours, sign in here.
scan-with-phone = Scan this picture with the phone, or open <code>{ $address }</code> on it.
open-on-phone = Open <code>{ $address }</code> on the phone.
open-on-this-phone = This is the phone: open the page here
home-screen-first = On an iPhone or iPad, put the page on the home screen first and open it there.
activate-with-code = Activate it with this code, which is good once and for fifteen minutes.
qr-of-phone = QR code of the phone page

## The phone page

phone-needs-script = This page answers requests with a key of your phone, which needs a browser that runs our script.
make-this-yours = Make this your phone
add-a-phone-there = On your own page, under <em>My doors</em>, choose <em>Add a phone</em>. Scan the picture there, or type its code here.
install-first = On an iPhone or iPad, first put this page on the home screen (Share, then <em>Add to Home Screen</em>), open it there, and type the code there.
name-this-phone = What to call this phone
activate = Activate
no-screen-lock = This phone has no screen lock
ready = Ready
requests-appear = Requests to <strong id="who"></strong> appear here. This is <strong id="phone-name"></strong>.
wake-this-phone = Wake this phone when the page is closed
is-woken = The phone is woken by your browser's vendor, who learns that something was sent and nothing more.
give-up = Give this phone up…
give-up-means = It opens no door any more until it is activated anew.
give-it-up = Give it up
is-this-you = Is this you?
request-what = Sign-in to
request-from = From
request-device = Device
request-at = At
number-where-you-sign-in = The number where you sign in
let-me-in = Yes, let me in
no = No
not-me = I did not ask for this
requests-of-last-hour = Requests of the last hour

## What the script of the phone page says

server-refused = The server refused.
phone-not-confirmed = The phone did not confirm that it is you. Please try again.
server-not-reached = The server was not reached. Please try again.
key-lost = This browser has lost its key. Give the phone up and activate it anew.
phone-is-yours = This phone is yours now.
unknown-address = an unknown address
you-let-yourself-in = You let yourself in.
you-said-no = You said no.
you-said-not-me = Your administrators can see that it was not you. What to do now stands in the portal.
you-said-not-me-after-yes = Your administrators can see it. What you had said yes to was opened: end your sessions in the portal, and change your password.
help-desk-asks = Are you speaking with your help desk?
asked-by = Asked by
number-they-read = The number that they read to you
yes-that-is-me = Yes, that is me
not-speaking = I am speaking with nobody
you-confirmed = Your help desk now knows that it is you.
you-said-not-speaking = Your help desk is told that it was not you. Tell nobody any code.
notifications-refused = The browser was not allowed to show notifications. Requests still appear while this page is open.
cannot-be-woken = This browser cannot be woken. Requests still appear while this page is open.
woken-again = Your browser's vendor could not wake this phone any more. It can again now.
woken-no-more = Your browser's vendor cannot wake this phone any more. Have it woken anew below, or keep this page open.
somebody-signs-in = Somebody is signing in
open-to-see = Open to see where, and to say yes or no.
account-changed = Something about your account changed
account-changed-look = Open to see what. If it was not you, tell your administrator.

## Around a page of the portal

to-the-content = To the content
show-the-menu = Show the menu
main-menu = Main
administration = Administration
light-or-dark = Light or dark
my-doors = My doors
my-sign-ins = My sign-ins
next-page = Next page
undo = Undo

## The front page of the portal

hello = Hello, { $name }
since-you-looked = Since you last looked
news-by-you = { $when }, by you
news-by = { $when }, by { $who }
news-from-by-you = { $when } from { $source }, by you
news-from-by = { $when } from { $source }, by { $who }
reset-not-before = Nothing happens before { $until }.
reset-not-you = If you did not ask for this, stop it. You lose nothing by that.
stop-reset = Stop it
was-it-you = Was one of these neither you nor somebody you asked? <a href="/password">Change your password</a> and tell your administrator.
have-seen = I have seen this
my-factors = My factors
no-factors = Nothing of yours opens the second door yet. Ask your administrator for an enrolment code and <a href="/enroll">set up an authenticator app</a>.
duo-asks-you = Asks you at the second door. Your phones and keys there are kept by Duo and not here.
devices-at-duo = My devices at Duo
devices-at-duo-more = My devices at Duo…
duo-manage-devices = Duo's prompt has <em>Manage devices</em> where your administrator allows it. Afterwards you are back here.
open-duo = Open Duo's prompt
factor-since = { $kind }, since { $since }
factor-until = { $kind }, since { $since }, until { $until }
codes-left = { $left } of { $of } codes left
passkey-of-model = { $model }, as its maker attests (<code>{ $aaguid }</code>)
passkey-shut = Opens no door: your organisation accepts other models only
reactivate-more = Set up anew…
reactivate-means = Its page was lost, or it is another handset? A new code makes it the same phone again, with its name. What it has now counts until then. If it is in wrong hands, remove it instead.
reactivate = Show a code
reactivate-named = Set up { $name } anew
rename-more = Rename…
rename = Rename
new-name-of = New name of { $name }
remove-more = Remove…
remove-means = It opens no door any more, and you are signed out everywhere.
remove-it = Remove it
step-token-more = Bring into step…
step-token-how = When its codes are refused: its button was pressed too often, or its clock is off. Type codes as it shows them one after the other, none left out.
step-token = Bring into step
code-number = Code { $number }
code-number-of = Code { $number } of { $name }
add-app = Add an authenticator app
add-passkey = Add a passkey
add-phone = Add a phone
add-number-more = Add a number for texts…
number = Number
what-you-call-it = What you call it
text-a-code-there = Text a code there
numbers-are-weak = A passkey or an authenticator app is safer: numbers can be stolen.
elsewhere-step-up = You are on another network. To see and change your factors, sessions and sign-ins, <a href="/step-up?next=/">pass the second door once more</a>.
one-door-only = You came in by one door. To see and change your factors, sessions and sign-ins, sign in with both.
one-door-step-up = You came in by one door. To see and change your factors, sessions and sign-ins, <a href="/step-up?next=/">pass the second one</a>.
my-devices = My devices
no-devices = You have an account on no device so far. An administrator binds you to one.
device = Device
my-right-there = My right there
state = State
right-administrator = administrator
right-standard = standard
device-active = active
device-quarantined = quarantined
device-revoked = revoked
lately = Lately at my doors
all = All
something-wrong = Something you did not do? Change your password and tell your administrator.
where-signed-in = Where I am signed in
here = here
end = End
end-session-in = End the session in { $browser }
end-others = End all others
where-remembered = Where I am remembered
forget = Forget
forget-browser = Forget { $browser }
forget-all = Forget all
remembered-at = { $place }, since { $since }, until { $until }
remembered-everywhere = { $place } and all others that say so, since { $since }, until { $until }
session-since = since { $since }, last used { $used }
session-since-from = since { $since } from { $source }, last used { $used }
both-doors-from = both doors passed from { $networks }
at-time = { $when }
at-time-from = { $when } from { $source }
portal = Portal
rest-api = REST API
browser-on = { $browser } on { $system }
unknown-browser = unknown browser
command-line = Command line

## Kinds of factors, states and doors of a sign-in

factor-bypass = codes of an administrator
factor-token = hardware token
factor-passkey = passkey
factor-number = phone number
factor-push = phone that asks
factor-app = authenticator app
factor-mail = mail address
state-first-door = first door
state-second-door = second door
state-allowed = allowed
state-denied = denied
by-password = password
by-session = session
by-vouched = vouched by { $system }

## What happened to one's account

news-access-reused = What an application had to act in your name came back a second time. Somebody may have copied it, so it was ended
news-addresses-changed = Your mail addresses were changed
news-bypass = Bypass codes for your second door were made
news-enrolment-code = A code to enrol a factor of yours was made
news-enrolled = A factor was enrolled
news-removed = A factor of yours was removed
news-not-me = Your phone was asked to let somebody in, and you said that it was not you. Set another password: whoever it was knows yours
news-not-me-after-yes = Your phone let somebody in, and you said afterwards that it was not you. End your other sessions and set another password
news-not-me-at-help-desk = Somebody spoke to a help desk in your name, as you said
news-not-me-in-session = Your phone was asked to let somebody in, and you said that it was not you. End your other sessions: whoever it was holds one of them
news-not-me-past-first-door = Your phone was asked to let somebody in, and you said that it was not you. Whoever it was had passed the first door: change what you sign in with there
news-password-changed = Your password was changed
news-guessed =
    { $count ->
        [one] Wrong passwords were tried for you once, from where you never signed in
       *[other] Wrong passwords were tried for you { $count } times, from where you never signed in
    }
news-known =
    { $count ->
        [one] Somebody gave your right password once, from where you never signed in, and did not get in
       *[other] Somebody gave your right password { $count } times, from where you never signed in, and did not get in
    }
news-locked = Your password was locked
news-locked-to-strangers = Your password was guessed at so often that it opens only from where you signed in before
news-password-set = A new password was set for you
news-phone-reactivated = A phone of yours was set up anew
news-reset-asked = Somebody asked to reset how you sign in
news-second-door-shut = So many wrong codes were given for you that your second door was shut for a while
news-session-elsewhere =
    { $count ->
        [one] A session of yours was used from where you never signed in, and a wrong code was given for it once
       *[other] A session of yours was used from where you never signed in, and a wrong code was given for it { $count } times
    }
news-unlocked = Your password was unlocked and wrong attempts were forgotten

## Factors of one's own

code-on-its-way-to = A code is on its way to the phone that ends in { $last }. It is good for ten minutes.
code-in-text = The code in the text
add-a-number = Add a number
add-the-number = Add the number
passkey-lives = A passkey lives in this device, in a security key, or in the key chain of your phone. It opens the second door with a touch, and where it asks for your finger, face or PIN, it signs you in without a password.
passkey-models = Your organisation accepts these models only: { $models }. The browser may ask whether it may say which model yours is.
passkey-add-it = Add it
what-to-call-it = What to call it
such-as-laptop = Such as: my laptop
no-passkeys-here = Browsers make no passkeys for an address without a name, and this server is known by such a one. Your administrator can give it a name.
phone-asks-you = Your phone asks you when somebody signs in with your name, and you say yes with your finger, face or PIN. It needs no app from a store: a page of ours does it.
key-is-in-app-or-again = The key is in your app already. Type the six digits it shows now, or <a href="/">begin again</a>.

## The password

change-my-password = Change my password
password-expired = Your password has expired. Set a new one to go on.
present-password = Present password
new-password = New password
new-password-again = New password, once more
password-hint = At least { $least } characters. Several words in a row are long and easy to remember. It becomes your password on your devices too.
password-hint-alone = At least { $least } characters, because no second door is asked of you. Several words in a row are long and easy to remember. It becomes your password on your devices too.
code-for-second-door = A code for the second door
no-code-at-hand = None at hand, because a passkey, your phone or Duo asks you? <a href="/step-up?next=/password">Pass the second door once more</a>: for ten minutes no code is asked for here.
second-door-for-password = A new password needs the second door passed within the last ten minutes. Pass it once more first; you come back here afterwards.
change-it = Change it
passwords-differ = The two new passwords are not the same.

## One's own sign-ins

column-when = When
column-where = Where
column-from = From
column-doors = Doors
column-result = Result
column-why = Why
why-password-wrong = wrong password
why-password-locked = the password was locked
why-password-pending = no password was set yet
why-password-expired = the password had expired
why-held = too many wrong attempts, so it was held back for a while
why-no-factor = nothing of yours opens the second door there
why-second-door-wrong = wrong answer at the second door
why-code-used = the code had been used before
why-passkey-copied = the passkey behaved as a copy of yours would; tell your administrator
why-factor-not-here = that factor does not count there
why-code-texted = a code was texted, to be typed at a sign-in of its own
why-spared = no second door was asked for
why-remembered = the second door had been passed there before
why-offline = the device did not reach the server, and your password was enough
why-second-door-asked = the second door was asked for
why-not-active = your account was not active
why-not-there = you are not let in there
why-not-from-there = you are not let in from there
why-too-long = it took too long
why-gave-up = it was given up
why-both-doors = both doors were passed
why-session-open = you were signed in already
why-stepped-up = the second door was passed once more
why-passkey = a passkey opened both doors
why-answered-elsewhere = answered on your phone
why-unanswered = your phone was not answered in time
why-said-no = denied on your phone
why-not-me = you said that it was not you
why-duo-no = Duo did not say that it was you
why-duo-down = Duo could not be asked

## What the page before has done

notice-enrolled = The factor is enrolled. It opens the second door from now on.
notice-factor-removed = The factor is removed. Whoever used it has to sign in again.
notice-forgotten = Forgotten. The next sign-in there passes both doors.
notice-password-changed = Your password is changed. Your other sessions have ended.
notice-reset-stopped = Stopped. If it was not you who asked, tell your administrator at once.
notice-saved = Saved.
notice-session-ended = The session has ended.
notice-sessions-ended = The sessions have ended.
notice-signed-out = You are signed out.
notice-token-resynced = The token is in step. The codes you typed are spent.

## Pages that refuse

way-on = Your browser's <em>back</em> button returns to what you filled in. Or go to <a href="/">the start page</a>.
not-for-you = Not for you
for-administrators = These pages are for administrators. Ask an owner of this organisation for a role.
second-door-first = Second door first
second-door-first-how = This needs a sign-in through both doors. Enrol a factor with a code from your administrator, then sign out and in again.
not-from-here = Not from here
not-from-here-how = This form did not come from a page of this site, or it was open for too long. Nothing was changed. Load the page again and repeat.
not-readable = Not readable
not-readable-how = The form could not be read, or it is too large. Nothing was changed.
not-found = Not found
not-found-how = There is no such page. It may have been deleted, or the address is not complete.
only-a-form = Only for a form
only-a-form-how = This address takes a form and shows nothing by itself. Nothing was changed. Go back to the page with the form.
no-way-on = No way on from here
missing = Something is missing
missing-passkey = No passkey was used.
not-acceptable = Not acceptable
not-allowed = Not allowed
does-not-fit = Does not fit
changed-meanwhile = Changed in the meantime
too-busy = Too busy
too-busy-how = Too many requests at once; try again shortly.
perhaps-done = Perhaps done
perhaps-done-how = The database was lost at the last moment, and whether this was done is not known; look before you try again.
something-failed = Something failed
something-failed-how = Something failed on our side. The log has the details under the request id of this answer.

## What the doors say (the English is that of the interfaces, too)

said-cannot-show-digits = A call asks for digits that are shown here, and this cannot show any. Please use a code.
said-cannot-show-number = A push needs a number that is shown here, and this cannot show one. Please use a code.
said-country-closed = This number is in a country that nothing is sent to. Please use another factor.
said-dormant = This account was not used for long; ask your administrator for an enrolment code.
said-duo-is-down = Duo cannot be asked now. Use another factor if you have one, try again later, or ask your administrator.
said-duo-no-name = Duo cannot be asked about you, because you have no mail address here. Ask your administrator.
said-duo-not-on = Duo does not open this door for you now. Please choose another factor.
said-duo-said-no = Duo did not let you pass. Try again, or use another factor.
said-duo-stale = What came back from Duo does not belong to this sign-in, or came a second time. Please choose again.
said-enrolled-code-wrong = That code is not right; check the clock of your phone and try again.
said-enrolment-code-wrong = That enrolment code is not right or no longer good.
said-enrolment-expired = This enrolment has expired; start it again.
said-held = There were too many requests to your phone. Please use a code or a passkey.
said-last-factor = This is your last factor; enrol another one first.
said-mail-on-its-way = A code is on its way to your mail address.
said-mail-no-more = No more can be sent for now. Please ask your administrator.
said-mail-not-sent = It could not be sent. Please try again later, or ask your administrator.
said-mailed-code-wrong = That code is not right or no longer good.
said-mailed-expired = This has expired; sign in again.
said-model-not-accepted = This security key is not one of the models your organisation accepts: { $models }.
said-name-control = A name must not contain control characters or line breaks.
said-name-empty = A name must not be empty.
said-name-too-long = A name has at most { $most } characters.
said-new-code-expired = This code has expired; ask for another.
said-no-access = Access is denied. Ask your administrator.
said-no-answer = Nobody answered in time. Ask again, or use another factor.
said-no-more = No more can be sent for now. Please use another factor, or ask your administrator.
said-no-phone-to-ask = There is no phone to ask. Please use another factor.
said-no-phone-to-call = That phone cannot be called now. Please use another factor.
said-no-phone-to-text = No code can be sent there. Please use another factor.
said-no-texts = Codes are not texted here.
said-nothing-to-enrol = Nothing that you could set up by yourself opens a door here. Ask your administrator.
said-not-a-number = A telephone number is `+`, the country's calling code and the number, such as `+49 30 1234567`.
said-not-asked = Nothing is waiting for an answer. Please choose again.
said-not-here = That does not open this door any more. Please use another factor.
said-no-factor-here = This application asks for a second door, and nothing of yours opens it there. Add a factor in your portal, or ask your administrator.
said-no-name-there = This application knows people by something that is not known of you here. Please ask your administrator.
said-not-remembered = This browser is not remembered any more. Please pass the second door.
said-not-registered = The application wants you sent to an address that is not registered for it, so you are not sent there. Whoever runs it: enter the redirect URI on its page in the administration, exactly as it stands in its configuration.
said-not-sent = It could not be sent. Please try again later, or use another factor.
said-old-digits = The digits of that menu are not good any more. Please choose again.
said-by-number = A call asks for the digits that stand beside it in the menu. Please choose it by its number there.
said-not-signed = This did not come from an application that is known here. Whoever runs the application: compare its client id, client secret and API host with those on its page in the administration.
said-nowhere = It cannot be told which network you are on, so no factor counts here. Ask your administrator.
said-number-closed = Nothing is sent to numbers of this country.
said-number-code-wrong = That code is not right; please try again.
said-number-taken = This number is there already.
said-number-with-role = Texts and calls open no door of anybody with a role; use a passkey or an authenticator app.
said-on-its-way = A code is on its way.
said-one-at-a-time = Your phone has another request waiting. Answer that one, or wait a minute.
said-opens-nothing = A factor of this kind opens no door of yours as things are set; use another kind, or ask your administrator.
said-passkey-does-not-hold = The browser's answer does not hold; please try again.
said-passkey-taken = This passkey belongs to somebody already.
said-passkey-used = This answer was used before; please try again.
said-password-again = Choose another one than the present.
said-password-code-wrong = That code is not right or was used before; give one for the second door.
said-password-common = It is one of the passwords that are guessed first.
said-password-is-name = It is little more than your name.
said-password-is-organization = It is little more than the organisation's name.
said-password-line-breaks = A password must not contain line breaks.
said-password-short = Use at least { $least } characters; several words in a row are easy to remember.
said-password-short-alone = Use at least { $least } characters, because no second door is asked for; several words in a row are easy to remember.
said-password-too-long = The password is longer than { $most } bytes.
said-phone-code-wrong = That code is not right or no longer good; ask for a new one on your own page.
said-phone-did-not-sign = The phone's key did not sign this request.
said-phone-has-no-key = The phone did not show that it has its key; please try again.
said-phone-number-wrong = That is not the number that is shown where you sign in.
said-present-password-wrong = That is not your present password.
said-request-over = This request is over.
said-said-no = The request was denied on the phone.
said-start-again = This sign-in has expired. Please start again.
said-too-late = This sign-in took too long, or it was finished or begun again in another window. Go back to the application and sign in once more.
said-too-many = Too many attempts. Please wait and try again.
said-too-many-a-minute = Too many attempts. Please wait a minute and try again.
said-too-many-hours =
    { $hours ->
        [one] Too many attempts. Please wait { $hours } hour and try again.
       *[other] Too many attempts. Please wait { $hours } hours and try again.
    }
said-too-many-minutes =
    { $minutes ->
        [one] Too many attempts. Please wait { $minutes } minute and try again.
       *[other] Too many attempts. Please wait { $minutes } minutes and try again.
    }
said-too-many-numbers = There are { $most } phones already; remove one first.
said-too-many-apps = You have { $most } authenticator apps already; remove one first.
said-too-many-passkeys = You have { $most } passkeys already; remove one first.
said-too-many-phones = You have { $most } phones already; remove one first.
said-token-not-in-step = These are not the codes that this token shows one after the other, or they were used before.
said-too-soon = One is on its way. Please wait half a minute before you ask for another.
said-used-code = That code was used before. Please wait for the next one.
said-wrong = The name or the password is not right.
said-wrong-code = That code is not right. Please try again.
said-wrong-passkey = That passkey did not open the door. Please try again, or use another factor.

## Applications of a person
applications = Applications
applications-all = All applications
applications-find = Find an application
applications-no-fit = No application of yours has “{ $text }” in its name.
applications-none = No application is open to you yet. Ask your administrator for the one that you need; it appears here by itself.
favourite = Favourite
favourite-of = Keep { $name } among the favourites
favourites = Favourites
search = Search
search-count = Results: { $count }
search-found = Results
search-how-own = Type a part of the name of an application, of one of your factors or of a page.
search-keys = On every page, / or Ctrl+K leads to the search; the arrow keys choose, and Enter opens.
search-nothing = Nothing fits “{ $text }”.
search-of = Search: { $text }
search-own = Search your applications, factors and pages
search-pages = Pages
search-slash = The key / leads to the search
used-lately = Used lately

## Which device a browser is on

this-device = This device
this-device-why = Some doors open only on devices of your organisation. If this is one, the Sallyport agent on it can say so.
this-device-ask = Ask the agent
this-device-if-not = If your browser says that it cannot connect, there is no agent here. Go back, and use a device of your organisation.
this-device-show = Show that this is a device of your organisation
this-device-late = That took too long, or began in another browser. Please try again.
this-device-unknown = This is not a device of your organisation that is yours to use. Ask your administrators.
