## The language itself

language-name = Português
direction = ltr
choose-language = Idioma

## Words that stand alone

or = ou
code = Código
password = Senha
sign-in = Entrar
sign-out = Sair
proceed = Continuar
go-on = Prosseguir
enrol = Registrar
done = Concluído
not-now = Agora não
my-phone = Meu telefone

## Signing in

user-name = Nome de usuário
sign-in-with-passkey = Entrar com uma chave de acesso
enrolment-code-question = Tem um código de registro? <a href="/enroll">Configure seu segundo fator</a>
not-set-up = Esta organização ainda não está configurada. Abra o link de uso único que o servidor mostrou ao iniciar.

## The second door, wherever it stands

second-door = Segunda porta
one-more-door = Mais uma porta
start-again = Recomeçar
your-factors = Seus fatores
remember-hours =
    { $count ->
        [one] Lembrar deste navegador por { $count } hora
        [many] Lembrar deste navegador por { $count } de horas
       *[other] Lembrar deste navegador por { $count } horas
    }
remember-days =
    { $count ->
        [one] Lembrar deste navegador por { $count } dia
        [many] Lembrar deste navegador por { $count } de dias
       *[other] Lembrar deste navegador por { $count } dias
    }
phone-rings = <strong>{ $phone }</strong> está tocando. Atenda e digite nele estes dígitos
type-number-on = Digite este número em <strong>{ $phone }</strong>
answer-request-on = Responda à solicitação em <strong>{ $phone }</strong>.
one-minute = Você tem um minuto. Nunca digite um número que outra pessoa lhe dite.
i-have-answered = Já respondi
waiting-is-over = Há uma resposta ou o minuto acabou. Continue com o botão abaixo.
ask-phone = Perguntar a { $phone }
ask-phone-again = Perguntar de novo a { $phone }
call-phone = Ligar para { $phone }
call-phone-again = Ligar de novo para { $phone }
text-me = Enviar-me um código por SMS: { $phone }
use-passkey = Usar uma chave de acesso
go-on-with-duo = Prosseguir com o Duo
passkey-needs-script = Uma chave de acesso precisa de um navegador que execute nosso script.
passkey-needs-script-here = Uma chave de acesso precisa de um navegador que execute nosso script. Peça ao seu administrador um código de bypass.

## Under the field for a code: one or several of these sentences

hint-app = Abra seu app autenticador e digite os seis dígitos que ele mostra agora.
hint-token = Digite o que seu token de hardware mostra, depois de apertar o botão, se houver.
hint-or-token = Ou digite o que seu token de hardware mostra, depois de apertar o botão, se houver.
hint-text = Peça um código, abaixo, e digite-o aqui.
hint-or-text = Ou peça um código, abaixo, e digite-o aqui.
hint-bypass = Um código de bypass do seu administrador também serve.
none-at-hand = Nada disso à mão? Fale com o suporte.

## What the browser says about a passkey

passkey-known = Este dispositivo ou chave já está registrado.
passkey-bad-address = O navegador não cria chaves de acesso para este endereço.
passkey-not-used = Nenhuma chave de acesso foi usada. Tente de novo ou use outra coisa.

## The prompt in front of an application

wants-to-know = <strong>{ $application }</strong> quer saber se é mesmo você, <strong>{ $user }</strong>.
cancel-to = Cancelar e voltar para { $application }
back-to = Voltar para { $application }
sign-in-for = Para continuar para <strong>{ $application }</strong>.
stays-shut = Esta porta continua fechada
asked-about = <strong>{ $application }</strong> perguntou por <strong>{ $user }</strong>.
factor-first = Primeiro você precisa de um segundo fator
factor-first-for = <strong>{ $application }</strong> exige a segunda porta, e nada seu a abre ainda, <strong>{ $user }</strong>. Peça ao seu administrador um código de registro; com ele você configura em um minuto um app autenticador ou uma chave de acesso. Depois entre de novo em { $application }.
factor-first-here = <strong>{ $application }</strong> pede a segunda porta, e nada seu, <strong>{ $user }</strong>, a abre ainda. Com um código, você configura aqui em um minuto um aplicativo autenticador ou uma chave de acesso e segue para { $application }.
code-of-mail-or-administrator = O código que foi enviado a você por e-mail, ou um que o seu administrador lhe deu.
have-enrolment-code = Tenho um código de registro
going-back = Voltando
being-taken-back = Você está sendo levado de volta para onde veio.
applications-are-told = As aplicações em que tinha a sessão aberta estão sendo avisadas, uma após a outra. Pode fechar esta página a qualquer momento.
go-on-by-hand = Prosseguir manualmente
on-to-duo = Indo para o Duo
taken-to-duo = Você está sendo levado ao Duo, que pede seu segundo fator e o envia de volta para cá.

