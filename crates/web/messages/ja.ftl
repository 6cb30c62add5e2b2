## The language itself

language-name = 日本語
direction = ltr
choose-language = 言語

## Words that stand alone

or = または
code = コード
password = パスワード
sign-in = サインイン
sign-out = サインアウト
proceed = 続ける
go-on = 次へ
enrol = 登録する
done = 完了
not-now = 後で
my-phone = 自分のスマートフォン

## Signing in

user-name = ユーザー名
sign-in-with-passkey = パスキーでサインイン
enrolment-code-question = 登録コードをお持ちですか？ <a href="/enroll">第2要素を設定する</a>
not-set-up = この組織はまだ設定されていません。サーバーが起動時に表示した1回限りのリンクを開いてください。

## The second door, wherever it stands

second-door = 第2の扉
one-more-door = もう1つの扉
start-again = 最初からやり直す
your-factors = 登録済みの要素
remember-hours =
    { $count ->
       *[other] このブラウザーを{ $count }時間記憶する
    }
remember-days =
    { $count ->
       *[other] このブラウザーを{ $count }日間記憶する
    }
phone-rings = <strong>{ $phone }</strong> に電話がかかります。応答し、そこで次の数字を入力してください
type-number-on = <strong>{ $phone }</strong> で次の番号を入力してください
answer-request-on = <strong>{ $phone }</strong> に届いた要求に答えてください。
one-minute = 制限時間は1分です。他人に読み上げられた番号は決して入力しないでください。
i-have-answered = 答えました
waiting-is-over = 応答があったか、制限時間の1分が過ぎました。下のボタンで続けてください。
ask-phone = { $phone } に確認する
ask-phone-again = { $phone } にもう一度確認する
call-phone = { $phone } に電話をかける
call-phone-again = { $phone } にもう一度電話をかける
text-me = SMSでコードを受け取る: { $phone }
use-passkey = パスキーを使う
go-on-with-duo = Duoで続ける
passkey-needs-script = パスキーを使うには、このサイトのスクリプトを実行できるブラウザーが必要です。
passkey-needs-script-here = パスキーを使うには、このサイトのスクリプトを実行できるブラウザーが必要です。管理者にバイパスコードを依頼してください。

## Under the field for a code: one or several of these sentences

hint-app = 認証アプリを開き、表示されている6桁の数字を入力してください。
hint-token = ハードウェアトークンに表示される数字を入力してください。ボタンがある場合は先に押してください。
hint-or-token = または、ハードウェアトークンに表示される数字を入力してください。ボタンがある場合は先に押してください。
hint-text = 下のボタンでコードを受け取り、ここに入力してください。
hint-or-text = または、下のボタンでコードを受け取り、ここに入力してください。
hint-bypass = 管理者が発行したバイパスコードも使えます。
none-at-hand = どれも手元にない場合は、ヘルプデスクにお問い合わせください。

## What the browser says about a passkey

passkey-known = このデバイスまたはキーはすでに登録されています。
passkey-bad-address = このアドレスでは、ブラウザーはパスキーを作成できません。
passkey-not-used = パスキーは使われませんでした。もう一度試すか、ほかの方法を使ってください。

## The prompt in front of an application

wants-to-know = <strong>{ $application }</strong> が、本当に <strong>{ $user }</strong> さんご本人かどうかを確認しています。
cancel-to = キャンセルして { $application } に戻る
back-to = { $application } に戻る
sign-in-for = <strong>{ $application }</strong> に進みます。
stays-shut = この扉は開きません
asked-about = <strong>{ $application }</strong> が <strong>{ $user }</strong> さんについて問い合わせました。
factor-first = 先に第2要素が必要です
factor-first-for = <strong>{ $application }</strong> は第2の扉を求めていますが、<strong>{ $user }</strong> さんにはまだそれを開けるものがありません。管理者に登録コードを依頼してください。コードがあれば、認証アプリまたはパスキーを1分ほどで設定できます。その後、もう一度 { $application } にサインインしてください。
factor-first-here = <strong>{ $application }</strong>が第2の扉を求めていますが、<strong>{ $user }</strong>さんにはまだそれを開けるものがありません。コードがあれば、ここで認証アプリまたはパスキーを1分ほどで設定し、{ $application }に進めます。
code-of-mail-or-administrator = メールで届いたコード、または管理者から受け取ったコードです。
have-enrolment-code = 登録コードを持っています
going-back = 戻っています
being-taken-back = 元の場所に戻ります。
applications-are-told = サインインしていたアプリケーションに順番に知らせています。このページはいつでも閉じてかまいません。
go-on-by-hand = 手動で進む
on-to-duo = Duoへ移動しています
taken-to-duo = Duoに移動します。第2要素の確認後、ここに戻ります。

## An application that is told about somebody

