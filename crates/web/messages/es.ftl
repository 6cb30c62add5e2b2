## The language itself

language-name = Español
direction = ltr
choose-language = Idioma

## Words that stand alone

or = o
code = Código
password = Contraseña
sign-in = Iniciar sesión
sign-out = Cerrar sesión
proceed = Continuar
go-on = Continuar
enrol = Registrar
done = Listo
not-now = Ahora no
my-phone = Mi teléfono

## Signing in

user-name = Nombre de usuario
sign-in-with-passkey = Iniciar sesión con una llave de acceso
enrolment-code-question = ¿Tiene un código de registro? <a href="/enroll">Configure su segundo factor</a>
not-set-up = Esta organización aún no está configurada. Abra el enlace de un solo uso que el servidor mostró al arrancar.

## The second door, wherever it stands

second-door = Segunda puerta
one-more-door = Una puerta más
start-again = Empezar de nuevo
your-factors = Sus factores
remember-hours =
    { $count ->
        [one] Recordar este navegador durante una hora
        [many] Recordar este navegador durante { $count } de horas
       *[other] Recordar este navegador durante { $count } horas
    }
remember-days =
    { $count ->
        [one] Recordar este navegador durante un día
        [many] Recordar este navegador durante { $count } de días
       *[other] Recordar este navegador durante { $count } días
    }
phone-rings = <strong>{ $phone }</strong> está sonando. Conteste y marque allí estas cifras
type-number-on = Escriba este número en <strong>{ $phone }</strong>
answer-request-on = Responda a la solicitud en <strong>{ $phone }</strong>.
one-minute = Tiene un minuto. No escriba nunca un número que otra persona le dicte.
i-have-answered = He respondido
waiting-is-over = Hay una respuesta o ha pasado el minuto. Continúe con el botón de abajo.
ask-phone = Preguntar a { $phone }
ask-phone-again = Volver a preguntar a { $phone }
call-phone = Llamar a { $phone }
call-phone-again = Volver a llamar a { $phone }
text-me = Enviarme un código por SMS: { $phone }
use-passkey = Usar una llave de acceso
go-on-with-duo = Continuar con Duo
passkey-needs-script = Una llave de acceso necesita un navegador que ejecute nuestro script.
passkey-needs-script-here = Una llave de acceso necesita un navegador que ejecute nuestro script. Pida a su administrador un código de omisión.

## Under the field for a code: one or several of these sentences

hint-app = Abra su aplicación de autenticación y escriba las seis cifras que muestra ahora.
hint-token = Escriba lo que muestra su token físico, después de pulsar su botón si lo tiene.
hint-or-token = O escriba lo que muestra su token físico, después de pulsar su botón si lo tiene.
hint-text = Haga que le envíen un código, más abajo, y escríbalo aquí.
hint-or-text = O haga que le envíen un código, más abajo, y escríbalo aquí.
hint-bypass = También sirve un código de omisión de su administrador.
none-at-hand = ¿No tiene nada de esto a mano? Consulte a su servicio de asistencia.

## What the browser says about a passkey

passkey-known = Este dispositivo o esta llave ya está registrado.
passkey-bad-address = El navegador no crea llaves de acceso para esta dirección.
passkey-not-used = No se usó ninguna llave de acceso. Inténtelo de nuevo o use otra cosa.

## The prompt in front of an application

wants-to-know = <strong>{ $application }</strong> quiere saber si es realmente usted, <strong>{ $user }</strong>.
cancel-to = Cancelar y volver a { $application }
back-to = Volver a { $application }
sign-in-for = Para continuar a <strong>{ $application }</strong>.
stays-shut = Esta puerta sigue cerrada
asked-about = <strong>{ $application }</strong> preguntó por <strong>{ $user }</strong>.
factor-first = Primero necesita un segundo factor
factor-first-for = <strong>{ $application }</strong> exige la segunda puerta y todavía nada suyo la abre, <strong>{ $user }</strong>. Pida a su administrador un código de registro; con él configura en un minuto una aplicación de autenticación o una llave de acceso. Después inicie sesión otra vez en { $application }.
factor-first-here = <strong>{ $application }</strong> pide la segunda puerta, y nada suyo, <strong>{ $user }</strong>, la abre todavía. Con un código configura aquí en un minuto una aplicación de autenticación o una llave de acceso, y continúa a { $application }.
code-of-mail-or-administrator = El código que se le envió por correo, o uno que le dio su administrador.
have-enrolment-code = Tengo un código de registro
going-back = Volviendo
being-taken-back = Se le lleva de vuelta al lugar de donde vino.
applications-are-told = Se está avisando, una tras otra, a las aplicaciones en las que tenía la sesión abierta. Puede cerrar esta página en cualquier momento.
go-on-by-hand = Continuar a mano
on-to-duo = Hacia Duo
taken-to-duo = Se le lleva a Duo, que le pide su segundo factor y le devuelve aquí.