## An application that is told about somebody

consent-title = <strong>{ $application }</strong> quer saber quem é
consent-told = Se concordar, é-lhe comunicado:
consent-sub = que é você
consent-profile = o seu nome e o seu nome de utilizador
consent-email = o seu endereço de e-mail
consent-phone = o seu número de telefone
consent-groups = em que grupos está
consent-offline = tudo isto também na sua ausência
consent-other = o que chama <strong>{ $scope }</strong>
consent-yes = Concordar
consent-no = Não concordar
leave-title = Terminar a sessão?
leave-wish = <strong>{ $application }</strong> quer terminar a sua sessão.
leave-what = A sua sessão será terminada aqui e nas aplicações que o queiram saber.
leave-yes = Sim, terminar a sessão
leave-no = Manter a sessão
device-title = Ligar um dispositivo
device-what = Escreva o código que o seu dispositivo ou programa mostra.
device-code = Código do dispositivo
device-wrong = Esse código não existe ou já expirou. Olhe outra vez para o seu dispositivo.
device-too-many = Demasiados códigos errados. Tente de novo dentro de dez minutos.
device-confirm = Este dispositivo é seu?
device-asks = <strong>{ $application }</strong> quer entrar em seu nome, <strong>{ $user }</strong>.
device-shows = O seu dispositivo tem de mostrar este código:
device-from = O pedido vem de <strong>{ $place }</strong>.
device-warning = Se alguém lhe enviou este código ou uma ligação para esta página, não continue: essa pessoa entraria em seu nome.
device-yes = Sim, ligar
device-no = Não
device-done = Continue no seu dispositivo
device-done-how = <strong>{ $application }</strong> entrou. Pode fechar esta página.
device-refused = <strong>{ $application }</strong> não entrou.

## The second door once more

on-another-network = Você está em outra rede
second-door-again = A segunda porta mais uma vez
step-up-with-nothing = O que você quer exige a segunda porta mais uma vez daqui, e nada seu a abre agora. Peça ao seu administrador um código de bypass.
step-up-now = Passe pela segunda porta mais uma vez para prosseguir.
my-own-pages = Minhas próprias páginas

## Enrolling the first factor

set-up-factor = Configure seu segundo fator
enrolment-needed = Registro necessário
enrolment-needed-how = Sua senha está certa, mas nada seu abre a segunda porta ainda. Peça ao seu administrador um código de registro; com ele você configura em um minuto um app autenticador ou uma chave de acesso.
enrolment-by-mail-how = Sua senha está certa, mas nada seu abre a segunda porta ainda. Com um código enviado por e-mail você configura em um minuto um app autenticador ou uma chave de acesso.
mail-me-a-code = Enviar-me um código por e-mail: { $to }
have-administrators-code = Tenho um código de registro de um administrador
type-mailed-code = Digite o código que lhe foi enviado por e-mail. Ele vale um quarto de hora, e só neste navegador.
type-mailed-code-to = Digite o código enviado a { $to }. Ele vale um quarto de hora, e só neste navegador.
code-from-mail = Código do e-mail
mail-me-another = Enviar-me outro por e-mail
what-you-need = Você precisa do código de registro que seu administrador lhe deu e de um app autenticador no seu telefone ou de uma chave de acesso.
enrolment-code = Código de registro
back-to-sign-in = Voltar para a entrada
your-factor-of = Seu segundo fator, { $name }
add-account-in-app = Abra seu app autenticador e adicione uma conta.
scan-picture = Escaneie esta imagem:
scan-picture-not-drawn = Escaneie esta imagem (não foi possível desenhá-la; digite a chave):
qr-of-app = Código QR para o app autenticador de { $name }
or-type-key = Ou digite a chave
key-kind = Baseada no tempo, seis dígitos, a cada 30 segundos.
six-digits-now = Os seis dígitos que seu app mostra agora
or-without-app = ou sem app
use-phone-page = Usar uma página no seu telefone que pergunta a você
use-passkey-or-key = Usar uma chave de acesso ou chave de segurança
come-back = Se for interrompido, volte a <code>/enroll</code> em até um dia com o código <strong>{ $code }</strong>
once-more = Mais uma vez
key-is-in-app = A chave já está no seu app. Digite os seis dígitos que ele mostra agora.
start-with-code = Recomeçar com o código de registro
enrolled = Registrado
enrolled-passkey = De agora em diante sua chave de acesso abre a segunda porta, depois da senha. Quando você tiver entrado pelas duas, ela poderá fazer sua entrada sozinha onde sua organização permitir. Entradas em dispositivos e em programas não podem pedi-la: se precisar delas, adicione também um app autenticador em <em>Minhas portas</em>.
enrolled-app = De agora em diante seu app autenticador abre a segunda porta. O código que você acabou de digitar já foi gasto; espere o próximo para entrar.
your-phone = Seu telefone
when-phone-is-yours = Quando o telefone disser que é seu, entre aqui.
scan-with-phone = Escaneie esta imagem com o telefone ou abra <code>{ $address }</code> nele.
open-on-phone = Abra <code>{ $address }</code> no telefone.
open-on-this-phone = O telefone é este: abrir a página aqui
home-screen-first = Em um iPhone ou iPad, primeiro coloque a página na Tela de Início e abra-a ali.
activate-with-code = Ative-a com este código, que vale uma vez e por quinze minutos.
qr-of-phone = Código QR da página do telefone