consent-title = <strong>{ $application }</strong> はあなたが誰であるかを知りたがっています
consent-told = 同意すると、次のことが伝えられます：
consent-sub = あなた本人であること
consent-profile = 氏名とユーザー名
consent-email = メールアドレス
consent-phone = 電話番号
consent-groups = 所属しているグループ
consent-offline = 不在のときにも以上のすべて
consent-other = そこで <strong>{ $scope }</strong> と呼ばれるもの
consent-yes = 同意する
consent-no = 同意しない
leave-title = サインアウトしますか？
leave-wish = <strong>{ $application }</strong> があなたをサインアウトさせようとしています。
leave-what = ここからと、知らせを求めるアプリケーションからサインアウトします。
leave-yes = サインアウトする
leave-no = サインインしたままにする
device-title = デバイスをサインインさせる
device-what = デバイスまたはプログラムに表示されているコードを入力してください。
device-code = コード番号
device-wrong = そのコードは存在しないか、期限が切れています。デバイスをもう一度ご確認ください。
device-too-many = 間違ったコードが多すぎます。10 分後にもう一度お試しください。
device-confirm = これはあなたのデバイスですか？
device-asks = <strong>{ $application }</strong> が <strong>{ $user }</strong> さんとしてサインインしようとしています。
device-shows = デバイスには次のコードが表示されているはずです：
device-from = 要求元は <strong>{ $place }</strong> です。
device-warning = 誰かからこのコードやこのページへのリンクを受け取った場合は、先へ進まないでください。その人があなたとしてサインインすることになります。
device-yes = はい、サインインさせる
device-no = いいえ
device-done = デバイスで続けてください
device-done-how = <strong>{ $application }</strong> はサインインしました。このページは閉じてかまいません。
device-refused = <strong>{ $application }</strong> はサインインしませんでした。

## The second door once more

on-another-network = 別のネットワークに接続しています
second-door-again = 第2の扉をもう一度
step-up-with-nothing = この操作には、ここからもう一度第2の扉を通る必要がありますが、今それを開けるものがありません。管理者にバイパスコードを依頼してください。
step-up-now = 続けるには、もう一度第2の扉を通ってください。
my-own-pages = 自分のページ

## Enrolling the first factor

set-up-factor = 第2要素を設定する
enrolment-needed = 登録が必要です
enrolment-needed-how = パスワードは正しいのですが、第2の扉を開けるものがまだありません。管理者に登録コードを依頼してください。コードがあれば、認証アプリまたはパスキーを1分ほどで設定できます。
enrolment-by-mail-how = パスワードは正しいのですが、第2の扉を開けるものがまだありません。メールで届くコードを使えば、認証アプリまたはパスキーを1分ほどで設定できます。
mail-me-a-code = メールでコードを受け取る: { $to }
have-administrators-code = 管理者の登録コードを持っています
type-mailed-code = メールで届いたコードを入力してください。15分間、このブラウザーでのみ有効です。
type-mailed-code-to = { $to } に送られたコードを入力してください。15分間、このブラウザーでのみ有効です。
code-from-mail = メールに記載のコード
mail-me-another = メールをもう一度送る
what-you-need = 管理者から受け取った登録コードと、スマートフォンの認証アプリまたはパスキーが必要です。
enrolment-code = 登録コード
back-to-sign-in = サインインに戻る
your-factor-of = { $name } さんの第2要素
add-account-in-app = 認証アプリを開き、アカウントを追加してください。
scan-picture = この画像をスキャンしてください:
scan-picture-not-drawn = この画像をスキャンしてください（画像を表示できないため、代わりにキーを入力してください）:
qr-of-app = { $name } さんの認証アプリ用QRコード
or-type-key = またはキーを入力する
key-kind = 時間ベース、6桁、30秒ごと。
six-digits-now = アプリに表示されている6桁の数字
or-without-app = アプリを使わない場合
use-phone-page = スマートフォンのページで確認に答える
use-passkey-or-key = パスキーまたはセキュリティキーを使う
come-back = 途中で中断した場合は、1日以内にコード <strong>{ $code }</strong> を使って <code>/enroll</code> に戻ってください
once-more = もう一度
key-is-in-app = キーはすでにアプリに入っています。表示されている6桁の数字を入力してください。
start-with-code = 登録コードからやり直す
enrolled = 登録しました
enrolled-passkey = これからは、パスワードに続く第2の扉をパスキーで開けられます。両方の扉を通った後は、組織が許可していれば、パスキーだけでサインインできます。デバイスやプログラムへのログインではパスキーを使えません。必要な場合は、<em>自分の扉</em>で認証アプリも追加してください。
enrolled-app = これからは、第2の扉を認証アプリで開けられます。いま入力したコードは使用済みです。サインインするには次のコードを待ってください。
your-phone = スマートフォン
when-phone-is-yours = スマートフォンに登録完了と表示されたら、ここでサインインしてください。
scan-with-phone = スマートフォンでこの画像をスキャンするか、<code>{ $address }</code> を開いてください。
open-on-phone = スマートフォンで <code>{ $address }</code> を開いてください。
open-on-this-phone = このスマートフォンで設定する場合は、ここでページを開く
home-screen-first = iPhoneまたはiPadでは、先にページをホーム画面に追加し、そこから開いてください。
activate-with-code = 次のコードで有効にしてください。コードは1回限り、15分間有効です。
qr-of-phone = スマートフォン用ページのQRコード