## An application that is told about somebody

consent-title = <strong>{ $application }</strong> quiere saber quién es usted
consent-told = Si acepta, se le comunica:
consent-sub = que es usted
consent-profile = su nombre y su nombre de usuario
consent-email = su dirección de correo
consent-phone = su número de teléfono
consent-groups = en qué grupos está
consent-offline = todo esto también mientras no esté
consent-other = lo que llama <strong>{ $scope }</strong>
consent-yes = Aceptar
consent-no = No aceptar
leave-title = ¿Cerrar la sesión?
leave-wish = <strong>{ $application }</strong> quiere cerrar su sesión.
leave-what = Se cerrará su sesión aquí y en las aplicaciones que quieran saberlo.
leave-yes = Sí, cerrar la sesión
leave-no = Seguir con la sesión abierta
device-title = Conectar un dispositivo
device-what = Escriba el código que muestra su dispositivo o programa.
device-code = Código del dispositivo
device-wrong = Ese código no existe o ha caducado. Mire otra vez su dispositivo.
device-too-many = Demasiados códigos erróneos. Inténtelo de nuevo en diez minutos.
device-confirm = ¿Es este su dispositivo?
device-asks = <strong>{ $application }</strong> quiere entrar en su nombre, <strong>{ $user }</strong>.
device-shows = Su dispositivo tiene que mostrar este código:
device-from = La petición viene de <strong>{ $place }</strong>.
device-warning = Si alguien le envió este código o un enlace a esta página, no siga: esa persona entraría en su nombre.
device-yes = Sí, conectarlo
device-no = No, no es mío
device-done = Siga en su dispositivo
device-done-how = <strong>{ $application }</strong> ha entrado. Puede cerrar esta página.
device-refused = <strong>{ $application }</strong> no ha entrado.

## The second door once more

on-another-network = Está en otra red
second-door-again = La segunda puerta otra vez
step-up-with-nothing = Lo que quiere exige pasar otra vez la segunda puerta desde aquí, y ahora nada suyo la abre. Pida a su administrador un código de omisión.
step-up-now = Pase otra vez la segunda puerta para continuar.
my-own-pages = Mis propias páginas

## Enrolling the first factor

set-up-factor = Configure su segundo factor
enrolment-needed = Registro necesario
enrolment-needed-how = Su contraseña es correcta, pero todavía nada suyo abre la segunda puerta. Pida a su administrador un código de registro; con él configura en un minuto una aplicación de autenticación o una llave de acceso.
enrolment-by-mail-how = Su contraseña es correcta, pero todavía nada suyo abre la segunda puerta. Con un código que se le envía por correo configura en un minuto una aplicación de autenticación o una llave de acceso.
mail-me-a-code = Enviarme un código por correo: { $to }
have-administrators-code = Tengo un código de registro de un administrador
type-mailed-code = Escriba el código que se le envió por correo. Vale un cuarto de hora y solo en este navegador.
type-mailed-code-to = Escriba el código que se envió a { $to }. Vale un cuarto de hora y solo en este navegador.
code-from-mail = Código del correo
mail-me-another = Enviarme otro por correo
what-you-need = Necesita el código de registro que le dio su administrador y una aplicación de autenticación en su teléfono o una llave de acceso.
enrolment-code = Código de registro
back-to-sign-in = Volver al inicio de sesión
your-factor-of = Su segundo factor, { $name }
add-account-in-app = Abra su aplicación de autenticación y añada una cuenta.
scan-picture = Escanee esta imagen:
scan-picture-not-drawn = Escanee esta imagen (no se pudo dibujar; escriba la clave en su lugar):
qr-of-app = Código QR para la aplicación de autenticación de { $name }
or-type-key = O escribir la clave
key-kind = Basada en la hora, seis cifras, cada 30 segundos.
six-digits-now = Las seis cifras que su aplicación muestra ahora
or-without-app = o sin aplicación
use-phone-page = Usar una página en su teléfono que le pregunta
use-passkey-or-key = Usar una llave de acceso o una llave de seguridad
come-back = Si le interrumpen, vuelva a <code>/enroll</code> antes de un día con el código <strong>{ $code }</strong>
once-more = Una vez más
key-is-in-app = La clave ya está en su aplicación. Escriba las seis cifras que muestra ahora.
start-with-code = Empezar de nuevo con el código de registro
enrolled = Registrado
enrolled-passkey = Desde ahora su llave de acceso abre la segunda puerta, detrás de su contraseña. Cuando haya entrado por ambas, podrá iniciar la sesión por sí sola donde su organización lo permita. Los inicios de sesión en dispositivos y programas no pueden pedirla: si los necesita, añada también una aplicación de autenticación en <em>Mis puertas</em>.
enrolled-app = Desde ahora su aplicación de autenticación abre la segunda puerta. El código que acaba de escribir ya está gastado; espere al siguiente para iniciar sesión.
your-phone = Su teléfono
when-phone-is-yours = Cuando el teléfono diga que es suyo, inicie sesión aquí.
scan-with-phone = Escanee esta imagen con el teléfono o abra en él <code>{ $address }</code>.
open-on-phone = Abra <code>{ $address }</code> en el teléfono.
open-on-this-phone = Este es el teléfono: abrir la página aquí
home-screen-first = En un iPhone o iPad, ponga primero la página en la pantalla de inicio y ábrala allí.
activate-with-code = Actívela con este código, que vale una vez y durante quince minutos.
qr-of-phone = Código QR de la página del teléfono

