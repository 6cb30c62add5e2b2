use std::collections::{BTreeMap, BTreeSet};

use fluent_syntax::{
    ast::{Entry, Expression, InlineExpression, Pattern, PatternElement},
    parser,
};

use super::*;

/// Messages that are the same in English and in another language because the words are.
const SAME: &[(&str, &str)] = &[
    ("de", "code"),
    ("de", "administration"),
    ("de", "portal"),
    ("es", "no"),
    ("es", "portal"),
    ("fr", "applications"),
    ("fr", "code"),
    ("fr", "administration"),
    ("fr", "right-standard"),
    ("fr", "by-session"),
    ("it", "password"),
    ("it", "no"),
    ("it", "right-standard"),
    ("it", "factor-passkey"),
    ("it", "by-password"),
    ("nl", "code"),
    ("nl", "factor-passkey"),
    ("pl", "right-administrator"),
    ("pt", "portal"),
    ("sv", "administration"),
    ("sv", "right-standard"),
    ("sv", "by-session"),
];

/// What a message is made of.
#[derive(Debug, Default)]
struct Parts<'m> {
    text: String,
    values: BTreeSet<&'m str>,
    /// Elements and their attributes, in order of the alphabet.
    markup: Vec<String>,
    /// Texts that a number chooses between, and the kinds of numbers.
    kinds: BTreeSet<&'m str>,
}

fn messages(language: Language) -> BTreeMap<&'static str, Parts<'static>> {
    let parsed = parser::parse(language.source())
        .unwrap_or_else(|(_, errors)| panic!("{}: {errors:?}", language.tag()));
    let mut found = BTreeMap::new();
    for entry in parsed.body {
        if let Entry::Message(message) = entry {
            let mut parts = Parts::default();
            look_at(&message.value.unwrap(), &mut parts);
            parts.markup = elements(&parts.text);
            let former = found.insert(message.id.name, parts);
            assert!(former.is_none(), "{}: `{}` is there twice", language.tag(), message.id.name);
        }
    }
    found
}

fn look_at<'m>(pattern: &Pattern<&'m str>, parts: &mut Parts<'m>) {
    for element in &pattern.elements {
        match element {
            PatternElement::TextElement { value } => parts.text.push_str(value),
            PatternElement::Placeable { expression: Expression::Inline(inline) } => note(inline, parts),
            PatternElement::Placeable { expression: Expression::Select { selector, variants } } => {
                note(selector, parts);
                for variant in variants {
                    let fluent_syntax::ast::VariantKey::Identifier { name } = variant.key else {
                        panic!("{variant:?}")
                    };
                    parts.kinds.insert(name);
                    look_at(&variant.value, parts);
                }
            }
        }
    }
}

fn note<'m>(inline: &InlineExpression<&'m str>, parts: &mut Parts<'m>) {
    match inline {
        InlineExpression::VariableReference { id } => {
            parts.values.insert(id.name);
        }
        InlineExpression::StringLiteral { value } => parts.text.push_str(value),
        other @ (InlineExpression::FunctionReference { .. }
        | InlineExpression::MessageReference { .. }
        | InlineExpression::NumberLiteral { .. }
        | InlineExpression::Placeable { .. }
        | InlineExpression::TermReference { .. }) => panic!("{other:?}"),
    }
}

fn elements(text: &str) -> Vec<String> {
    let mut found: Vec<String> = text
        .split('<')
        .skip(1)
        .map(|rest| rest.split_once('>').expect("an element that ends").0.to_owned())
        .collect();
    found.sort();
    found
}

#[test]
fn every_language_says_every_message_and_no_other() {
    let english = messages(Language::En);
    for language in Language::ALL {
        let tag = language.tag();
        let spoken = messages(language);
        let (wanted, said): (BTreeSet<_>, BTreeSet<_>) = (english.keys().collect(), spoken.keys().collect());
        assert_eq!(wanted.difference(&said).collect::<Vec<_>>(), Vec::<&&&str>::new(), "{tag} lacks these");
        assert_eq!(
            said.difference(&wanted).collect::<Vec<_>>(),
            Vec::<&&&str>::new(),
            "{tag} has these too many"
        );
        for (id, parts) in &spoken {
            assert_eq!(parts.values, english[id].values, "{tag}: the values of `{id}`");
            if parts.kinds.is_empty() {
                assert_eq!(parts.markup, english[id].markup, "{tag}: the markup of `{id}`");
            }
            let says = !parts.text.trim().is_empty() || !parts.values.is_empty();
            assert!(says, "{tag}: `{id}` says nothing");
        }
    }
}

#[test]
fn a_translation_is_not_the_english_but_where_the_words_are_the_same() {
    let english = messages(Language::En);
    for language in Language::ALL.into_iter().filter(|language| *language != Language::En) {
        for (id, parts) in messages(language).into_iter().filter(|(id, _)| *id != "direction") {
            let listed = SAME.contains(&(language.tag(), id));
            let wordless = !english[id].text.chars().any(char::is_alphabetic);
            let is_same = parts.text == english[id].text && !wordless;
            assert_eq!(is_same, listed, "{}: `{id}`: {}", language.tag(), parts.text);
        }
    }
}

#[test]
fn whatever_a_number_chooses_is_said_for_every_number() {
    for language in Language::ALL {
        for count in (0..200usize).chain([1_000, 1_000_000]) {
            for said in [
                language.news_guessed(count),
                language.news_known(count),
                language.news_session_elsewhere(count),
                language.remember_for(u32::try_from(count).unwrap()),
                language.said_too_many_hours(u32::try_from(count).unwrap()),
                language.said_too_many_minutes(u32::try_from(count).unwrap()),
            ] {
                assert!(!said.is_empty(), "{} {count}", language.tag());
            }
        }
    }
    let english = Language::En;
    let remembered = [1, 24, 36, 72].map(|hours| english.remember_for(hours).to_string());
    let periods = ["an hour", "24 hours", "36 hours", "3 days"];
    assert_eq!(remembered, periods.map(|period| format!("Remember this browser for {period}")));
    assert!(english.news_guessed(1usize).contains(" once"), "{}", english.news_guessed(1usize));
    assert!(english.news_guessed(7usize).contains(" 7 times"));
    // Ukrainian and Polish have several plurals.
    let several: BTreeSet<Text> =
        [1usize, 3, 5].map(|n| Language::Uk.news_guessed(n).replace(&n.to_string(), "").into()).into();
    assert_eq!(several.len(), 3, "{several:?}");
}

#[test]
fn what_is_put_into_markup_is_escaped_and_what_is_put_into_text_is_left_to_the_page() {
    let hostile = "<script>\"'&";
    for language in Language::ALL {
        let said = language.wants_to_know(hostile, "ada").to_string();
        assert!(!said.contains("<script>") && said.contains("&#60;script&#62;"), "{said}");
        assert!(language.ask_phone(hostile).contains(hostile));
    }
}

#[test]
fn the_interfaces_say_in_english_what_the_pages_say() {
    for &phrase in sallyport_app::Phrase::ALL {
        assert_eq!(sentence(&phrase.text()), Language::En.said(phrase), "{phrase:?}");
    }
    let models = "Acme Key, Other Key".to_owned();
    let said = Language::En.said_model_not_accepted(&models);
    assert_eq!(sentence(&sallyport_app::Words::ModelNotAccepted { models }.to_string()), said);
}