## The phone page

phone-needs-script = このページはスマートフォンのキーで要求に答えます。そのため、このサイトのスクリプトを実行できるブラウザーが必要です。
make-this-yours = このスマートフォンを自分用にする
add-a-phone-there = 自分のページの<em>自分の扉</em>で<em>スマートフォンを追加</em>を選んでください。そこに表示される画像をスキャンするか、コードをここに入力してください。
install-first = iPhoneまたはiPadでは、先にこのページをホーム画面に追加し（共有 → <em>ホーム画面に追加</em>）、そこから開いてコードを入力してください。
name-this-phone = このスマートフォンの名前
activate = 有効にする
no-screen-lock = このスマートフォンには画面ロックがありません
ready = 準備完了
requests-appear = <strong id="who"></strong> さんへの要求がここに表示されます。このスマートフォンの名前は <strong id="phone-name"></strong> です。
wake-this-phone = ページを閉じている間も通知を受け取る
is-woken = 通知はブラウザーの提供元を経由して届きます。提供元には、何かが送られたこと以外は分かりません。
give-up = このスマートフォンの使用をやめる…
give-up-means = もう一度有効にするまで、どの扉も開けられなくなります。
give-it-up = 使用をやめる
is-this-you = ご本人ですか？
request-what = サインイン先
request-from = 接続元
request-device = 端末
request-at = 時刻
number-where-you-sign-in = サインイン画面に表示されている番号
let-me-in = はい、サインインします
no = いいえ
not-me = 身に覚えがありません
requests-of-last-hour = 過去1時間の要求

## What the script of the phone page says

server-refused = サーバーが拒否しました。
phone-not-confirmed = ご本人であることを確認できませんでした。もう一度お試しください。
server-not-reached = サーバーに接続できませんでした。もう一度お試しください。
key-lost = このブラウザーのキーが失われました。このスマートフォンの使用をやめ、もう一度有効にしてください。
phone-is-yours = このスマートフォンを登録しました。
unknown-address = 不明なアドレス
you-let-yourself-in = サインインを承認しました。
you-said-no = サインインを拒否しました。
you-said-not-me = ご本人ではなかったことが管理者に伝わります。次にすることはポータルに表示されます。
you-said-not-me-after-yes = 管理者に伝わりました。「はい」と答えた先はすでに開かれています。ポータルでセッションを終了し、パスワードを変更してください。
help-desk-asks = 今、ヘルプデスクとお話し中ですか？
asked-by = 問い合わせ元
number-they-read = 読み上げられた番号
yes-that-is-me = はい、本人です
not-speaking = 誰とも話していません
you-confirmed = ヘルプデスクはご本人だと確認できました。
you-said-not-speaking = ご本人ではないとヘルプデスクに伝わります。コードは誰にも教えないでください。
notifications-refused = ブラウザーの通知が許可されていません。このページを開いている間は、引き続き要求が表示されます。
cannot-be-woken = このブラウザーでは通知を受け取れません。このページを開いている間は、引き続き要求が表示されます。
woken-again = ブラウザーの提供元からこの電話に通知が届かなくなっていましたが、再び届くようになりました。
woken-no-more = ブラウザーの提供元からこの電話に通知が届かなくなりました。下のボタンで通知を設定し直すか、このページを開いたままにしてください。
somebody-signs-in = サインインの要求があります
open-to-see = 開いて接続元を確かめ、「はい」か「いいえ」で答えてください。
account-changed = アカウントに変更がありました
account-changed-look = 開いて内容を確かめてください。心当たりがなければ管理者に知らせてください。

## Around a page of the portal

to-the-content = 本文へ移動
show-the-menu = メニューを表示
main-menu = メインメニュー
administration = 管理
light-or-dark = 明るい表示と暗い表示の切り替え
my-doors = 自分の扉
my-sign-ins = 自分のサインイン
next-page = 次のページ
undo = 元に戻す

## The front page of the portal