## The phone page

phone-needs-script = Esta página responde a las solicitudes con una clave de su teléfono, para lo que necesita un navegador que ejecute nuestro script.
make-this-yours = Haga suyo este teléfono
add-a-phone-there = En su propia página, en <em>Mis puertas</em>, elija <em>Añadir un teléfono</em>. Escanee allí la imagen o escriba aquí su código.
install-first = En un iPhone o iPad, ponga primero esta página en la pantalla de inicio (Compartir y luego <em>Añadir a pantalla de inicio</em>), ábrala allí y escriba allí el código.
name-this-phone = Cómo llamar a este teléfono
activate = Activar
no-screen-lock = Este teléfono no tiene bloqueo de pantalla
ready = Preparado
requests-appear = Las solicitudes para <strong id="who"></strong> aparecen aquí. Este es <strong id="phone-name"></strong>.
wake-this-phone = Despertar este teléfono cuando la página está cerrada
is-woken = El teléfono lo despierta el fabricante de su navegador, que sabe que se envió algo y nada más.
give-up = Dar de baja este teléfono…
give-up-means = No abre ninguna puerta hasta que se active de nuevo.
give-it-up = Darlo de baja
is-this-you = ¿Es usted?
request-what = Sesión en
request-from = Desde
request-device = Dispositivo
request-at = Hora
number-where-you-sign-in = El número que ve donde inicia sesión
let-me-in = Sí, déjeme entrar
no = No
not-me = Yo no he pedido esto
requests-of-last-hour = Solicitudes de la última hora

## What the script of the phone page says

server-refused = El servidor lo rechazó.
phone-not-confirmed = El teléfono no confirmó que es usted. Inténtelo de nuevo.
server-not-reached = No se pudo contactar con el servidor. Inténtelo de nuevo.
key-lost = Este navegador ha perdido su clave. Dé de baja el teléfono y actívelo de nuevo.
phone-is-yours = Este teléfono ya es suyo.
unknown-address = una dirección desconocida
you-let-yourself-in = Ha autorizado su entrada.
you-said-no = Ha dicho que no.
you-said-not-me = Sus administradores pueden ver que no fue usted. Lo que conviene hacer ahora está en el portal.
you-said-not-me-after-yes = Sus administradores pueden verlo. Aquello a lo que había dicho que sí se abrió: cierre sus sesiones en el portal y cambie su contraseña.
help-desk-asks = ¿Está hablando ahora con su servicio de asistencia?
asked-by = Solicitado por
number-they-read = El número que le leen
yes-that-is-me = Sí, soy yo
not-speaking = No estoy hablando con nadie
you-confirmed = Su servicio de asistencia ya sabe que es usted.
you-said-not-speaking = Su servicio de asistencia sabrá que no era usted. No diga ningún código a nadie.
notifications-refused = No se permitió al navegador mostrar notificaciones. Las solicitudes siguen apareciendo mientras esta página está abierta.
cannot-be-woken = No se puede despertar este navegador. Las solicitudes siguen apareciendo mientras esta página está abierta.
woken-again = El fabricante de su navegador ya no podía despertar este teléfono. Ahora puede de nuevo.
woken-no-more = El fabricante de su navegador ya no puede despertar este teléfono. Haga que se despierte de nuevo abajo o deje esta página abierta.
somebody-signs-in = Alguien está iniciando sesión
open-to-see = Ábralo para ver dónde y para decir sí o no.
account-changed = Algo ha cambiado en su cuenta
account-changed-look = Ábralo para ver qué. Si no ha sido usted, avise a su administrador.

## Around a page of the portal

to-the-content = Ir al contenido
show-the-menu = Mostrar el menú
main-menu = Menú principal
administration = Administración
light-or-dark = Claro u oscuro
my-doors = Mis puertas
my-sign-ins = Mis inicios de sesión
next-page = Página siguiente
undo = Deshacer

## The front page of the portal

