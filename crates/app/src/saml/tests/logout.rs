use sallyport_saml::logout::LogoutResponse;
use sallyport_store::Once;

use super::*;

/// Somebody who is signed in and was told of at some applications, by redirect all of them.
struct Round {
    test: TestOrg,
    session: Session,
}

/// An application with the name that a person has there.
struct At {
    application: Versioned<Application>,
    host: &'static str,
    party: Party,
    told: Assertion,
}

fn sp(host: &str, party: &Party) -> SamlService {
    let at = |path: &str| format!("https://{host}.example/{path}").parse().unwrap();
    SamlService {
        entity_id: format!("https://{host}.example"),
        consumers: vec![SamlConsumer { index: 0, url: at("acs"), is_default: true }],
        logout: vec![SamlEndpoint {
            binding: SamlBinding::Redirect,
            url: at("slo"),
            response_url: Some(at("slo-done")),
        }],
        certificates: vec![party.certificate.clone()],
        begins_here: true,
        ..SamlService::default()
    }
}

impl Round {
    async fn begun() -> Self {
        let test = testing::org().await;
        let ada = person(&test, "ada").await;
        let session = signed_in(&test, &ada, "ada").await;
        Self { test, session }
    }

    fn ctx(&self) -> Ctx {
        from(&self.test)
    }

    /// One more application that is told of the session, a second later than the one before.
    async fn at(&self, host: &'static str, change: impl FnOnce(&mut SamlService)) -> At {
        self.test.clock.advance(Span::seconds(1));
        let input = CreateApplication { name: host.into(), kind: ApplicationKind::Saml };
        let (made, _) = application::create(&self.test.system(), input).await.unwrap();
        let party = party();
        let mut service = sp(host, &party);
        change(&mut service);
        let application = changed(&self.test, made.id, |input| {
            input.saml = Some(service);
            input.used_by = Some(UsedBy::Everybody);
        })
        .await;
        let form = form(start(&self.ctx(), made.id, Some(&self.session)).await.unwrap());
        let ctx = self.ctx();
        let (entity, issuer) = (format!("https://{host}.example"), entity_id(&ctx, made.id));
        let certificate = Certificate::parse(&application.saml_certificates[0]).unwrap();
        let expected = Expected {
            entity_id: &entity,
            acs: &format!("{entity}/acs"),
            issuer: &issuer,
            keys: &[certificate.key()],
            decryption: &[],
            answers: Answers::Unasked,
            signed: Signed::Assertion,
        };
        let received = Received::from_form(Kind::Response, &form.fields[0].1, None).unwrap();
        let told = consume(&received, &expected, ctx.now).unwrap().spend(|_, _, _| true).unwrap();
        At { application, host, party, told }
    }

    async fn brings(&self, at: &At, received: Received) -> Goodbye {
        sign_out(&self.ctx(), at.application.id, Ok(received), None).await.unwrap()
    }

    /// The application wants the session ended.
    async fn leaves(&self, at: &At) -> Goodbye {
        let here = logout_url(&self.ctx(), at.application.id);
        let indexes = at.told.session_index.clone().into_iter().collect();
        let by = (self.ctx().now, &SystemRandom::new() as &dyn sallyport_crypto::Random);
        let name = at.told.name_id.clone();
        let mut asked = LogoutRequest::new(&at.entity(), &here, name, indexes, by).unwrap();
        asked.header.id = "_wanted".into();
        self.brings(at, at.sent(&here, Kind::Request, &asked.written(), Some(&at.party))).await
    }

    /// What the application is asked, read and verified as it would.
    fn asked(&self, at: &At, goodbye: &Goodbye) -> LogoutRequest {
        let Goodbye::On(way) = goodbye else { panic!("{}: {goodbye:?}", at.host) };
        let opened = at.received(way, "slo", Kind::Request).open(&[&at.our_key()], true).unwrap();
        LogoutRequest::read(&opened, &at.url("slo"), self.ctx().now).unwrap()
    }

    /// What the application is answered that began it, and what it wanted back with that.
    fn answered(&self, at: &At, goodbye: &Goodbye) -> (bool, Option<String>) {
        let Goodbye::Back(way) = goodbye else { panic!("{}: {goodbye:?}", at.host) };
        let received = at.received(way, "slo-done", Kind::Response);
        let opened = received.open(&[&at.our_key()], true).unwrap();
        let read = LogoutResponse::read(&opened, &at.url("slo-done"), "_wanted", self.ctx().now).unwrap();
        (read.all_ended, received.relay_state.map(String::from))
    }

    /// An answer of this application, as it would come to another one's address.
    fn answer(&self, at: &At, to: &At, asked: &str, all_ended: bool, signer: Option<&Party>) -> Received {
        let here = logout_url(&self.ctx(), to.application.id);
        let by = (self.ctx().now, &SystemRandom::new() as &dyn sallyport_crypto::Random);
        let answer = LogoutResponse::new(&at.entity(), &here, asked, all_ended, by).unwrap();
        at.sent(&here, Kind::Response, &answer.written(), signer)
    }