hello = こんにちは、{ $name } さん
since-you-looked = 前回ご覧になってからの出来事
news-by-you = { $when }、ご本人による操作
news-by = { $when }、{ $who } による操作
news-from-by-you = { $when }、{ $source } から、ご本人による操作
news-from-by = { $when }、{ $source } から、{ $who } による操作
reset-not-before = { $until } までは何も行われません。
reset-not-you = あなたが依頼したのでなければ、止めてください。止めても失うものはありません。
stop-reset = 止める
was-it-you = この中に、ご自身で行っておらず、誰かに頼んでもいないものがありますか？ <a href="/password">パスワードを変更</a>し、管理者に知らせてください。
have-seen = 確認しました
my-factors = 自分の要素
no-factors = 第2の扉を開けるものがまだありません。管理者に登録コードを依頼し、<a href="/enroll">認証アプリを設定</a>してください。
duo-asks-you = 第2の扉で確認します。そこで使うスマートフォンやキーは、ここではなくDuoで管理されます。
devices-at-duo = Duoの自分のデバイス
devices-at-duo-more = Duoの自分のデバイス…
duo-manage-devices = 管理者が許可している場合、Duoの画面に<em>Manage devices</em>があります。その後、ここに戻ります。
open-duo = Duoの画面を開く
factor-since = { $kind }、{ $since } から
factor-until = { $kind }、{ $since } から { $until } まで
codes-left = コードの残り: { $of } 個中 { $left } 個
passkey-of-model = { $model }（製造元が証明、<code>{ $aaguid }</code>）
passkey-shut = どの扉も開きません。組織はほかの機種だけを受け付けています
reactivate-more = 設定し直す…
reactivate-means = ページがなくなった、または別の端末になりましたか？新しいコードを使うと、同じ名前のまま同じ電話として使えます。それまでは今の設定が有効です。他人の手に渡った場合は、代わりに削除してください。
reactivate = コードを表示
reactivate-named = { $name } を設定し直す
rename-more = 名前を変更…
rename = 名前を変更
new-name-of = { $name } の新しい名前
remove-more = 削除…
remove-means = どの扉も開けられなくなり、すべての場所からサインアウトされます。
remove-it = 削除する
step-token-more = 同期する…
step-token-how = コードが拒否される場合は、ボタンを押しすぎたか、時計がずれています。表示されるコードを、抜かさずに順番に入力してください。
step-token = 同期する
code-number = コード { $number }
code-number-of = { $name } のコード { $number }
add-app = 認証アプリを追加
add-passkey = パスキーを追加
add-phone = スマートフォンを追加
add-number-more = SMS用の番号を追加…
number = 電話番号
what-you-call-it = 表示名
text-a-code-there = そこにコードを送る
numbers-are-weak = パスキーや認証アプリのほうが安全です。電話番号は盗まれることがあります。
elsewhere-step-up = 別のネットワークに接続しています。要素、セッション、サインインを確認・変更するには、<a href="/step-up?next=/">もう一度第2の扉を通ってください</a>。
one-door-only = 第1の扉だけでサインインしています。要素、セッション、サインインを確認・変更するには、両方の扉でサインインしてください。
one-door-step-up = 第1の扉だけでサインインしています。要素、セッション、サインインを確認・変更するには、<a href="/step-up?next=/">第2の扉を通ってください</a>。
my-devices = 自分のデバイス
no-devices = アカウントのあるデバイスはまだありません。管理者がデバイスを割り当てます。
device = デバイス
my-right-there = そこでの権限
state = 状態
right-administrator = 管理者
right-standard = 標準
device-active = 有効
device-quarantined = 隔離中
device-revoked = 取り消し済み
lately = 最近のサインイン
all = すべて
something-wrong = 身に覚えのないものがありますか？ パスワードを変更し、管理者に知らせてください。
where-signed-in = サインイン中の場所
here = ここ
end = 終了
end-session-in = { $browser } のセッションを終了
end-others = ほかをすべて終了
where-remembered = 記憶されているブラウザー
forget = 忘れる
forget-browser = { $browser } を忘れる
forget-all = すべて忘れる
remembered-at = { $place }、{ $since }から{ $until }まで
remembered-everywhere = { $place } と、同じ設定のほかのすべて、{ $since }から{ $until }まで
session-since = { $since } から、最終使用 { $used }
session-since-from = { $since } に { $source } から開始、最終使用 { $used }
both-doors-from = 両方の扉を通った接続元: { $networks }
at-time = { $when }
at-time-from = { $when }、{ $source } から
portal = ポータル
rest-api = REST インターフェイス
browser-on = { $browser }（{ $system }）
unknown-browser = 不明なブラウザー
command-line = コマンドライン

## Kinds of factors, states and doors of a sign-in