hello = Hola, { $name }
since-you-looked = Desde su última visita
news-by-you = { $when }, por usted
news-by = { $when }, por { $who }
news-from-by-you = { $when } desde { $source }, por usted
news-from-by = { $when } desde { $source }, por { $who }
reset-not-before = No ocurre nada antes de { $until }.
reset-not-you = Si no lo ha pedido usted, deténgalo. No pierde nada con ello.
stop-reset = Detener
was-it-you = ¿Algo de esto no lo hizo usted ni nadie a quien se lo pidiera? <a href="/password">Cambie su contraseña</a> y avise a su administrador.
have-seen = Lo he visto
my-factors = Mis factores
no-factors = Todavía nada suyo abre la segunda puerta. Pida a su administrador un código de registro y <a href="/enroll">configure una aplicación de autenticación</a>.
duo-asks-you = Le pregunta en la segunda puerta. Sus teléfonos y llaves allí los guarda Duo y no nosotros.
devices-at-duo = Mis dispositivos en Duo
devices-at-duo-more = Mis dispositivos en Duo…
duo-manage-devices = La página de Duo tiene <em>Manage devices</em> donde su administrador lo permite. Después vuelve aquí.
open-duo = Abrir la página de Duo
factor-since = { $kind }, desde { $since }
factor-until = { $kind }, desde { $since } hasta { $until }
codes-left = quedan { $left } de { $of } códigos
passkey-of-model = { $model }, según certifica su fabricante (<code>{ $aaguid }</code>)
passkey-shut = No abre ninguna puerta: su organización solo acepta otros modelos
reactivate-more = Configurar de nuevo…
reactivate-means = ¿Se ha perdido su página o es otro aparato? Con un código nuevo vuelve a ser el mismo teléfono, con su nombre. Hasta entonces vale lo que tiene ahora. Si está en malas manos, quítelo.
reactivate = Mostrar un código
reactivate-named = Configurar { $name } de nuevo
rename-more = Cambiar nombre…
rename = Cambiar nombre
new-name-of = Nuevo nombre de { $name }
remove-more = Quitar…
remove-means = Ya no abrirá ninguna puerta y se cerrará su sesión en todas partes.
remove-it = Quitar
step-token-more = Sincronizar…
step-token-how = Cuando se rechazan sus códigos: se pulsó demasiado su botón o su reloj no va bien. Escriba los códigos según los muestra, uno tras otro y sin saltarse ninguno.
step-token = Sincronizar
code-number = Código { $number }.º
code-number-of = Código { $number }.º de { $name }
add-app = Añadir una aplicación de autenticación
add-passkey = Añadir una llave de acceso
add-phone = Añadir un teléfono
add-number-more = Añadir un número para SMS…
number = Número
what-you-call-it = Cómo lo llama
text-a-code-there = Enviar allí un código
numbers-are-weak = Una llave de acceso o una aplicación de autenticación es más segura: los números se pueden robar.
elsewhere-step-up = Está en otra red. Para ver y cambiar sus factores, sesiones e inicios de sesión, <a href="/step-up?next=/">pase otra vez la segunda puerta</a>.
one-door-only = Entró por una sola puerta. Para ver y cambiar sus factores, sesiones e inicios de sesión, inicie sesión por ambas.
one-door-step-up = Entró por una sola puerta. Para ver y cambiar sus factores, sesiones e inicios de sesión, <a href="/step-up?next=/">pase la segunda</a>.
my-devices = Mis dispositivos
no-devices = Todavía no tiene cuenta en ningún dispositivo. Un administrador le asigna uno.
device = Dispositivo
my-right-there = Mi derecho en él
state = Estado
right-administrator = administrador
right-standard = estándar
device-active = activo
device-quarantined = en cuarentena
device-revoked = revocado
lately = Últimamente en mis puertas
all = Todo
something-wrong = ¿Algo que no hizo usted? Cambie su contraseña y avise a su administrador.
where-signed-in = Dónde tengo sesión abierta
here = aquí
end = Terminar
end-session-in = Terminar la sesión en { $browser }
end-others = Terminar todas las demás
where-remembered = Dónde se me recuerda
forget = Olvidar
forget-browser = Olvidar { $browser }
forget-all = Olvidar todos
remembered-at = { $place }, desde { $since }, hasta { $until }
remembered-everywhere = { $place } y todos los demás que así lo prevén, desde { $since }, hasta { $until }
session-since = desde { $since }, último uso { $used }
session-since-from = desde { $since } en { $source }, último uso { $used }
both-doors-from = ambas puertas pasadas desde { $networks }
at-time = { $when }
at-time-from = { $when } desde { $source }
portal = Portal
rest-api = API REST
browser-on = { $browser } en { $system }
unknown-browser = navegador desconocido
command-line = Línea de órdenes

## Kinds of factors, states and doors of a sign-in

factor-bypass = códigos de un administrador
factor-token = token físico
factor-passkey = llave de acceso
factor-number = número de teléfono
factor-push = teléfono que pregunta
factor-app = aplicación de autenticación
factor-mail = dirección de correo
state-first-door = primera puerta
state-second-door = segunda puerta
state-allowed = permitido
state-denied = denegado
by-password = contraseña
by-session = sesión
by-vouched = avalado por { $system }