## The phone page

phone-needs-script = Esta página responde a solicitações com uma chave do seu telefone, e para isso precisa de um navegador que execute nosso script.
make-this-yours = Torne este telefone seu
add-a-phone-there = Na sua própria página, em <em>Minhas portas</em>, escolha <em>Adicionar um telefone</em>. Escaneie a imagem ali ou digite aqui o código dela.
install-first = Em um iPhone ou iPad, primeiro coloque esta página na Tela de Início (Compartilhar, depois <em>Adicionar à Tela de Início</em>), abra-a ali e digite o código ali.
name-this-phone = Como chamar este telefone
activate = Ativar
no-screen-lock = Este telefone não tem bloqueio de tela
ready = Pronto
requests-appear = As solicitações para <strong id="who"></strong> aparecem aqui. Este é <strong id="phone-name"></strong>.
wake-this-phone = Acordar este telefone quando a página estiver fechada
is-woken = O telefone é acordado pelo fabricante do seu navegador, que fica sabendo que algo foi enviado e nada mais.
give-up = Abrir mão deste telefone…
give-up-means = Ele não abre mais nenhuma porta até ser ativado de novo.
give-it-up = Abrir mão
is-this-you = É você?
request-what = Entrada em
request-from = De
request-device = Dispositivo
request-at = Hora
number-where-you-sign-in = O número mostrado onde você entra
let-me-in = Sim, deixe-me entrar
no = Não
not-me = Eu não pedi isto
requests-of-last-hour = Solicitações da última hora

## What the script of the phone page says

server-refused = O servidor recusou.
phone-not-confirmed = O telefone não confirmou que é você. Tente de novo.
server-not-reached = Não foi possível alcançar o servidor. Tente de novo.
key-lost = Este navegador perdeu sua chave. Abra mão do telefone e ative-o de novo.
phone-is-yours = Este telefone agora é seu.
unknown-address = um endereço desconhecido
you-let-yourself-in = Você autorizou sua entrada.
you-said-no = Você disse não.
you-said-not-me = Seus administradores podem ver que não foi você. O que fazer agora está no portal.
you-said-not-me-after-yes = Seus administradores podem ver isso. Aquilo a que você tinha dito sim foi aberto: encerre suas sessões no portal e mude sua senha.
help-desk-asks = Você está falando agora com o suporte?
asked-by = Solicitado por
number-they-read = O número que leem para você
yes-that-is-me = Sim, sou eu
not-speaking = Não estou falando com ninguém
you-confirmed = O suporte agora sabe que é você.
you-said-not-speaking = O suporte saberá que não era você. Não informe nenhum código a ninguém.
notifications-refused = O navegador não teve permissão para mostrar notificações. As solicitações continuam aparecendo enquanto esta página estiver aberta.
cannot-be-woken = Este navegador não pode ser acordado. As solicitações continuam aparecendo enquanto esta página estiver aberta.
woken-again = O fabricante do seu navegador não conseguia mais acordar este telefone. Agora consegue de novo.
woken-no-more = O fabricante do seu navegador não consegue mais acordar este telefone. Faça-o ser acordado de novo abaixo, ou deixe esta página aberta.
somebody-signs-in = Alguém está entrando
open-to-see = Abra para ver onde e para dizer sim ou não.
account-changed = Algo mudou na sua conta
account-changed-look = Abra para ver o quê. Se não foi você, avise o seu administrador.

## Around a page of the portal

to-the-content = Ir para o conteúdo
show-the-menu = Mostrar o menu
main-menu = Menu principal
administration = Administração
light-or-dark = Claro ou escuro
my-doors = Minhas portas
my-sign-ins = Minhas entradas
next-page = Próxima página
undo = Desfazer

## The front page of the portal