factor-bypass = 管理者発行のコード
factor-token = ハードウェアトークン
factor-passkey = パスキー
factor-number = 電話番号
factor-push = 確認に答えるスマートフォン
factor-app = 認証アプリ
factor-mail = メールアドレス
state-first-door = 第1の扉
state-second-door = 第2の扉
state-allowed = 許可
state-denied = 拒否
by-password = パスワード
by-session = セッション
by-vouched = { $system } が保証

## What happened to one's account

news-access-reused = アプリケーションがあなたの代わりに使うものが二度目に届きました。誰かがコピーした可能性があるため、無効にしました
news-addresses-changed = あなたのメールアドレスが変更されました
news-bypass = 第2の扉のバイパスコードが作成されました
news-enrolment-code = 要素を登録するためのコードが作成されました
news-enrolled = 要素が登録されました
news-removed = 要素が1つ削除されました
news-not-me = お使いの電話に誰かを入れるよう求めがあり、あなたは自分ではないと答えました。相手はあなたのパスワードを知っています。別のパスワードを設定してください
news-not-me-after-yes = あなたのスマートフォンが誰かを通し、その後あなたは自分ではないと答えました。ほかのセッションを終了し、別のパスワードを設定してください
news-not-me-at-help-desk = あなたの答えによれば、誰かがあなたの名前でヘルプデスクと話しました
news-not-me-in-session = お使いの電話に誰かを入れるよう求めがあり、あなたは自分ではないと答えました。相手はあなたのセッションの一つを持っています。ほかのセッションを終了してください
news-not-me-past-first-door = お使いの電話に誰かを入れるよう求めがあり、あなたは自分ではないと答えました。相手は最初の扉を通過していました。そこでのサインインに使っているものを変更してください
news-password-changed = パスワードが変更されました
news-guessed =
    { $count ->
       *[other] サインインしたことのない場所から、間違ったパスワードが { $count } 回試されました
    }
news-known =
    { $count ->
       *[other] サインインしたことのない場所から、正しいパスワードが { $count } 回入力されましたが、サインインには至りませんでした
    }
news-locked = パスワードがロックされました
news-locked-to-strangers = パスワードの推測が繰り返されたため、以前にサインインした場所からしか使えなくなりました
news-password-set = 新しいパスワードが設定されました
news-phone-reactivated = あなたの電話が設定し直されました
news-reset-asked = あなたのサインイン方法のリセットが依頼されました
news-second-door-shut = あなたに対して誤ったコードが何度も入力されたため、第二の扉がしばらく閉じられました
news-session-elsewhere =
    { $count ->
       *[other] サインインしたことのない場所からセッションが使われ、間違ったコードが { $count } 回入力されました
    }
news-unlocked = パスワードのロックが解除され、失敗の記録が消去されました

## Factors of one's own

code-on-its-way-to = 末尾が { $last } の電話にコードを送りました。10分間有効です。
code-in-text = SMSに記載のコード
add-a-number = 番号を追加
add-the-number = この番号を追加
passkey-lives = パスキーは、このデバイス、セキュリティキー、またはスマートフォンのキーチェーンに保存されます。タッチするだけで第2の扉を開けられ、指紋、顔、PINで確認する場合はパスワードなしでサインインできます。
passkey-models = 組織が受け付けるのは次の機種だけです: { $models }。お使いの機種を伝えてよいか、ブラウザーが確認することがあります。
passkey-add-it = 追加する
what-to-call-it = 名前
such-as-laptop = 例: 自分のノートパソコン
no-passkeys-here = 名前のないアドレスではブラウザーがパスキーを作成できず、このサーバーはそのようなアドレスで動いています。管理者がサーバーに名前を付けられます。
phone-asks-you = 誰かがあなたの名前でサインインしようとすると、スマートフォンに確認が届き、指紋、顔、PINで承認できます。ストアのアプリは必要ありません。このサイトのページで行えます。
key-is-in-app-or-again = キーはすでにアプリに入っています。表示されている6桁の数字を入力するか、<a href="/">最初からやり直してください</a>。

## The password

change-my-password = パスワードを変更
password-expired = パスワードの有効期限が切れています。続けるには新しいパスワードを設定してください。
present-password = 現在のパスワード
new-password = 新しいパスワード
new-password-again = 新しいパスワード（確認）
password-hint = { $least } 文字以上。いくつかの単語を並べると、長くて覚えやすくなります。デバイスのパスワードにもなります。
password-hint-alone = 第2の扉を求められないため、{ $least } 文字以上。いくつかの単語を並べると、長くて覚えやすくなります。デバイスのパスワードにもなります。
code-for-second-door = 第2の扉のコード
no-code-at-hand = パスキー、電話、Duoを使っていてコードがない場合は、<a href="/step-up?next=/password">もう一度第2の扉を通ってください</a>。その後10分間は、ここでコードを求められません。
second-door-for-password = 新しいパスワードを設定するには、過去10分以内に第2の扉を通っている必要があります。まずもう一度通ってください。その後ここに戻ります。
change-it = 変更する
passwords-differ = 2つの新しいパスワードが一致しません。