## What happened to one's account

news-access-reused = Lo que permitía a una aplicación actuar en su nombre llegó por segunda vez. Alguien pudo copiarlo, por eso se anuló
news-addresses-changed = Se cambiaron sus direcciones de correo
news-bypass = Se crearon códigos de omisión para su segunda puerta
news-enrolment-code = Se creó un código para registrar un factor suyo
news-enrolled = Se registró un factor
news-removed = Se quitó un factor suyo
news-not-me = Se pidió a su teléfono que dejara entrar a alguien y usted dijo que no era usted. Ponga otra contraseña: quien fuera conoce la suya
news-not-me-after-yes = Su teléfono dejó entrar a alguien, y usted dijo después que no era usted. Cierre sus otras sesiones y establezca otra contraseña
news-not-me-at-help-desk = Alguien habló con un servicio de asistencia en su nombre, según usted dijo
news-not-me-in-session = Se pidió a su teléfono que dejara entrar a alguien y usted dijo que no era usted. Cierre sus otras sesiones: quien fuera tiene una de ellas
news-not-me-past-first-door = Se pidió a su teléfono que dejara entrar a alguien y usted dijo que no era usted. Quien fuera había pasado la primera puerta: cambie aquello con lo que inicia sesión allí
news-password-changed = Se cambió su contraseña
news-guessed =
    { $count ->
        [one] Se probó una vez una contraseña incorrecta a su nombre, desde donde nunca ha iniciado sesión
       *[other] Se probaron { $count } veces contraseñas incorrectas a su nombre, desde donde nunca ha iniciado sesión
    }
news-known =
    { $count ->
        [one] Alguien dio una vez su contraseña correcta, desde donde nunca ha iniciado sesión, y no entró
       *[other] Alguien dio { $count } veces su contraseña correcta, desde donde nunca ha iniciado sesión, y no entró
    }
news-locked = Se bloqueó su contraseña
news-locked-to-strangers = Se intentó adivinar su contraseña tantas veces que solo abre desde donde ya había iniciado sesión
news-password-set = Se le puso una contraseña nueva
news-phone-reactivated = Uno de sus teléfonos se ha configurado de nuevo
news-reset-asked = Alguien ha pedido restablecer su inicio de sesión
news-second-door-shut = Se introdujeron tantos códigos incorrectos en su nombre que su segunda puerta se cerró por un tiempo
news-session-elsewhere =
    { $count ->
        [one] Una sesión suya se usó desde donde nunca ha iniciado sesión, y se dio una vez un código incorrecto
       *[other] Una sesión suya se usó desde donde nunca ha iniciado sesión, y se dieron { $count } veces códigos incorrectos
    }
news-unlocked = Se desbloqueó su contraseña y se olvidaron los intentos fallidos

## Factors of one's own

code-on-its-way-to = Un código va de camino al teléfono que termina en { $last }. Vale diez minutos.
code-in-text = El código del SMS
add-a-number = Añadir un número
add-the-number = Añadir el número
passkey-lives = Una llave de acceso está en este dispositivo, en una llave de seguridad o en el llavero de su teléfono. Abre la segunda puerta con un toque y, donde pide su dedo, su cara o su PIN, inicia la sesión sin contraseña.
passkey-models = Su organización solo acepta estos modelos: { $models }. Es posible que el navegador pregunte si puede indicar cuál es el suyo.
passkey-add-it = Añadirla
what-to-call-it = Cómo llamarla
such-as-laptop = Por ejemplo: mi portátil
no-passkeys-here = Los navegadores no crean llaves de acceso para una dirección sin nombre, y este servidor se conoce por una así. Su administrador puede darle un nombre.
phone-asks-you = Su teléfono le pregunta cuando alguien inicia sesión con su nombre, y usted dice que sí con su dedo, su cara o su PIN. No necesita ninguna aplicación de una tienda: lo hace una página nuestra.
key-is-in-app-or-again = La clave ya está en su aplicación. Escriba las seis cifras que muestra ahora o <a href="/">empiece de nuevo</a>.

## The password

change-my-password = Cambiar mi contraseña
password-expired = Su contraseña ha caducado. Ponga una nueva para continuar.
present-password = Contraseña actual
new-password = Contraseña nueva
new-password-again = Contraseña nueva, otra vez
password-hint = Al menos { $least } caracteres. Varias palabras seguidas son largas y fáciles de recordar. También será su contraseña en sus dispositivos.
password-hint-alone = Al menos { $least } caracteres, porque no se le pide una segunda puerta. Varias palabras seguidas son largas y fáciles de recordar. También será su contraseña en sus dispositivos.
code-for-second-door = Un código para la segunda puerta
no-code-at-hand = ¿No tiene ninguno, porque le pregunta una llave de acceso, su teléfono o Duo? <a href="/step-up?next=/password">Pase otra vez la segunda puerta</a>: durante diez minutos aquí no se pide código.
second-door-for-password = Una contraseña nueva exige haber pasado la segunda puerta en los últimos diez minutos. Pásela primero otra vez; después volverá aquí.
change-it = Cambiarla
passwords-differ = Las dos contraseñas nuevas no son iguales.