hello = Olá, { $name }
since-you-looked = Desde sua última visita
news-by-you = { $when }, por você
news-by = { $when }, por { $who }
news-from-by-you = { $when } de { $source }, por você
news-from-by = { $when } de { $source }, por { $who }
reset-not-before = Nada acontece antes de { $until }.
reset-not-you = Se não foi você que pediu, interrompa. Você não perde nada com isso.
stop-reset = Interromper
was-it-you = Algo disto não foi feito por você nem por alguém a quem pediu? <a href="/password">Mude sua senha</a> e avise seu administrador.
have-seen = Já vi isto
my-factors = Meus fatores
no-factors = Nada seu abre a segunda porta ainda. Peça ao seu administrador um código de registro e <a href="/enroll">configure um app autenticador</a>.
duo-asks-you = Pergunta a você na segunda porta. Seus telefones e chaves lá são guardados pelo Duo e não aqui.
devices-at-duo = Meus dispositivos no Duo
devices-at-duo-more = Meus dispositivos no Duo…
duo-manage-devices = A página do Duo tem <em>Manage devices</em> onde seu administrador permite. Depois você volta para cá.
open-duo = Abrir a página do Duo
factor-since = { $kind }, desde { $since }
factor-until = { $kind }, desde { $since }, até { $until }
codes-left = restam { $left } de { $of } códigos
passkey-of-model = { $model }, conforme atesta o fabricante (<code>{ $aaguid }</code>)
passkey-shut = Não abre nenhuma porta: sua organização só aceita outros modelos
reactivate-more = Configurar de novo…
reactivate-means = A página se perdeu, ou é outro aparelho? Com um novo código ele volta a ser o mesmo telefone, com o nome dele. Até lá vale o que ele tem agora. Se estiver em mãos erradas, remova-o.
reactivate = Mostrar um código
reactivate-named = Configurar { $name } de novo
rename-more = Renomear…
rename = Renomear
new-name-of = Novo nome de { $name }
remove-more = Remover…
remove-means = Ele não abre mais nenhuma porta, e você sai de todos os lugares.
remove-it = Remover
step-token-more = Sincronizar…
step-token-how = Quando os códigos dele são recusados: o botão foi apertado vezes demais ou o relógio está errado. Digite os códigos como ele os mostra um após o outro, sem pular nenhum.
step-token = Sincronizar
code-number = Código { $number }
code-number-of = Código { $number } de { $name }
add-app = Adicionar um app autenticador
add-passkey = Adicionar uma chave de acesso
add-phone = Adicionar um telefone
add-number-more = Adicionar um número para SMS…
number = Número
what-you-call-it = Como você o chama
text-a-code-there = Enviar um código para lá
numbers-are-weak = Uma chave de acesso ou um app autenticador é mais seguro: números podem ser roubados.
elsewhere-step-up = Você está em outra rede. Para ver e mudar seus fatores, sessões e entradas, <a href="/step-up?next=/">passe pela segunda porta mais uma vez</a>.
one-door-only = Você entrou por uma só porta. Para ver e mudar seus fatores, sessões e entradas, entre pelas duas.
one-door-step-up = Você entrou por uma só porta. Para ver e mudar seus fatores, sessões e entradas, <a href="/step-up?next=/">passe pela segunda</a>.
my-devices = Meus dispositivos
no-devices = Você ainda não tem conta em nenhum dispositivo. Um administrador associa você a um.
device = Dispositivo
my-right-there = Meu direito nele
state = Estado
right-administrator = administrador
right-standard = padrão
device-active = ativo
device-quarantined = em quarentena
device-revoked = revogado
lately = Ultimamente nas minhas portas
all = Tudo
something-wrong = Algo que você não fez? Mude sua senha e avise seu administrador.
where-signed-in = Onde estou conectado
here = aqui
end = Encerrar
end-session-in = Encerrar a sessão em { $browser }
end-others = Encerrar todas as outras
where-remembered = Onde sou lembrado
forget = Esquecer
forget-browser = Esquecer { $browser }
forget-all = Esquecer todos
remembered-at = { $place }, desde { $since }, até { $until }
remembered-everywhere = { $place } e todos os outros que assim preveem, desde { $since }, até { $until }
session-since = desde { $since }, último uso { $used }
session-since-from = desde { $since } de { $source }, último uso { $used }
both-doors-from = as duas portas passadas de { $networks }
at-time = { $when }
at-time-from = { $when } de { $source }
portal = Portal
rest-api = API REST
browser-on = { $browser } em { $system }
unknown-browser = navegador desconhecido
command-line = Linha de comando

## Kinds of factors, states and doors of a sign-in

factor-bypass = códigos de um administrador
factor-token = token de hardware
factor-passkey = chave de acesso
factor-number = número de telefone
factor-push = telefone que pergunta
factor-app = app autenticador
factor-mail = endereço de e-mail
state-first-door = primeira porta
state-second-door = segunda porta
state-allowed = permitido
state-denied = negado
by-password = senha
by-session = sessão
by-vouched = garantido por { $system }

