//! Search across everything the caller may read: the best few of each kind.

use sallyport_model::{
    AccessRule, Action, Application, Command, Connector, Device, EventStream, Group, HardwareToken, Policy,
    User, Webhook,
};
use sallyport_store::{Noun, Reader, Versioned};

use crate::{
    AppError, Ctx,
    view::words::{Source, Wanted},
};

/// Most of one kind that are answered, whatever is asked for.
pub const MOST: usize = 50;

/// What can be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    AccessRule,
    Application,
    Command,
    Connector,
    Device,
    EventStream,
    Group,
    HardwareToken,
    Policy,
    User,
    Webhook,
}

/// Something that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    pub id: String,
    pub name: String,
    /// What else tells it from others; may be empty.
    pub about: String,
}

/// What was found of one kind, the best first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub kind: Kind,
    pub hits: Vec<Hit>,
    /// Whether there is more of it than is answered.
    pub more: bool,
}

/// Looks for a text among everything the caller may read; the kinds of which nothing was found are left out. Whoever may
/// read nothing finds nothing.
///
/// # Errors
/// The store's.
pub async fn search(ctx: &Ctx, text: &str, most: usize) -> Result<Vec<Found>, AppError> {
    let Some(wanted) = Wanted::new(text) else { return Ok(Vec::new()) };
    let (most, searching) = (most.clamp(1, MOST), ctx.clone());
    ctx.read_many(move |reader| {
        let index = &searching.org.view.words;
        index.catch_up(&SORTS.each_ref().map(|sort| sort.source), reader)?;
        let mut all = Vec::new();
        for sort in SORTS.iter().filter(|sort| searching.allow(sort.needs).is_ok()) {
            let best = index.best(sort.source, &wanted, most);
            let mut hits = Vec::with_capacity(best.ids.len());
            for id in best.ids {
                hits.extend((sort.load)(reader, &id)?);
            }
            if !hits.is_empty() {
                all.push(Found { kind: sort.kind, hits, more: best.more });
            }
        }
        Ok(all)
    })
    .await
}

/// Whether a text is looked for in these words, by the same rules.
#[must_use]
pub fn fits(text: &str, words: &str) -> bool {
    Wanted::new(text).is_some_and(|wanted| wanted.fits(&sallyport_model::fold(words)))
}

/// How one kind is found.
struct Sort {
    kind: Kind,
    needs: Action,
    source: Source,
    load: fn(&mut Reader, &str) -> Result<Option<Hit>, AppError>,
}

/// What is found by its words.
trait Searched: Noun {
    fn about(&self) -> String;
}

const fn sort<T: Searched>(kind: Kind, needs: Action) -> Sort {
    Sort { kind, needs, source: Source::of::<T>(), load: load::<T> }
}

/// In the order in which they are answered.
static SORTS: [Sort; 11] = [
    sort::<User>(Kind::User, Action::ReadDirectory),
    sort::<Group>(Kind::Group, Action::ReadDirectory),
    sort::<Device>(Kind::Device, Action::ReadDirectory),
    sort::<Application>(Kind::Application, Action::ReadDirectory),
    sort::<HardwareToken>(Kind::HardwareToken, Action::ReadDirectory),
    sort::<Command>(Kind::Command, Action::ReadRuns),
    sort::<Policy>(Kind::Policy, Action::ReadSettings),
    sort::<AccessRule>(Kind::AccessRule, Action::ReadSettings),
    sort::<Connector>(Kind::Connector, Action::ReadSettings),
    sort::<Webhook>(Kind::Webhook, Action::ReadSettings),
    sort::<EventStream>(Kind::EventStream, Action::ReadSettings),
];

/// None where it is not there: the index may be newer than the snapshot.
fn load<T: Searched>(reader: &mut Reader, id: &str) -> Result<Option<Hit>, AppError> {
    let Ok(id) = id.parse::<T::Id>() else { return Ok(None) };
    let hit = |found: Versioned<T>| Hit {
        id: id.to_string(),
        name: found.value.label(),
        about: found.value.about(),
    };
    Ok(reader.find::<T>(id)?.map(hit))
}

impl Searched for User {
    fn about(&self) -> String {
        let mail = self.mails.first().map(|mail| mail.address.as_str());
        let known = [Some(self.display_name.as_str()), mail, not_usual(self.state.as_str(), "active")];
        known.into_iter().flatten().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(", ")
    }
}

impl Searched for Group {
    fn about(&self) -> String {
        self.description.clone()
    }
}

impl Searched for Device {
    fn about(&self) -> String {
        self.state.as_str().into()
    }
}

impl Searched for Application {
    fn about(&self) -> String {
        if self.enabled { String::new() } else { "disabled".into() }
    }
}

impl Searched for HardwareToken {
    fn about(&self) -> String {
        self.state().into()
    }
}

impl Searched for Command {
    fn about(&self) -> String {
        String::new()
    }
}

impl Searched for Policy {
    fn about(&self) -> String {
        String::new()
    }
}

impl Searched for AccessRule {
    fn about(&self) -> String {
        self.note.clone()
    }
}

impl Searched for Connector {
    fn about(&self) -> String {
        self.host.to_string()
    }
}

impl Searched for Webhook {
    fn about(&self) -> String {
        self.url.clone()
    }
}

impl Searched for EventStream {
    fn about(&self) -> String {
        self.target.label()
    }
}

fn not_usual<'a>(state: &'a str, usual: &str) -> Option<&'a str> {
    (state != usual).then_some(state)
}

#[cfg(test)]
mod tests;