    /// The application has ended its own session, or part of it.
    async fn says(&self, at: &At, asked: &LogoutRequest, all_ended: bool) -> Goodbye {
        self.brings(at, self.answer(at, at, &asked.header.id, all_ended, Some(&at.party))).await
    }

    async fn is_over(&self) -> bool {
        !is_open(&self.test, &self.session).await
    }
}

impl At {
    fn entity(&self) -> String {
        format!("https://{}.example", self.host)
    }

    fn url(&self, path: &str) -> String {
        format!("https://{}.example/{path}", self.host)
    }

    fn our_key(&self) -> PublicKey {
        Certificate::parse(&self.application.saml_certificates[0]).unwrap().key().clone()
    }

    fn sent(&self, to: &str, kind: Kind, message: &Element, signer: Option<&Party>) -> Received {
        let signer = signer.map(|party| Signer::new(&party.key, None));
        let state = sallyport_saml::binding::RelayState::parse(&format!("state of {}", self.host)).unwrap();
        let url = redirect(to, kind, message, Some(&state), signer.as_ref()).unwrap();
        Received::from_query(url.split_once('?').unwrap().1).unwrap()
    }

    fn received(&self, way: &Way, path: &str, kind: Kind) -> Received {
        let received = match way {
            Way::Address(url) => {
                let (to, query) = url.split_once('?').unwrap();
                assert_eq!(to, self.url(path));
                Received::from_query(query).unwrap()
            }
            Way::Form(form) => {
                assert_eq!(form.action, self.url(path));
                Received::from_form(kind, &form.fields[0].1, None).unwrap()
            }
        };
        assert_eq!(received.kind, kind);
        received
    }
}

fn is_refused(goodbye: &Goodbye) -> bool {
    matches!(goodbye, Goodbye::Nowhere(_))
}

#[tokio::test]
async fn the_browser_is_led_to_all_that_were_told_and_back_to_the_one_that_began() {
    let round = Round::begun().await;
    let board = round.at("board", |_| {}).await;
    let wiki = round.at("wiki", |_| {}).await;
    let files = round
        .at("files", |service| {
            service.logout[0].binding = SamlBinding::Post;
            service.name_id = NameIdFormat::Transient;
        })
        .await;
    let mut goodbye = round.leaves(&wiki).await;
    assert!(round.is_over().await, "before anybody has answered");
    for at in [&board, &files] {
        let asked = round.asked(at, &goodbye);
        assert_eq!(asked.name_id, at.told.name_id, "{}", at.host);
        assert_eq!(Some(&asked.session_indexes[0]), at.told.session_index.as_ref());
        goodbye = round.says(at, &asked, true).await;
    }
    assert!(board.told.name_id.sp_name_qualifier.is_some() && board.told.name_id.name_qualifier.is_some());
    assert_eq!(round.answered(&wiki, &goodbye), (true, Some("state of wiki".into())));
}

#[tokio::test]
async fn who_does_not_say_so_leaves_it_in_part() {
    let nowhere = |service: &mut SamlService| service.logout.clear();
    let unverifiable = |service: &mut SamlService| service.certificates.clear();
    for (what, all_ended, change) in [
        ("says so", true, None),
        ("says no", false, None),
        ("has no endpoint", true, Some(nowhere as fn(&mut SamlService))),
        ("signs nothing", true, Some(unverifiable as fn(&mut SamlService))),
    ] {
        let round = Round::begun().await;
        let board = round.at("board", |service| change.into_iter().for_each(|change| change(service))).await;
        let (files, wiki) = (round.at("files", |_| {}).await, round.at("wiki", |_| {}).await);
        let mut goodbye = round.leaves(&wiki).await;
        if change.is_none() {
            let asked = round.asked(&board, &goodbye);
            goodbye = round.says(&board, &asked, all_ended).await;
        }
        // Whoever comes after is asked all the same.
        let asked = round.asked(&files, &goodbye);
        let goodbye = round.says(&files, &asked, true).await;
        let expected = what == "says so";
        assert_eq!(round.answered(&wiki, &goodbye).0, expected, "{what}");
    }
}

#[tokio::test]
async fn an_application_that_is_gone_is_passed_by() {
    let round = Round::begun().await;
    let (board, wiki) = (round.at("board", |_| {}).await, round.at("wiki", |_| {}).await);
    changed(&round.test, board.application.id, |input| input.enabled = Some(false)).await;
    let goodbye = round.leaves(&wiki).await;
    assert!(!round.answered(&wiki, &goodbye).0);
}