## What happened to one's account

news-access-reused = O que permitia a um aplicativo agir em seu nome chegou uma segunda vez. Alguém pode tê-lo copiado, por isso foi encerrado
news-addresses-changed = Seus endereços de e-mail foram alterados
news-bypass = Foram criados códigos de bypass para sua segunda porta
news-enrolment-code = Foi criado um código para registrar um fator seu
news-enrolled = Um fator foi registrado
news-removed = Um fator seu foi removido
news-not-me = Pediram ao seu telefone que deixasse alguém entrar, e você disse que não era você. Defina outra senha: quem quer que fosse conhece a sua
news-not-me-after-yes = Seu telefone deixou alguém entrar, e depois você disse que não era você. Encerre suas outras sessões e defina outra senha
news-not-me-at-help-desk = Alguém falou com um suporte técnico em seu nome, como você disse
news-not-me-in-session = Pediram ao seu telefone que deixasse alguém entrar, e você disse que não era você. Encerre suas outras sessões: quem quer que fosse tem uma delas
news-not-me-past-first-door = Pediram ao seu telefone que deixasse alguém entrar, e você disse que não era você. Quem quer que fosse tinha passado a primeira porta: mude aquilo com que você entra lá
news-password-changed = Sua senha foi mudada
news-guessed =
    { $count ->
        [one] Uma senha errada foi tentada uma vez em seu nome, de onde você nunca entrou
       *[other] Senhas erradas foram tentadas { $count } vezes em seu nome, de onde você nunca entrou
    }
news-known =
    { $count ->
        [one] Alguém deu sua senha certa uma vez, de onde você nunca entrou, e não conseguiu entrar
       *[other] Alguém deu sua senha certa { $count } vezes, de onde você nunca entrou, e não conseguiu entrar
    }
news-locked = Sua senha foi bloqueada
news-locked-to-strangers = Tentaram adivinhar sua senha tantas vezes que ela só abre de onde você já entrou antes
news-password-set = Uma nova senha foi definida para você
news-phone-reactivated = Um telefone seu foi configurado de novo
news-reset-asked = Alguém pediu para redefinir o seu acesso
news-second-door-shut = Tantos códigos errados foram informados em seu nome que sua segunda porta foi fechada por um tempo
news-session-elsewhere =
    { $count ->
        [one] Uma sessão sua foi usada de onde você nunca entrou, e um código errado foi dado uma vez
       *[other] Uma sessão sua foi usada de onde você nunca entrou, e códigos errados foram dados { $count } vezes
    }
news-unlocked = Sua senha foi desbloqueada e as tentativas erradas foram esquecidas

## Factors of one's own

code-on-its-way-to = Um código está a caminho do telefone que termina em { $last }. Ele vale dez minutos.
code-in-text = O código do SMS
add-a-number = Adicionar um número
add-the-number = Adicionar o número
passkey-lives = Uma chave de acesso fica neste dispositivo, em uma chave de segurança ou nas chaves do seu telefone. Ela abre a segunda porta com um toque e, onde pede seu dedo, rosto ou PIN, faz sua entrada sem senha.
passkey-models = Sua organização só aceita estes modelos: { $models }. O navegador pode perguntar se pode informar qual é o seu.
passkey-add-it = Adicionar
what-to-call-it = Como chamá-la
such-as-laptop = Por exemplo: meu notebook
no-passkeys-here = Os navegadores não criam chaves de acesso para um endereço sem nome, e este servidor é conhecido por um assim. Seu administrador pode dar um nome a ele.
phone-asks-you = Seu telefone pergunta a você quando alguém entra com o seu nome, e você diz sim com o dedo, o rosto ou o PIN. Não precisa de nenhum app de loja: uma página nossa faz isso.
key-is-in-app-or-again = A chave já está no seu app. Digite os seis dígitos que ele mostra agora ou <a href="/">recomece</a>.

## The password

change-my-password = Mudar minha senha
password-expired = Sua senha expirou. Defina uma nova para prosseguir.
present-password = Senha atual
new-password = Nova senha
new-password-again = Nova senha, mais uma vez
password-hint = Pelo menos { $least } caracteres. Várias palavras seguidas são longas e fáceis de lembrar. Ela passa a ser sua senha também nos seus dispositivos.
password-hint-alone = Pelo menos { $least } caracteres, porque não se pede a você uma segunda porta. Várias palavras seguidas são longas e fáceis de lembrar. Ela passa a ser sua senha também nos seus dispositivos.
code-for-second-door = Um código para a segunda porta
no-code-at-hand = Sem nenhum à mão, porque uma chave de acesso, o seu telefone ou o Duo pergunta a você? <a href="/step-up?next=/password">Passe pela segunda porta mais uma vez</a>: por dez minutos nenhum código é pedido aqui.
second-door-for-password = Uma nova senha exige ter passado pela segunda porta nos últimos dez minutos. Passe por ela mais uma vez primeiro; depois você volta para cá.
change-it = Mudar
passwords-differ = As duas novas senhas não são iguais.

