//! Which language a browser is spoken to in: the one that was chosen on a page of ours, else the first of those it asks for
//! that we speak, else English.
//!
//! A page carries links that choose. Each leads to the page itself with one word more in its address; that word becomes a
//! cookie before any handler sees it, so a choice needs no script, no form and no place to come back to.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, Method, Uri, header},
    middleware::Next,
    response::{IntoResponse as _, Redirect, Response},
};
use sallyport_wire::http::language::ranges;

use super::Language;
use crate::{
    call::anyone,
    pages::{cookie, refusal},
};

/// The word in an address that chooses.
const PARAMETER: &str = "language";

/// How long a choice is remembered, in seconds.
const REMEMBERED: u32 = 400 * 24 * 3600;

impl Language {
    /// The language of whoever sends this.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let chosen = cookie::find(headers, cookie::LANGUAGE).and_then(Self::named);
        chosen.or_else(|| Self::asked_for(headers)).unwrap_or(Self::En)
    }

    fn named(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.tag() == tag)
    }

    /// The best of `Accept-Language` (RFC 9110, section 12.5.4).
    fn asked_for(headers: &HeaderMap) -> Option<Self> {
        let lists = headers.get_all(header::ACCEPT_LANGUAGE).iter().filter_map(|list| list.to_str().ok());
        let mut best = None;
        for (tag, weight) in ranges(lists) {
            let Some(language) = Self::for_range(tag) else { continue };
            // The first of equals.
            if weight > best.map_or(0, |(_, weight)| weight) {
                best = Some((language, weight));
            }
        }
        best.map(|(language, _)| language)
    }

    /// `de` for `de-AT`, English for `*`.
    fn for_range(range: &str) -> Option<Self> {
        let primary = range.split('-').next().unwrap_or_default();
        let known = |language: &Self| language.tag().eq_ignore_ascii_case(primary);
        if primary == "*" { Some(Self::En) } else { Self::ALL.into_iter().find(known) }
    }
}

/// The links of a page that choose a language.
pub(crate) struct Chooser {
    /// The page's own address, up to where the choice goes.
    here: String,
}

impl Chooser {
    /// On a page that a browser may come back to at this path.
    pub(crate) fn at(path: &str) -> Self {
        let mark = if path.contains('?') { '&' } else { '?' };
        Self { here: format!("{path}{mark}{PARAMETER}=") }
    }

    pub(crate) fn links(&self) -> Vec<Link> {
        let link = |language: Language| Link { href: format!("{}{}", self.here, language.tag()), language };
        Language::ALL.into_iter().map(link).collect()
    }
}

/// Chooses a language.
pub(crate) struct Link {
    pub(crate) href: String,
    pub(crate) language: Language,
}

/// Around pages for people: remembers a choice, and has refusals said in the language of whoever asked, as the house looks.
pub(crate) async fn choose(State(state): State<crate::State>, request: Request, next: Next) -> Response {
    if let Some((language, path)) = chosen(request.method(), request.uri()) {
        let mut response = Redirect::to(&path).into_response();
        cookie::set_for(response.headers_mut(), cookie::LANGUAGE, language.tag(), REMEMBERED);
        return response;
    }
    let administrators = request.uri().path().starts_with("/admin");
    let language = if administrators { Language::En } else { Language::of(request.headers()) };
    let ctx = anyone(request.extensions(), &state);
    refusal::dressed(next.run(request).await, &ctx, language).await
}

