//! The words of the directory in memory, so that a search through all of it costs the same few milliseconds however it is
//! typed, and asks the store for nothing but what it found.
//!
//! Unlike the rest of the view it is not forgotten with every change: it reads which nouns the feed has named since, and
//! their words anew. It says where to look and nothing more. Whoever searches reads what was found from their own snapshot.

use std::{
    collections::HashMap,
    sync::{PoisonError, RwLock},
};

use sallyport_store::{Noun, Reader, StoreError, Words};

use crate::AppError;

/// Further behind than this, everything is read anew.
const MOST_BEHIND: i64 = 5_000;

/// How the words of one kind of noun are read.
#[derive(Clone, Copy)]
pub(crate) struct Source {
    noun: &'static str,
    all: fn(&mut Reader) -> Result<Vec<Words>, StoreError>,
    one: fn(&mut Reader, &str) -> Result<Option<Words>, StoreError>,
}

impl Source {
    pub(crate) const fn of<T: Noun>() -> Self {
        Self { noun: T::NOUN, all: Reader::all_words::<T>, one: Reader::words_of::<T> }
    }
}

/// The best of what was found, and whether there was more.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Best {
    pub(crate) ids: Vec<String>,
    pub(crate) more: bool,
}

/// Words by noun and id, as they were at a place of the feed.
#[derive(Default)]
pub(crate) struct Index {
    known: RwLock<Known>,
}

#[derive(Default)]
struct Known {
    place: Option<i64>,
    nouns: HashMap<&'static str, HashMap<String, Box<str>>>,
}

impl Index {
    /// Brings the words of these kinds up to the snapshot, if they are behind it.
    ///
    /// # Errors
    /// The store's.
    pub(crate) fn catch_up(&self, sources: &[Source], reader: &mut Reader) -> Result<(), AppError> {
        let place = reader.place()?.unwrap_or_default();
        if self.known.read().unwrap_or_else(PoisonError::into_inner).place >= Some(place) {
            return Ok(());
        }
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        match known.place {
            // Somebody else was faster.
            Some(at) if at >= place => {}
            Some(at) if place - at <= MOST_BEHIND => known.follow(at, place, sources, reader)?,
            Some(_) | None => *known = Known::read(place, sources, reader)?,
        }
        Ok(())
    }

    /// The best `most` of a kind in whose words all of `terms` occur, or whose id is the text.
    pub(crate) fn best(&self, source: Source, wanted: &Wanted, most: usize) -> Best {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let Some(lines) = known.nouns.get(source.noun) else { return Best::default() };
        // In order, the best first, and never longer than is asked for.
        let mut best: Vec<(Rank, &str, &str)> = Vec::with_capacity(most + 1);
        let mut more = false;
        for (id, text) in lines {
            let Some(rank) = wanted.rank(id, text) else { continue };
            let line = (rank, &**text, id.as_str());
            if best.len() == most {
                more = true;
                if best.last().is_none_or(|worst| *worst <= line) {
                    continue;
                }
                best.pop();
            }
            let at = best.partition_point(|better| *better < line);
            best.insert(at, line);
        }
        Best { ids: best.into_iter().map(|(_, _, id)| id.to_owned()).collect(), more }
    }
}

impl Known {
    fn read(place: i64, sources: &[Source], reader: &mut Reader) -> Result<Self, AppError> {
        let mut nouns = HashMap::new();
        for source in sources {
            let lines = (source.all)(reader)?.into_iter().map(|words| (words.id, words.text.into()));
            nouns.insert(source.noun, lines.collect());
        }
        Ok(Self { place: Some(place), nouns })
    }

    fn follow(
        &mut self,
        at: i64,
        place: i64,
        sources: &[Source],
        reader: &mut Reader,
    ) -> Result<(), AppError> {
        for touched in reader.touched_after(at, place - at)? {
            let Some(source) = sources.iter().find(|source| source.noun == touched.noun) else { continue };
            let Some(lines) = self.nouns.get_mut(source.noun) else { continue };
            match (source.one)(reader, &touched.id)? {
                Some(words) => lines.insert(words.id, words.text.into()),
                None => lines.remove(&touched.id),
            };
        }
        // Only now: what failed half-way is read again.
        self.place = Some(place);
        Ok(())
    }
}

/// How well something fits, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    /// It is its id, or its first word.
    Name,
    Beginning,
    BeginningOfWord,
    Anywhere,
}

/// What is looked for.
#[derive(Debug)]
pub(crate) struct Wanted {
    text: String,
    terms: Vec<String>,
}

impl Wanted {
    /// Words beyond these are not looked at, so that a search has a price.
    const MOST_TERMS: usize = 8;
    const LONGEST: usize = 200;

    /// None where there is nothing to look for.
    pub(crate) fn new(text: &str) -> Option<Self> {
        let text: String = sallyport_model::fold(text).chars().take(Self::LONGEST).collect();
        let terms: Vec<String> = text.split_whitespace().take(Self::MOST_TERMS).map(str::to_owned).collect();
        (!terms.is_empty()).then(|| Self { text: terms.join(" "), terms })
    }

    /// How well these folded words fit, if they do at all.
    pub(crate) fn fits(&self, words: &str) -> bool {
        self.terms.iter().all(|term| words.contains(term.as_str()))
    }

    fn rank(&self, id: &str, words: &str) -> Option<Rank> {
        if id == self.text {
            return Some(Rank::Name);
        }
        if !self.fits(words) {
            return None;
        }
        if let Some(rest) = words.strip_prefix(self.text.as_str()) {
            return Some(if rest.is_empty() || rest.starts_with(' ') { Rank::Name } else { Rank::Beginning });
        }
        let begins = words.match_indices(self.text.as_str()).any(|(at, _)| {
            words
                .get(..at)
                .and_then(|before| before.chars().next_back())
                .is_some_and(|c| !c.is_alphanumeric())
        });
        Some(if begins { Rank::BeginningOfWord } else { Rank::Anywhere })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_is_called_so_comes_first_and_whoever_only_holds_it_last() {
        let lines = ["ada ada lovelace", "adam smith", "lin lin ada", "jada pinkett", "bob bob"];
        let nouns = HashMap::from([(
            "user",
            lines.iter().map(|text| ((*text).to_owned(), Box::from(*text))).collect(),
        )]);
        let index = Index { known: RwLock::new(Known { place: Some(1), nouns }) };
        let source = Source::of::<sallyport_model::User>();
        let best = |text: &str, most| index.best(source, &Wanted::new(text).unwrap(), most);
        assert_eq!(
            best("Ada", 9),
            Best { ids: lines[..4].iter().map(|&id| id.into()).collect(), more: false }
        );
        assert_eq!(best("ada", 2), Best { ids: vec![lines[0].into(), lines[1].into()], more: true });
        assert_eq!(best("lovelace  ada", 9).ids, [lines[0]]);
        assert_eq!(best("nobody", 9), Best::default());
        assert!(Wanted::new(" \t ").is_none());
    }
}