## One's own sign-ins

column-when = Quando
column-where = Onde
column-from = De
column-doors = Portas
column-result = Resultado
column-why = Por quê
why-password-wrong = senha errada
why-password-locked = a senha estava bloqueada
why-password-pending = ainda não havia senha
why-password-expired = a senha tinha vencido
why-held = tentativas erradas demais, por isso houve uma espera
why-no-factor = nada seu abre a segunda porta ali
why-second-door-wrong = resposta errada na segunda porta
why-code-used = o código já tinha sido usado
why-passkey-copied = a chave de acesso se comportou como uma cópia da sua; avise o seu administrador
why-factor-not-here = esse fator não conta ali
why-code-texted = um código foi enviado por SMS, para digitar em outra entrada
why-spared = a segunda porta não foi pedida
why-remembered = a segunda porta já tinha sido passada ali
why-offline = o dispositivo não alcançou o servidor, e a sua senha bastou
why-second-door-asked = a segunda porta foi pedida
why-not-active = a sua conta não estava ativa
why-not-there = você não pode entrar ali
why-not-from-there = você não pode entrar a partir dali
why-too-long = demorou demais
why-gave-up = foi abandonado
why-both-doors = as duas portas foram passadas
why-session-open = já tinha iniciado sessão
why-stepped-up = a segunda porta foi passada mais uma vez
why-passkey = uma chave de acesso abriu as duas portas
why-answered-elsewhere = respondido no seu telefone
why-unanswered = sem resposta a tempo no seu telefone
why-said-no = negado no seu telefone
why-not-me = você disse que não era você
why-duo-no = o Duo não disse que era você
why-duo-down = não foi possível perguntar ao Duo

## What the page before has done

notice-enrolled = O fator está registrado. De agora em diante ele abre a segunda porta.
notice-factor-removed = O fator foi removido. Quem o usou precisa entrar de novo.
notice-forgotten = Esquecido. A próxima entrada lá passa pelas duas portas.
notice-password-changed = Sua senha foi mudada. Suas outras sessões terminaram.
notice-reset-stopped = Interrompido. Se não foi você que pediu, avise já o seu administrador.
notice-saved = Salvo.
notice-session-ended = A sessão terminou.
notice-sessions-ended = As sessões terminaram.
notice-signed-out = Você saiu.
notice-token-resynced = O token está sincronizado. Os códigos digitados já foram gastos.

## Pages that refuse

way-on = O botão <em>Voltar</em> do seu navegador retorna ao que você preencheu. Ou vá para a <a href="/">página inicial</a>.
not-for-you = Não é para você
for-administrators = Estas páginas são para administradores. Peça uma função a um proprietário desta organização.
second-door-first = Primeiro a segunda porta
second-door-first-how = Isto exige uma entrada pelas duas portas. Registre um fator com um código do seu administrador, depois saia e entre de novo.
not-from-here = Não daqui
not-from-here-how = Este formulário não veio de uma página deste site ou ficou aberto por tempo demais. Nada foi mudado. Carregue a página de novo e repita.
not-readable = Ilegível
not-readable-how = O formulário não pôde ser lido ou é grande demais. Nada foi mudado.
not-found = Não encontrado
not-found-how = Esta página não existe. Talvez tenha sido excluída, ou o endereço não está completo.
only-a-form = Só para um formulário
only-a-form-how = Este endereço recebe um formulário e não mostra nada por si. Nada foi mudado. Volte à página do formulário.
no-way-on = Daqui não há caminho
missing = Falta alguma coisa
missing-passkey = Nenhuma chave de acesso foi usada.
not-acceptable = Não aceitável
not-allowed = Não permitido
does-not-fit = Não combina
changed-meanwhile = Mudado nesse meio-tempo
too-busy = Demais de uma vez
too-busy-how = Solicitações demais de uma vez; tente de novo em breve.
perhaps-done = Talvez feito
perhaps-done-how = O banco de dados se perdeu no último momento, e não se sabe se isto foi feito; verifique antes de tentar de novo.
something-failed = Algo falhou
something-failed-how = Algo falhou do nosso lado. O registro tem os detalhes sob o identificador de solicitação desta resposta.

## What the doors say (the English is that of the interfaces, too)

