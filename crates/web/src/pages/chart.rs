//! Charts for whom looking is quicker than reading: pictures within the page, without script and without a style of their own.
//! What they show stands beside them in words and numbers too, and nothing is told by colour alone.

use askama::{Template, filters::HtmlSafe};
use sallyport_model::Time;

use super::filters;

/// Height of the tallest bar, and the width that each has; the picture is stretched to where it stands.
const TALLEST: f64 = 40.0;
const SLOT: f64 = 10.0;
const BAR: f64 = 8.0;
/// What is not nothing is seen.
const LOWEST: f64 = 1.5;

/// The colour of bars. What it says is said in words beside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    Bad,
    Doubtful,
    Good,
}

impl Tone {
    const fn class(self) -> &'static str {
        match self {
            Self::Bad => "sp-tone-bad",
            Self::Doubtful => "sp-tone-doubtful",
            Self::Good => "sp-tone-good",
        }
    }
}

/// Counts over time, several one above the other on the same time.
#[derive(Template)]
#[template(path = "chart_bars.html")]
pub(crate) struct Bars {
    /// Begins the ids of its parts; unique on the page.
    pub(crate) id: &'static str,
    pub(crate) strips: Vec<Strip>,
    /// When each bar begins.
    pub(crate) since: Vec<Time>,
    /// How long a bar is, such as `hour`,
    pub(crate) part: &'static str,
    /// and when the first began, such as `24 hours ago`.
    pub(crate) first: &'static str,
}

impl HtmlSafe for Bars {}

/// The bars of one thing that is counted.
pub(crate) struct Strip {
    pub(crate) name: &'static str,
    pub(crate) tone: Tone,
    pub(crate) counts: Vec<u64>,
}

/// A bar as it is drawn.
struct Bar {
    x: String,
    y: String,
    height: String,
}

impl Bars {
    fn width(&self) -> String {
        number(SLOT * float(self.since.len()))
    }

    /// What the table has in the line of this bar.
    fn line(&self, place: &usize) -> Vec<u64> {
        self.strips.iter().map(|strip| strip.counts.get(*place).copied().unwrap_or(0)).collect()
    }
}

impl Strip {
    fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    fn most(&self) -> u64 {
        self.counts.iter().copied().max().unwrap_or(0)
    }

    fn bars(&self) -> Vec<Bar> {
        let most = float(self.most()).max(1.0);
        let counted = self.counts.iter().enumerate().filter(|(_, count)| **count > 0);
        counted
            .map(|(place, count)| {
                let height = (TALLEST * float(*count) / most).max(LOWEST);
                let x = SLOT * float(place) + (SLOT - BAR) / 2.0;
                Bar { x: number(x), y: number(TALLEST - height), height: number(height) }
            })
            .collect()
    }
}

/// Parts of a whole, each on a line of its own; a part may overlap others.
#[derive(Template)]
#[template(path = "chart_shares.html")]
pub(crate) struct Shares {
    pub(crate) whole: u64,
    pub(crate) parts: Vec<Share>,
}

impl HtmlSafe for Shares {}

pub(crate) struct Share {
    pub(crate) name: String,
    /// Where more is told of it.
    pub(crate) href: Option<String>,
    pub(crate) count: u64,
    pub(crate) tone: Tone,
}

impl Shares {
    /// How much of the whole that is, in hundredths.
    fn percent(&self, count: &u64) -> f64 {
        100.0 * float(*count) / float(self.whole).max(1.0)
    }

    fn length(&self, count: &u64) -> String {
        let least = if *count > 0 { 0.6 } else { 0.0 };
        number(self.percent(count).clamp(least, 100.0))
    }

    fn shown(&self, count: &u64) -> String {
        match self.percent(count) {
            part if *count > 0 && part < 1.0 => "under 1 %".into(),
            part if *count < self.whole && part > 99.0 => "over 99 %".into(),
            part => format!("{part:.0} %"),
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a picture needs three digits")]
fn float(count: impl TryInto<u64>) -> f64 {
    count.try_into().unwrap_or(u64::MAX) as f64
}

/// As short as it is written in a picture.
fn number(value: f64) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bars(counts: [Vec<u64>; 2]) -> Bars {
        let since = (0..).take(counts[0].len()).map(|hour| Time::from_unix_seconds(3600 * hour)).collect();
        let [allowed, denied] = counts;
        let strips = vec![
            Strip { name: "Refused", tone: Tone::Bad, counts: denied },
            Strip { name: "Allowed", tone: Tone::Good, counts: allowed },
        ];
        Bars { id: "sign-ins", strips, since, part: "hour", first: "3 hours ago" }
    }

    #[test]
    fn the_tallest_bar_fills_the_picture_and_the_smallest_is_seen() {
        let chart = bars([vec![0, 1000, 1], vec![2, 0, 1]]);
        let heights = |strip: &Strip| strip.bars().into_iter().map(|bar| bar.height).collect::<Vec<_>>();
        assert_eq!(heights(&chart.strips[0]), ["40", "20"]);
        assert_eq!(heights(&chart.strips[1]), ["40", "1.5"]);
        let places = chart.strips[1].bars().into_iter().map(|bar| (bar.x, bar.y)).collect::<Vec<_>>();
        assert_eq!(places, [("11".into(), "0".into()), ("21".into(), "38.5".into())]);
    }

    #[test]
    fn a_chart_is_told_in_words_and_numbers_and_brings_no_style() {
        let html = bars([vec![5, 0, 7], vec![0, 2, 0]]).render().unwrap();
        for said in [
            "<strong>12</strong>",
            "<strong>2</strong>",
            "3 hours ago",
            "role=\"img\"",
            "<table",
            "viewBox=\"0 0 30 40\"",
        ] {
            assert!(html.contains(said), "{said}: {html}");
        }
        assert_eq!(html.matches("<tr>").count(), 4, "a head, and a line for each hour");
        assert!(!html.contains("style="), "{html}");
        assert!(!html.contains("<script"), "{html}");
    }

    #[test]
    fn an_empty_chart_has_no_bars_and_divides_by_nothing() {
        assert!(bars([vec![0, 0], vec![0, 0]]).strips.iter().all(|strip| strip.bars().is_empty()));
        let shares = Shares { whole: 0, parts: Vec::new() };
        assert_eq!((shares.length(&0), shares.shown(&0)), ("0".into(), "0 %".into()));
    }

    #[test]
    fn shares_never_round_to_nothing_or_to_everything() {
        let shares = Shares { whole: 1000, parts: Vec::new() };
        let shown: Vec<String> = [0, 1, 500, 999, 1000].iter().map(|count| shares.shown(count)).collect();
        assert_eq!(shown, ["0 %", "under 1 %", "50 %", "over 99 %", "100 %"]);
        assert_eq!((shares.length(&1), shares.length(&1000)), ("0.6".into(), "100".into()));
    }

    #[test]
    fn names_in_a_chart_are_text() {
        let part = Share { name: "<b>".into(), href: Some("/?a=\"".into()), count: 1, tone: Tone::Good };
        let html = Shares { whole: 2, parts: vec![part] }.render().unwrap();
        assert!(!html.contains("<b>") && !html.contains("a=\"\""), "{html}");
    }
}