## One's own sign-ins

column-when = 日時
column-where = 場所
column-from = 接続元
column-doors = 扉
column-result = 結果
column-why = 理由
why-password-wrong = パスワードが正しくありませんでした
why-password-locked = パスワードがロックされていました
why-password-pending = パスワードがまだ設定されていませんでした
why-password-expired = パスワードの有効期限が切れていました
why-held = 誤りが多すぎたため、しばらく止められました
why-no-factor = そこで第2の扉を開けられる要素がありません
why-second-door-wrong = 第2の扉での回答が正しくありませんでした
why-code-used = コードはすでに使われていました
why-passkey-copied = パスキーがコピーのような動きをしました。管理者に知らせてください
why-factor-not-here = その要素はそこでは使えません
why-code-texted = コードがSMSで送られました。別のサインインで入力します
why-spared = 第2の扉は求められませんでした
why-remembered = 以前にそこで第2の扉を通っていました
why-offline = デバイスがサーバーに接続できず、パスワードだけで開きました
why-second-door-asked = 第2の扉が求められました
why-not-active = アカウントが有効ではありませんでした
why-not-there = そこには入れません
why-not-from-there = その場所からは入れません
why-too-long = 時間がかかりすぎました
why-gave-up = 中止されました
why-both-doors = 両方の扉を通りました
why-session-open = すでにサインインしていました
why-stepped-up = 第2の扉をもう一度通りました
why-passkey = パスキーで両方の扉が開きました
why-answered-elsewhere = スマートフォンで応答がありました
why-unanswered = スマートフォンで時間内に応答がありませんでした
why-said-no = スマートフォンで拒否されました
why-not-me = 自分ではないと回答しました
why-duo-no = Duoは本人だと確認しませんでした
why-duo-down = Duoに確認できませんでした

## What the page before has done

notice-enrolled = 要素を登録しました。これからは第2の扉を開けられます。
notice-factor-removed = 要素を削除しました。それを使った人はサインインし直す必要があります。
notice-forgotten = 記憶を消しました。次にそこからサインインするときは、両方の扉を通ります。
notice-password-changed = パスワードを変更しました。ほかのセッションは終了しました。
notice-reset-stopped = 止めました。あなたが依頼したのでなければ、すぐに管理者に知らせてください。
notice-saved = 保存しました。
notice-session-ended = セッションを終了しました。
notice-sessions-ended = セッションを終了しました（すべて）。
notice-signed-out = サインアウトしました。
notice-token-resynced = トークンを同期しました。入力したコードは使用済みです。

## Pages that refuse

way-on = ブラウザーの<em>戻る</em>ボタンで、入力した内容に戻れます。または<a href="/">開始ページ</a>に移動してください。
not-for-you = 利用できません
for-administrators = このページは管理者用です。組織の所有者にロールを依頼してください。
second-door-first = 先に第2の扉を通ってください
second-door-first-how = この操作には、両方の扉でのサインインが必要です。管理者のコードで要素を登録してから、サインアウトし、サインインし直してください。
not-from-here = ここからは送信できません
not-from-here-how = このフォームはこのサイトのページから送られたものではないか、開いたままの時間が長すぎました。何も変更されていません。ページを読み込み直して、もう一度行ってください。
not-readable = 読み取れません
not-readable-how = フォームを読み取れないか、大きすぎます。何も変更されていません。
not-found = 見つかりません
not-found-how = このページは存在しません。削除されたか、アドレスが不完全な可能性があります。
only-a-form = フォーム専用です
only-a-form-how = このアドレスはフォームを受け付けるだけで、何も表示しません。何も変更されていません。フォームのあるページに戻ってください。
no-way-on = ここから先へは進めません
missing = 不足しているものがあります
missing-passkey = パスキーは使われませんでした。
not-acceptable = 受け付けられません
not-allowed = 許可されていません
does-not-fit = 条件に合いません
changed-meanwhile = その間に変更されました
too-busy = 混み合っています
too-busy-how = 要求が一度に多すぎます。少し待ってからもう一度お試しください。
perhaps-done = 実行された可能性があります
perhaps-done-how = 最後の瞬間にデータベースへの接続が失われ、実行されたかどうか分かりません。もう一度試す前に確認してください。
something-failed = 問題が発生しました
something-failed-how = サーバー側で問題が発生しました。詳細は、この応答の要求IDでログに記録されています。

## What the doors say (the English is that of the interfaces, too)

