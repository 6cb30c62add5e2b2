//! The right somebody has on a device, with where it comes from.

use sallyport_app::binding::NamedBinding;
use sallyport_model::{EffectiveRight, Right, right::RightSource};

pub(super) struct RightView {
    pub(super) right: &'static str,
    /// The source that decided.
    pub(super) from: String,
    /// The other sources that were looked at, with what each would give.
    pub(super) others: Vec<String>,
}

impl RightView {
    pub(super) fn new(effective: &EffectiveRight, bindings: &[NamedBinding]) -> Self {
        let others = effective.sources.iter().skip(1);
        Self {
            right: word(&effective.right),
            from: source(effective.from, bindings),
            others: others
                .map(|(from, right)| format!("{}: {}", source(*from, bindings), word(right)))
                .collect(),
        }
    }
}

pub(super) const fn word(right: &Right) -> &'static str {
    match right {
        Right::Standard => "standard",
        Right::Administrator => "administrator",
    }
}

fn source(source: RightSource, bindings: &[NamedBinding]) -> String {
    let named = |id| bindings.iter().find(|named| named.binding.id == id);
    match source {
        RightSource::User => "the person's own setting".into(),
        RightSource::Binding { binding } => match named(binding) {
            Some(named) => format!("binding to {}", named.target_name),
            None => "direct binding".into(),
        },
        RightSource::GroupBinding { binding, .. } => match named(binding) {
            Some(named) => format!("binding of group {} to {}", named.subject_name, named.target_name),
            None => "binding of a group".into(),
        },
    }
}