said-cannot-show-digits = Uma ligação pede dígitos mostrados aqui, e aqui não é possível mostrá-los. Use um código.
said-cannot-show-number = Uma solicitação ao telefone precisa de um número mostrado aqui, e aqui não é possível mostrá-lo. Use um código.
said-country-closed = Este número é de um país para o qual nada é enviado. Use outro fator.
said-dormant = Esta conta não foi usada por muito tempo; peça ao seu administrador um código de registro.
said-duo-is-down = Não é possível perguntar ao Duo agora. Use outro fator se tiver, tente mais tarde ou pergunte ao seu administrador.
said-duo-no-name = Não é possível perguntar ao Duo sobre você, porque você não tem um endereço de e-mail aqui. Pergunte ao seu administrador.
said-duo-not-on = O Duo não abre esta porta para você agora. Escolha outro fator.
said-duo-said-no = O Duo não deixou você passar. Tente de novo ou use outro fator.
said-duo-stale = O que voltou do Duo não pertence a esta entrada, ou chegou uma segunda vez. Escolha de novo.
said-enrolled-code-wrong = Esse código não está certo; verifique o relógio do seu telefone e tente de novo.
said-enrolment-code-wrong = Esse código de registro não está certo ou não vale mais.
said-enrolment-expired = Este registro expirou; comece de novo.
said-held = Houve solicitações demais ao seu telefone. Use um código ou uma chave de acesso.
said-last-factor = Este é seu último fator; registre outro primeiro.
said-mail-on-its-way = Um código está a caminho do seu endereço de e-mail.
said-mail-no-more = Nada mais pode ser enviado por ora. Pergunte ao seu administrador.
said-mail-not-sent = Não foi possível enviar. Tente mais tarde ou pergunte ao seu administrador.
said-mailed-code-wrong = Esse código não está certo ou não vale mais.
said-mailed-expired = Isto expirou; entre de novo.
said-model-not-accepted = Esta chave de segurança não é de nenhum dos modelos que sua organização aceita: { $models }.
said-name-control = Um nome não pode conter caracteres de controle nem quebras de linha.
said-name-empty = Um nome não pode estar vazio.
said-name-too-long = Um nome tem no máximo { $most } caracteres.
said-new-code-expired = Este código expirou; peça outro.
said-no-access = O acesso foi negado. Pergunte ao seu administrador.
said-no-answer = Ninguém respondeu a tempo. Pergunte de novo ou use outro fator.
said-no-more = Por enquanto nada mais pode ser enviado. Use outro fator ou pergunte ao seu administrador.
said-no-phone-to-ask = Não há telefone a quem perguntar. Use outro fator.
said-no-phone-to-call = Não é possível ligar para esse telefone agora. Use outro fator.
said-no-phone-to-text = Não é possível enviar um código para lá. Use outro fator.
said-no-texts = Aqui não se enviam códigos por SMS.
said-nothing-to-enrol = Nada do que você poderia configurar por conta própria abre uma porta aqui. Pergunte ao seu administrador.
said-not-a-number = Um número de telefone é `+`, o código do país e o número, por exemplo `+55 11 91234-5678`.
said-not-asked = Nada está esperando resposta. Escolha de novo.
said-not-here = Isso não abre mais esta porta. Use outro fator.
said-no-factor-here = Esta aplicação pede uma segunda porta, e nada seu a abre lá. Adicione um fator no seu portal ou pergunte ao seu administrador.
said-no-name-there = Esta aplicação conhece as pessoas por um dado que não é conhecido aqui a seu respeito. Pergunte ao seu administrador.
said-not-remembered = Este navegador não é mais lembrado. Passe pela segunda porta.
said-not-registered = O aplicativo quer enviar você a um endereço que não está registrado para ele, por isso você não é enviado para lá. Para quem o administra: informe o URI de redirecionamento na página dele na administração, exatamente como está na configuração.
said-not-sent = Não foi possível enviar. Tente mais tarde ou use outro fator.
said-old-digits = Os dígitos desse menu não valem mais. Escolha de novo.
said-by-number = Uma chamada pede os dígitos que estão ao lado dela no menu. Escolha-a lá pelo número.
said-not-signed = Isto não veio de um aplicativo conhecido aqui. Para quem administra o aplicativo: compare o ID do cliente, o segredo do cliente e o host da API com os da página dele na administração.
said-nowhere = Não é possível saber em que rede você está, por isso nenhum fator conta aqui. Pergunte ao seu administrador.
said-number-closed = Nada é enviado para números deste país.
said-number-code-wrong = Esse código não está certo; tente de novo.
said-number-taken = Este número já está aí.
said-number-with-role = SMS e ligações não abrem nenhuma porta a quem tem uma função; use uma chave de acesso ou um app autenticador.
said-on-its-way = Um código está a caminho.
said-one-at-a-time = Seu telefone já tem outra solicitação esperando. Responda a ela ou espere um minuto.
said-opens-nothing = Com as configurações atuais, um fator deste tipo não abre nenhuma das suas portas; use outro tipo ou pergunte ao seu administrador.
said-passkey-does-not-hold = A resposta do navegador não é válida; tente de novo.
said-passkey-taken = Esta chave de acesso já pertence a alguém.
said-passkey-used = Esta resposta já foi usada; tente de novo.
said-password-again = Escolha uma diferente da atual.
said-password-code-wrong = Esse código não está certo ou já foi usado; informe um para a segunda porta.
said-password-common = É uma das senhas que se tentam primeiro.
said-password-is-name = É pouco mais que o seu nome.
said-password-is-organization = É pouco mais que o nome da organização.
said-password-line-breaks = Uma senha não pode conter quebras de linha.
said-password-short = Use pelo menos { $least } caracteres; várias palavras seguidas são fáceis de lembrar.
said-password-short-alone = Use pelo menos { $least } caracteres, porque não se pede uma segunda porta; várias palavras seguidas são fáceis de lembrar.
said-password-too-long = A senha tem mais de { $most } bytes.
said-phone-code-wrong = Esse código não está certo ou não vale mais; peça um novo na sua própria página.
said-phone-did-not-sign = A chave do telefone não assinou esta solicitação.
said-phone-has-no-key = O telefone não mostrou que tem sua chave; tente de novo.
said-phone-number-wrong = Esse não é o número mostrado onde você entra.
said-present-password-wrong = Essa não é sua senha atual.
said-request-over = Esta solicitação já terminou.
said-said-no = A solicitação foi negada no telefone.
said-start-again = Esta entrada expirou. Comece de novo.
said-too-late = Esta entrada demorou demais, ou foi concluída ou recomeçada em outra janela. Volte ao aplicativo e entre de novo.
said-too-many = Tentativas demais. Espere e tente de novo.
said-too-many-a-minute = Tentativas demais. Espere um minuto e tente de novo.
said-too-many-hours =
    { $hours ->
        [one] Tentativas demais. Espere { $hours } hora e tente de novo.
       *[other] Tentativas demais. Espere { $hours } horas e tente de novo.
    }