## One's own sign-ins

column-when = Cuándo
column-where = Dónde
column-from = Desde
column-doors = Puertas
column-result = Resultado
column-why = Por qué
why-password-wrong = contraseña incorrecta
why-password-locked = la contraseña estaba bloqueada
why-password-pending = aún no había contraseña
why-password-expired = la contraseña había caducado
why-held = demasiados intentos fallidos, por lo que se hizo esperar un tiempo
why-no-factor = nada suyo abre allí la segunda puerta
why-second-door-wrong = respuesta incorrecta en la segunda puerta
why-code-used = el código ya se había usado
why-passkey-copied = la llave de acceso se comportó como una copia de la suya; avise a su administrador
why-factor-not-here = ese factor no cuenta allí
why-code-texted = se envió un código por SMS, que se escribe en otro inicio de sesión
why-spared = no se pidió la segunda puerta
why-remembered = la segunda puerta ya se había pasado allí
why-offline = el dispositivo no llegó al servidor y bastó su contraseña
why-second-door-asked = se pidió la segunda puerta
why-not-active = su cuenta no estaba activa
why-not-there = no se le deja entrar allí
why-not-from-there = no se le deja entrar desde allí
why-too-long = tardó demasiado
why-gave-up = se abandonó
why-both-doors = se pasaron ambas puertas
why-session-open = ya había iniciado sesión
why-stepped-up = se pasó otra vez la segunda puerta
why-passkey = una llave de acceso abrió ambas puertas
why-answered-elsewhere = respondido en su teléfono
why-unanswered = nadie respondió a tiempo en su teléfono
why-said-no = rechazado en su teléfono
why-not-me = usted dijo que no era usted
why-duo-no = Duo no dijo que fuera usted
why-duo-down = no se pudo preguntar a Duo

## What the page before has done

notice-enrolled = El factor está registrado. Desde ahora abre la segunda puerta.
notice-factor-removed = El factor se ha quitado. Quien lo usó debe volver a iniciar sesión.
notice-forgotten = Olvidado. El próximo inicio de sesión allí pasa ambas puertas.
notice-password-changed = Su contraseña ha cambiado. Sus otras sesiones han terminado.
notice-reset-stopped = Detenido. Si no lo ha pedido usted, avise enseguida a su administrador.
notice-saved = Guardado.
notice-session-ended = La sesión ha terminado.
notice-sessions-ended = Las sesiones han terminado.
notice-signed-out = Ha cerrado la sesión.
notice-token-resynced = El token está sincronizado. Los códigos que escribió están gastados.

## Pages that refuse

way-on = El botón <em>Atrás</em> de su navegador vuelve a lo que rellenó. O vaya a <a href="/">la página de inicio</a>.
not-for-you = No es para usted
for-administrators = Estas páginas son para administradores. Pida un rol a un propietario de esta organización.
second-door-first = Primero la segunda puerta
second-door-first-how = Esto exige iniciar sesión por ambas puertas. Registre un factor con un código de su administrador, cierre la sesión y vuelva a iniciarla.
not-from-here = No desde aquí
not-from-here-how = Este formulario no vino de una página de este sitio o estuvo abierto demasiado tiempo. No se cambió nada. Cargue la página otra vez y repita.
not-readable = Ilegible
not-readable-how = El formulario no se pudo leer o es demasiado grande. No se cambió nada.
not-found = No encontrado
not-found-how = No existe esa página. Puede que se haya borrado o que la dirección no esté completa.
only-a-form = Solo para un formulario
only-a-form-how = Esta dirección recibe un formulario y no muestra nada por sí misma. No se cambió nada. Vuelva a la página del formulario.
no-way-on = Desde aquí no se puede seguir
missing = Falta algo
missing-passkey = No se usó ninguna llave de acceso.
not-acceptable = No aceptable
not-allowed = No permitido
does-not-fit = No encaja
changed-meanwhile = Cambiado entretanto
too-busy = Demasiado a la vez
too-busy-how = Demasiadas solicitudes a la vez; inténtelo dentro de un momento.
perhaps-done = Quizá hecho
perhaps-done-how = La base de datos se perdió en el último momento y no se sabe si esto se hizo; mire antes de intentarlo de nuevo.
something-failed = Algo falló
something-failed-how = Algo falló por nuestra parte. El registro tiene los detalles bajo el identificador de solicitud de esta respuesta.

## What the doors say (the English is that of the interfaces, too)