said-cannot-show-digits = 電話での確認には画面に表示される数字が必要ですが、ここには表示できません。コードを使ってください。
said-cannot-show-number = スマートフォンへの確認には画面に表示される番号が必要ですが、ここには表示できません。コードを使ってください。
said-country-closed = この番号の国には送信できません。ほかの要素を使ってください。
said-dormant = このアカウントは長い間使われていません。管理者に登録コードを依頼してください。
said-duo-is-down = 現在、Duoに確認できません。ほかの要素がある場合はそれを使うか、後でもう一度試すか、管理者にお問い合わせください。
said-duo-no-name = ここにメールアドレスが登録されていないため、Duoに確認できません。管理者にお問い合わせください。
said-duo-not-on = 現在、Duoではこの扉を開けられません。ほかの要素を選んでください。
said-duo-said-no = Duoで承認されませんでした。もう一度試すか、ほかの要素を使ってください。
said-duo-stale = Duoから戻った内容がこのサインインのものではないか、2回目に届いたものです。もう一度選んでください。
said-enrolled-code-wrong = コードが正しくありません。スマートフォンの時計を確認して、もう一度お試しください。
said-enrolment-code-wrong = 登録コードが正しくないか、すでに無効です。
said-enrolment-expired = この登録は期限切れです。最初からやり直してください。
said-held = スマートフォンへの確認が多すぎました。コードまたはパスキーを使ってください。
said-last-factor = これは最後の要素です。先にほかの要素を登録してください。
said-mail-on-its-way = メールアドレスにコードを送りました。
said-mail-no-more = 現在、これ以上は送信できません。管理者にお問い合わせください。
said-mail-not-sent = 送信できませんでした。後でもう一度試すか、管理者にお問い合わせください。
said-mailed-code-wrong = コードが正しくないか、すでに無効です。
said-mailed-expired = 期限切れです。もう一度サインインしてください。
said-model-not-accepted = このセキュリティキーは、組織が受け付けている機種ではありません: { $models }。
said-name-control = 名前に制御文字や改行は使えません。
said-name-empty = 名前を空にすることはできません。
said-name-too-long = 名前は { $most } 文字以内にしてください。
said-new-code-expired = このコードは期限切れです。新しいコードを取得してください。
said-no-access = アクセスが拒否されました。管理者にお問い合わせください。
said-no-answer = 時間内に応答がありませんでした。もう一度確認するか、ほかの要素を使ってください。
said-no-more = 現在はこれ以上送信できません。ほかの要素を使うか、管理者にお問い合わせください。
said-no-phone-to-ask = 確認できるスマートフォンがありません。ほかの要素を使ってください。
said-no-phone-to-call = その電話には今かけられません。ほかの要素を使ってください。
said-no-phone-to-text = そこにはコードを送れません。ほかの要素を使ってください。
said-no-texts = ここではSMSでコードを送信していません。
said-nothing-to-enrol = ここでは、ご自身で設定できるもので扉を開けられるものがありません。管理者にお問い合わせください。
said-not-a-number = 電話番号は `+`、国番号、番号の順に入力してください。例: `+81 3 1234 5678`。
said-not-asked = 答えを待っているものはありません。もう一度選んでください。
said-not-here = この方法では、この扉を開けられなくなりました。ほかの要素を使ってください。
said-no-factor-here = このアプリケーションは第二の扉を求めていますが、お持ちのものではそこを開けられません。ポータルで認証要素を追加するか、管理者にお問い合わせください。
said-no-name-there = このアプリケーションが利用者の識別に使う情報が、ここには登録されていません。管理者にお問い合わせください。
said-not-remembered = このブラウザーはもう記憶されていません。第2の扉を通ってください。
said-not-registered = アプリケーションが、登録されていないアドレスへの移動を求めているため、移動しません。アプリケーションの運用担当者の方へ: 管理画面のアプリケーションのページに、設定と完全に同じリダイレクトURIを入力してください。
said-not-sent = 送信できませんでした。後でもう一度試すか、ほかの要素を使ってください。
said-old-digits = そのメニューの数字は無効になりました。もう一度選んでください。
said-by-number = 電話では、メニューの横に表示される数字を尋ねます。メニューの番号で選んでください。
said-not-signed = ここで登録されているアプリケーションからの要求ではありません。アプリケーションの運用担当者の方へ: クライアントID、クライアントシークレット、APIホストを管理画面のものと照合してください。
said-nowhere = どのネットワークに接続しているか判別できないため、ここでは要素を使えません。管理者にお問い合わせください。
said-number-closed = この国の番号には送信できません。
said-number-code-wrong = コードが正しくありません。もう一度お試しください。
said-number-taken = この番号はすでに登録されています。
said-number-with-role = ロールのある人は、SMSや電話で扉を開けられません。パスキーまたは認証アプリを使ってください。
said-on-its-way = コードを送りました。
said-one-at-a-time = スマートフォンに別の要求が届いています。それに答えるか、1分待ってください。
said-opens-nothing = 現在の設定では、この種類の要素で開けられる扉がありません。ほかの種類を使うか、管理者にお問い合わせください。
said-passkey-does-not-hold = ブラウザーの応答が有効ではありません。もう一度お試しください。
said-passkey-taken = このパスキーはすでに登録されています。
said-passkey-used = この応答はすでに使われています。もう一度お試しください。
said-password-again = 現在とは別のパスワードを選んでください。
said-password-code-wrong = コードが正しくないか、すでに使われています。第2の扉のコードを入力してください。
said-password-common = 最初に推測されるパスワードの1つです。
said-password-is-name = 名前とほとんど同じです。
said-password-is-organization = 組織の名前とほとんど同じです。
said-password-line-breaks = パスワードに改行は使えません。
said-password-short = { $least } 文字以上にしてください。いくつかの単語を並べると覚えやすくなります。
said-password-short-alone = 第2の扉を求められないため、{ $least } 文字以上にしてください。いくつかの単語を並べると覚えやすくなります。
said-password-too-long = パスワードが { $most } バイトを超えています。
said-phone-code-wrong = コードが正しくないか、すでに無効です。自分のページで新しいコードを取得してください。
said-phone-did-not-sign = この要求は、スマートフォンのキーで署名されていません。
said-phone-has-no-key = スマートフォンのキーを確認できませんでした。もう一度お試しください。
said-phone-number-wrong = サインイン画面に表示されている番号と異なります。
said-present-password-wrong = 現在のパスワードと異なります。
said-request-over = この要求は終了しました。
said-said-no = スマートフォンで拒否されました。
said-start-again = このサインインは期限切れです。最初からやり直してください。
said-too-late = サインインに時間がかかりすぎたか、別のウィンドウで完了または再開されました。アプリケーションに戻り、もう一度サインインしてください。
said-too-many = 試行回数が多すぎます。しばらく待ってからもう一度お試しください。
said-too-many-a-minute = 試行回数が多すぎます。1分待ってからもう一度お試しください。
said-too-many-hours =
    { $hours ->
       *[other] 試行回数が多すぎます。{ $hours }時間待ってからもう一度お試しください。
    }