said-too-many-minutes =
    { $minutes ->
        [one] Tentativas demais. Espere { $minutes } minuto e tente de novo.
       *[other] Tentativas demais. Espere { $minutes } minutos e tente de novo.
    }
said-too-many-numbers = Já há { $most } telefones; remova um primeiro.
said-too-many-apps = Você já tem { $most } apps autenticadores; remova um primeiro.
said-too-many-passkeys = Você já tem { $most } chaves de acesso; remova uma primeiro.
said-too-many-phones = Você já tem { $most } telefones; remova um primeiro.
said-token-not-in-step = Não são os códigos que este token mostra um após o outro, ou já foram usados.
said-too-soon = Um já está a caminho. Espere meio minuto antes de pedir outro.
said-used-code = Esse código já foi usado. Espere o próximo.
said-wrong = O nome ou a senha não está certo.
said-wrong-code = Esse código não está certo. Tente de novo.
said-wrong-passkey = Essa chave de acesso não abriu a porta. Tente de novo ou use outro fator.

## Applications of a person
applications = Aplicações
applications-all = Todas as aplicações
applications-find = Procurar uma aplicação
applications-no-fit = Nenhuma das suas aplicações tem «{ $text }» no nome.
applications-none = Ainda não tem acesso a nenhuma aplicação. Peça ao seu administrador aquela de que precisa; ela aparece aqui por si só.
favourite = Favorita
favourite-of = Ter { $name } entre as favoritas
favourites = Favoritas
search = Procurar
search-count = Resultados: { $count }
search-found = Resultados
search-how-own = Digite uma parte do nome de uma aplicação, de um dos seus fatores ou de uma página.
search-keys = Em qualquer página, / ou Ctrl+K leva à procura; as setas escolhem e Enter abre.
search-nothing = Nada corresponde a «{ $text }».
search-of = Procura: { $text }
search-own = Procurar nas suas aplicações, fatores e páginas
search-pages = Páginas
search-slash = A tecla / leva à procura
used-lately = Usadas há pouco

this-device = Este dispositivo
this-device-why = Algumas portas só se abrem em dispositivos da sua organização. Se este for um deles, o agente Sallyport instalado pode confirmá-lo.
this-device-ask = Perguntar ao agente
this-device-if-not = Se o navegador disser que não consegue ligar-se, não há agente aqui. Volte atrás e use um dispositivo da sua organização.
this-device-show = Mostrar que este é um dispositivo da sua organização
this-device-late = Demorou demasiado ou começou noutro navegador. Tente novamente.
this-device-unknown = Este não é um dispositivo da sua organização que possa usar. Pergunte aos seus administradores.