said-cannot-show-digits = Una llamada pide cifras que se muestran aquí, y aquí no se puede mostrar ninguna. Use un código.
said-cannot-show-number = Una solicitud al teléfono necesita un número que se muestra aquí, y aquí no se puede mostrar. Use un código.
said-country-closed = Este número es de un país al que no se envía nada. Use otro factor.
said-dormant = Esta cuenta no se usó en mucho tiempo; pida a su administrador un código de registro.
said-duo-is-down = Ahora no se puede preguntar a Duo. Use otro factor si lo tiene, inténtelo más tarde o pregunte a su administrador.
said-duo-no-name = No se puede preguntar a Duo por usted, porque no tiene aquí una dirección de correo. Pregunte a su administrador.
said-duo-not-on = Duo no le abre ahora esta puerta. Elija otro factor.
said-duo-said-no = Duo no le dejó pasar. Inténtelo de nuevo o use otro factor.
said-duo-stale = Lo que volvió de Duo no pertenece a este inicio de sesión, o llegó por segunda vez. Elija otra vez.
said-enrolled-code-wrong = Ese código no es correcto; compruebe la hora de su teléfono e inténtelo de nuevo.
said-enrolment-code-wrong = Ese código de registro no es correcto o ya no vale.
said-enrolment-expired = Este registro ha caducado; empiécelo de nuevo.
said-held = Hubo demasiadas solicitudes a su teléfono. Use un código o una llave de acceso.
said-last-factor = Este es su último factor; registre primero otro.
said-mail-on-its-way = Un código va de camino a su dirección de correo.
said-mail-no-more = Por ahora no se puede enviar más. Pregunte a su administrador.
said-mail-not-sent = No se pudo enviar. Inténtelo más tarde o pregunte a su administrador.
said-mailed-code-wrong = Ese código no es correcto o ya no vale.
said-mailed-expired = Esto ha caducado; inicie sesión de nuevo.
said-model-not-accepted = Esta llave de seguridad no es de los modelos que acepta su organización: { $models }.
said-name-control = Un nombre no debe contener caracteres de control ni saltos de línea.
said-name-empty = Un nombre no debe estar vacío.
said-name-too-long = Un nombre tiene como máximo { $most } caracteres.
said-new-code-expired = Este código ha caducado; pida otro.
said-no-access = Acceso denegado. Pregunte a su administrador.
said-no-answer = Nadie respondió a tiempo. Pregunte de nuevo o use otro factor.
said-no-more = Por ahora no se puede enviar más. Use otro factor o pregunte a su administrador.
said-no-phone-to-ask = No hay ningún teléfono al que preguntar. Use otro factor.
said-no-phone-to-call = Ahora no se puede llamar a ese teléfono. Use otro factor.
said-no-phone-to-text = No se puede enviar un código ahí. Use otro factor.
said-no-texts = Aquí no se envían códigos por SMS.
said-nothing-to-enrol = Nada de lo que usted mismo podría configurar abre aquí una puerta. Pregunte a su administrador.
said-not-a-number = Un número de teléfono es `+`, el prefijo del país y el número, por ejemplo `+34 912 345 678`.
said-not-asked = Nada espera una respuesta. Elija otra vez.
said-not-here = Eso ya no abre esta puerta. Use otro factor.
said-no-factor-here = Esta aplicación pide una segunda puerta, y nada de lo suyo la abre allí. Añada un factor en su portal o pregunte a su administrador.
said-no-name-there = Esta aplicación conoce a las personas por un dato que aquí no se conoce de usted. Pregunte a su administrador.
said-not-remembered = Este navegador ya no se recuerda. Pase la segunda puerta.
said-not-registered = La aplicación quiere enviarle a una dirección que no está registrada para ella, así que no se le envía allí. Para quien la administra: escriba el URI de redirección en su página de la administración, exactamente como está en su configuración.
said-not-sent = No se pudo enviar. Inténtelo más tarde o use otro factor.
said-old-digits = Las cifras de ese menú ya no valen. Elija otra vez.
said-by-number = Una llamada pide las cifras que están junto a ella en el menú. Elíjala allí por su número.
said-not-signed = Esto no vino de una aplicación conocida aquí. Para quien administra la aplicación: compare su id. de cliente, su secreto de cliente y su host de API con los de su página en la administración.
said-nowhere = No se puede saber en qué red está, así que aquí no cuenta ningún factor. Pregunte a su administrador.
said-number-closed = No se envía nada a números de este país.
said-number-code-wrong = Ese código no es correcto; inténtelo de nuevo.
said-number-taken = Este número ya está.
said-number-with-role = Los SMS y las llamadas no abren ninguna puerta a quien tiene un rol; use una llave de acceso o una aplicación de autenticación.
said-on-its-way = Un código va de camino.
said-one-at-a-time = Su teléfono tiene otra solicitud pendiente. Respóndala o espere un minuto.
said-opens-nothing = Un factor de este tipo no abre ninguna de sus puertas con la configuración actual; use otro tipo o pregunte a su administrador.
said-passkey-does-not-hold = La respuesta del navegador no es válida; inténtelo de nuevo.
said-passkey-taken = Esta llave de acceso ya pertenece a alguien.
said-passkey-used = Esta respuesta ya se usó; inténtelo de nuevo.
said-password-again = Elija una distinta de la actual.
said-password-code-wrong = Ese código no es correcto o ya se usó; dé uno para la segunda puerta.
said-password-common = Es una de las contraseñas que se prueban primero.
said-password-is-name = Es poco más que su nombre.
said-password-is-organization = Es poco más que el nombre de la organización.
said-password-line-breaks = Una contraseña no debe contener saltos de línea.
said-password-short = Use al menos { $least } caracteres; varias palabras seguidas son fáciles de recordar.
said-password-short-alone = Use al menos { $least } caracteres, porque no se pide una segunda puerta; varias palabras seguidas son fáciles de recordar.
said-password-too-long = La contraseña tiene más de { $most } bytes.
said-phone-code-wrong = Ese código no es correcto o ya no vale; pida uno nuevo en su propia página.
said-phone-did-not-sign = La clave del teléfono no firmó esta solicitud.
said-phone-has-no-key = El teléfono no demostró que tiene su clave; inténtelo de nuevo.
said-phone-number-wrong = Ese no es el número que se muestra donde inicia sesión.
said-present-password-wrong = Esa no es su contraseña actual.
said-request-over = Esta solicitud ya terminó.
said-said-no = La solicitud se rechazó en el teléfono.
said-start-again = Este inicio de sesión ha caducado. Empiece de nuevo.
said-too-late = Este inicio de sesión tardó demasiado, o se terminó o se empezó de nuevo en otra ventana. Vuelva a la aplicación e inicie sesión otra vez.
said-too-many = Demasiados intentos. Espere e inténtelo de nuevo.
said-too-many-a-minute = Demasiados intentos. Espere un minuto e inténtelo de nuevo.
said-too-many-hours =
    { $hours ->
        [one] Demasiados intentos. Espere { $hours } hora e inténtelo de nuevo.
       *[other] Demasiados intentos. Espere { $hours } horas e inténtelo de nuevo.
    }
