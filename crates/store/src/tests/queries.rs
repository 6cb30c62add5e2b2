//! Every SQL text is taken by both engines.

use sallyport_model::{
    AccessRule, Alarm, ApiToken, Application, Binding, Command, Connector, Device, EnrollmentToken,
    EventStream, Factor, Group, HardwareToken, Policy, Reset, Run, Settings, SigningKey, Spray, User,
    Webhook,
};

use super::{Place, on_both_engines};
use crate::{
    Noun, access_rule, client, connector, event, feed, migrate, noun, noun::Sql, overview, participant,
    short, sign_in, telephony,
};

on_both_engines!(every_query_prepares);

const NOUNS: [&Sql; 21] = [
    AccessRule::SQL,
    Alarm::SQL,
    ApiToken::SQL,
    Application::SQL,
    Binding::SQL,
    Command::SQL,
    Connector::SQL,
    Device::SQL,
    EnrollmentToken::SQL,
    EventStream::SQL,
    Factor::SQL,
    Group::SQL,
    HardwareToken::SQL,
    SigningKey::SQL,
    Policy::SQL,
    Reset::SQL,
    Run::SQL,
    Settings::SQL,
    Spray::SQL,
    User::SQL,
    Webhook::SQL,
];

fn every_query_prepares(place: &Place) {
    place.node();
    let mut connection = place.connection();
    let nouns = NOUNS.iter().flat_map(|sql| {
        let Sql { insert, update, delete, find, find_by_key, list, list_in_state, list_rights_of, .. } = sql;
        let Sql {
            count,
            count_in_state,
            count_by_state,
            slice,
            slice_in_state,
            between,
            words,
            words_of,
            ..
        } = sql;
        let reads = [find, find_by_key, list, list_in_state, list_rights_of, slice, slice_in_state, between];
        let reads = reads.into_iter().chain([words, words_of]);
        reads.chain([insert, update, delete, count, count_in_state, count_by_state])
    });
    let others = [
        connector::QUERIES,
        feed::QUERIES,
        migrate::QUERIES,
        noun::EDGE_QUERIES,
        overview::QUERIES,
        participant::QUERIES,
        short::QUERIES,
        sign_in::QUERIES,
    ];
    let others =
        others.into_iter().chain([access_rule::QUERIES, client::QUERIES, event::QUERIES, telephony::QUERIES]);
    for sql in nouns.chain(others.flatten()) {
        if let Err(error) = connection.prepares(sql) {
            panic!("{error}: {sql}");
        }
    }
}

#[test]
fn no_query_is_left_out_of_the_lists() {
    let impls = include_str!("../noun/impls.rs");
    assert_eq!(impls.matches("impl Noun for").count(), NOUNS.len());
    for text in [
        include_str!("../client.rs"),
        include_str!("../connector.rs"),
        include_str!("../event.rs"),
        include_str!("../feed.rs"),
        include_str!("../overview.rs"),
        include_str!("../participant.rs"),
        include_str!("../migrate.rs"),
        include_str!("../noun/edge.rs"),
        include_str!("../short.rs"),
        include_str!("../sign_in.rs"),
        include_str!("../telephony.rs"),
    ] {
        let list =
            text.split("QUERIES: &[&str] = &[").nth(1).and_then(|rest| rest.split("];").next()).unwrap();
        let listed: Vec<&str> = list.split(',').map(str::trim).collect();
        let texts = text.lines().filter_map(|line| line.strip_prefix("const ")?.split_once(": &str"));
        for (name, _) in texts {
            assert!(listed.contains(&name), "{name} is not in the list of queries");
        }
    }
}