said-too-many-minutes =
    { $minutes ->
       *[other] 試行回数が多すぎます。{ $minutes }分待ってからもう一度お試しください。
    }
said-too-many-numbers = すでに { $most } 台の電話が登録されています。先に1台を削除してください。
said-too-many-apps = すでに { $most } 個の認証アプリがあります。先に1個を削除してください。
said-too-many-passkeys = すでに { $most } 個のパスキーがあります。先に1個を削除してください。
said-too-many-phones = すでに { $most } 台のスマートフォンがあります。先に1台を削除してください。
said-token-not-in-step = このトークンが順に表示するコードではないか、すでに使われています。
said-too-soon = 送信中です。もう一度依頼する前に30秒お待ちください。
said-used-code = このコードはすでに使われています。次のコードをお待ちください。
said-wrong = 名前またはパスワードが正しくありません。
said-wrong-code = コードが正しくありません。もう一度お試しください。
said-wrong-passkey = そのパスキーでは扉が開きませんでした。もう一度試すか、ほかの要素を使ってください。

## Applications of a person
applications = アプリケーション
applications-all = すべてのアプリケーション
applications-find = アプリケーションを探す
applications-no-fit = 名前に「{ $text }」を含むアプリケーションはありません。
applications-none = 利用できるアプリケーションはまだありません。必要なものを管理者に依頼してください。許可されるとここに表示されます。
favourite = お気に入り
favourite-of = { $name } をお気に入りに入れる
favourites = お気に入り一覧
search = 検索
search-count = 検索結果: { $count } 件
search-found = 検索結果
search-how-own = アプリケーション、自分の要素、またはページの名前の一部を入力してください。
search-keys = どのページでも / または Ctrl+K で検索に移ります。矢印キーで選び、Enter で開きます。
search-nothing = 「{ $text }」に当てはまるものはありません。
search-of = 検索: { $text }
search-own = アプリケーション、要素、ページを検索
search-pages = ページ
search-slash = / キーで検索に移る
used-lately = 最近使ったもの

this-device = このデバイス
this-device-why = 組織のデバイスでしか開かないドアがあります。このデバイスがそうであれば、Sallyport エージェントが証明できます。
this-device-ask = エージェントに尋ねる
this-device-if-not = ブラウザーが接続できないと表示した場合、ここにエージェントはありません。前のページに戻り、組織のデバイスをお使いください。
this-device-show = これが組織のデバイスであることを示す
this-device-late = 時間がかかりすぎたか、別のブラウザーで始められました。もう一度お試しください。
this-device-unknown = これは、あなたが使える組織のデバイスではありません。管理者にお尋ねください。