said-too-many-minutes =
    { $minutes ->
        [one] Demasiados intentos. Espere { $minutes } minuto e inténtelo de nuevo.
       *[other] Demasiados intentos. Espere { $minutes } minutos e inténtelo de nuevo.
    }
said-too-many-numbers = Ya hay { $most } teléfonos; quite primero uno.
said-too-many-apps = Ya tiene { $most } aplicaciones de autenticación; quite primero una.
said-too-many-passkeys = Ya tiene { $most } llaves de acceso; quite primero una.
said-too-many-phones = Ya tiene { $most } teléfonos; quite primero uno.
said-token-not-in-step = No son los códigos que este token muestra uno tras otro, o ya se usaron.
said-too-soon = Uno va de camino. Espere medio minuto antes de pedir otro.
said-used-code = Ese código ya se usó. Espere al siguiente.
said-wrong = El nombre o la contraseña no es correcto.
said-wrong-code = Ese código no es correcto. Inténtelo de nuevo.
said-wrong-passkey = Esa llave de acceso no abrió la puerta. Inténtelo de nuevo o use otro factor.

## Applications of a person
applications = Aplicaciones
applications-all = Todas las aplicaciones
applications-find = Buscar una aplicación
applications-no-fit = Ninguna de sus aplicaciones tiene «{ $text }» en el nombre.
applications-none = Todavía no tiene acceso a ninguna aplicación. Pida a su administrador la que necesite; aparecerá aquí por sí sola.
favourite = Favorita
favourite-of = Tener { $name } entre las favoritas
favourites = Favoritas
search = Buscar
search-count = Resultados: { $count }
search-found = Resultados
search-how-own = Escriba una parte del nombre de una aplicación, de uno de sus factores o de una página.
search-keys = En cualquier página, / o Ctrl+K lleva a la búsqueda; las flechas eligen e Intro abre.
search-nothing = Nada coincide con «{ $text }».
search-of = Búsqueda: { $text }
search-own = Buscar en sus aplicaciones, factores y páginas
search-pages = Páginas
search-slash = La tecla / lleva a la búsqueda
used-lately = Usadas hace poco

this-device = Este dispositivo
this-device-why = Algunas puertas solo se abren en dispositivos de su organización. Si este es uno, el agente de Sallyport que hay en él puede confirmarlo.
this-device-ask = Preguntar al agente
this-device-if-not = Si su navegador dice que no puede conectarse, aquí no hay agente. Vuelva atrás y use un dispositivo de su organización.
this-device-show = Mostrar que este es un dispositivo de su organización
this-device-late = Eso tardó demasiado o empezó en otro navegador. Inténtelo de nuevo.
this-device-unknown = Este no es un dispositivo de su organización que usted pueda usar. Pregunte a sus administradores.