#[tokio::test]
async fn an_answer_of_somebody_else_or_once_more_moves_nothing() {
    let round = Round::begun().await;
    let (board, files) = (round.at("board", |_| {}).await, round.at("files", |_| {}).await);
    let wiki = round.at("wiki", |_| {}).await;
    let goodbye = round.leaves(&wiki).await;
    let asked = round.asked(&board, &goodbye);
    let id = &asked.header.id;
    for (what, to, bad) in [
        ("not signed", &board, round.answer(&board, &board, id, true, None)),
        ("signed by a stranger", &board, round.answer(&board, &board, id, true, Some(&STRANGER))),
        ("in another's name", &board, round.answer(&board, &board, id, true, Some(&files.party))),
        ("of another", &board, round.answer(&files, &board, id, true, Some(&files.party))),
        ("of another, at its address", &files, round.answer(&files, &files, id, true, Some(&files.party))),
        ("sent elsewhere", &board, round.answer(&board, &files, id, true, Some(&board.party))),
        ("to nothing", &board, round.answer(&board, &board, "_none", true, Some(&board.party))),
        ("to its own", &wiki, round.answer(&wiki, &wiki, "_wanted", true, Some(&wiki.party))),
    ] {
        let goodbye = round.brings(to, bad).await;
        assert!(is_refused(&goodbye), "{what}: {goodbye:?}");
    }
    let answer = || round.answer(&board, &board, id, true, Some(&board.party));
    let goodbye = round.brings(&board, answer()).await;
    let asked = round.asked(&files, &goodbye);
    assert!(is_refused(&round.brings(&board, answer()).await), "once more");
    // What nobody answered in time is over; the session has been since the beginning.
    round.test.clock.advance(Span::seconds(601));
    let late = round.says(&files, &asked, true).await;
    assert!(is_refused(&late) && round.is_over().await, "{late:?}");
}

#[tokio::test]
async fn of_many_answers_at_once_on_two_nodes_one_leads_on() {
    let round = Round::begun().await;
    let (board, wiki) = (round.at("board", |_| {}).await, round.at("wiki", |_| {}).await);
    let asked = round.asked(&board, &round.leaves(&wiki).await);
    let answer = round.answer(&board, &board, &asked.header.id, true, Some(&board.party));
    let nodes = [round.test.nobody(), round.test.other_node()];
    let id = board.application.id;
    let led = at_once(&nodes, 8, |ctx| {
        let answer = answer.clone();
        async move { matches!(sign_out(&ctx, id, Ok(answer), None).await.unwrap(), Goodbye::Back(_)) }
    })
    .await;
    assert_eq!(led.into_iter().filter(|led| *led).count(), 1);
}

#[tokio::test]
async fn who_comes_back_from_an_application_that_is_broken_passes_it_by() {
    let round = Round::begun().await;
    let (board, files) = (round.at("board", |_| {}).await, round.at("files", |_| {}).await);
    let wiki = round.at("wiki", |_| {}).await;
    round.asked(&board, &round.leaves(&wiki).await);
    let asked = round.asked(&files, &round.leaves(&wiki).await);
    let goodbye = round.says(&files, &asked, true).await;
    assert!(!round.answered(&wiki, &goodbye).0, "nobody knows what became of the first");
    assert!(!round.answered(&wiki, &round.leaves(&wiki).await).0, "and nobody is asked twice");
}

#[tokio::test]
async fn who_signs_out_here_is_led_round_and_then_where_that_led_before() {
    let to = Some("https://wiki.example/out".to_owned());
    for to in [None, to] {
        let round = Round::begun().await;
        let (board, files) = (round.at("board", |_| {}).await, round.at("files", |_| {}).await);
        let goodbye = leave(&round.ctx(), &round.session, to.clone()).await.unwrap();
        assert!(round.is_over().await);
        let asked = round.asked(&board, &goodbye);
        let goodbye = round.says(&board, &asked, false).await;
        let asked = round.asked(&files, &goodbye);
        assert_eq!(round.says(&files, &asked, true).await, Goodbye::Out(to.clone()));
        // Nobody is asked twice.
        let again = leave(&round.ctx(), &round.session, to.clone()).await.unwrap();
        assert_eq!(again, Goodbye::Out(to));
    }
    let nobody_told = Round::begun().await;
    let out = leave(&nobody_told.ctx(), &nobody_told.session, None).await.unwrap();
    assert_eq!(out, Goodbye::Out(None));
}

#[tokio::test]
async fn what_was_kept_with_a_bare_name_is_still_read() {
    let round = Round::begun().await;
    let (board, wiki) = (round.at("board", |_| {}).await, round.at("wiki", |_| {}).await);
    for at in [&board, &wiki] {
        let (session, application) = (round.session.id.unwrap().to_string(), at.application.id);
        let doc = serde_json::json!({
            "application": application, "user": round.session.user, "session": session,
            "name": at.told.name_id.value,
        });
        let expires = round.ctx().now.plus(Span::days(1));
        let once = Once { owner: session.clone(), expires, used: None, doc: doc.to_string() };
        let key = format!("{application} {session}");
        let ctx = round.ctx();
        let replaced = ctx.write(move |tx| Ok(tx.replace_once("saml_sign_on", &key, &once)?)).await;
        assert!(replaced.unwrap());
    }
    let asked = round.asked(&board, &round.leaves(&wiki).await);
    assert_eq!(asked.name_id.value, board.told.name_id.value);
    assert!(round.is_over().await);
}