/// The choice in an address, and the address without it.
fn chosen(method: &Method, uri: &Uri) -> Option<(Language, String)> {
    let is_choice = |pair: &&str| pair.split_once('=').is_some_and(|(name, _)| name == PARAMETER);
    // Another host could be meant by what begins with two strokes, as which browsers read backslashes too.
    if method != Method::GET || uri.path().starts_with("//") || uri.path().contains('\\') {
        return None;
    }
    let query = uri.query()?;
    let language =
        query.split('&').find(is_choice)?.split_once('=').and_then(|(_, tag)| Language::named(tag))?;
    let others: Vec<&str> = query.split('&').filter(|pair| !is_choice(pair)).collect();
    let mark = if others.is_empty() { "" } else { "?" };
    Some((language, format!("{}{mark}{}", uri.path(), others.join("&"))))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn of(lists: &[&str], cookies: &str) -> Language {
        let mut headers = HeaderMap::new();
        for list in lists {
            headers.append(header::ACCEPT_LANGUAGE, HeaderValue::from_str(list).unwrap());
        }
        headers.insert(header::COOKIE, HeaderValue::from_str(cookies).unwrap());
        Language::of(&headers)
    }

    #[test]
    fn the_heaviest_language_that_is_spoken_here_is_taken() {
        for (asked, spoken) in [
            ("de", Language::De),
            ("de-AT", Language::De),
            ("DE-at", Language::De),
            ("de-CH-1996;q=0.3, fr;q=0.8", Language::Fr),
            ("gsw, de;q=0.9, en;q=0.8", Language::De),
            ("fr;q=0.5,de;q=0.5", Language::Fr),
            ("en;q=0, uk;q=0.001", Language::Uk),
            ("de;q=0", Language::En),
            ("tlh", Language::En),
            ("*, ja;q=0.9", Language::En),
            ("", Language::En),
        ] {
            assert_eq!(of(&[asked], ""), spoken, "{asked}");
        }
        assert_eq!(of(&["tlh", "ja"], ""), Language::Ja, "a list may come in parts");
    }

    #[test]
    fn a_hostile_list_costs_nothing_and_says_nothing() {
        for asked in [
            ",,,,;;;;q=,",
            "de;q=2",
            "de;q=-1",
            "de;q=1.001",
            "de;q=0.0001",
            "de;q=nan",
            "de;x",
            "-",
            "\u{e4}",
        ] {
            assert_eq!(of(&[asked], ""), Language::En, "{asked}");
        }
        let (many, long) = ("tlh,".repeat(20), "tlh-".repeat(500));
        assert_eq!(of(&[&format!("{many}de")], ""), Language::En);
        assert_eq!(of(&[&format!("{long},de"), "fr"], ""), Language::Fr);
    }

    #[test]
    fn what_was_chosen_counts_more_than_what_the_browser_asks_for() {
        assert_eq!(of(&["de"], "__Host-sallyport-language=uk"), Language::Uk);
        for wrong in ["", "UK", "klingon", "../../etc/passwd"] {
            assert_eq!(of(&["de"], &format!("__Host-sallyport-language={wrong}")), Language::De, "{wrong}");
        }
    }

    #[test]
    fn a_choice_leads_back_to_the_same_page_and_to_no_other() {
        let chosen = |uri: &str| super::chosen(&Method::GET, &uri.parse().unwrap());
        let to = |path: &str| Some((Language::De, path.to_owned()));
        assert_eq!(chosen("/sign-in?language=de"), to("/sign-in"));
        assert_eq!(chosen("/sign-in?next=%2Fa%3Fb&language=de&x=1"), to("/sign-in?next=%2Fa%3Fb&x=1"));
        assert_eq!(chosen("/sign-in?language=de&language=fr"), to("/sign-in"));
        for other in [
            "/sign-in",
            "/sign-in?language=xx",
            "/sign-in?alanguage=de",
            "/?language",
            "//evil.example/?language=de",
            "/\\evil.example/?language=de",
        ] {
            assert_eq!(chosen(other), None, "{other}");
        }
        assert_eq!(super::chosen(&Method::POST, &"/sign-in?language=de".parse().unwrap()), None);
        let links = Chooser::at("/sign-in?next=%2Fa").links();
        assert!(links.iter().any(|link| link.href == "/sign-in?next=%2Fa&language=ja"));
    }
}
