//! The list of factors, as `settings update` changes it.

use anyhow::{Context as _, bail};
use clap::Args;
use sallyport_model::{Method, id::GroupId, policy::MethodRow};
use serde_json::{Value, json};

#[derive(Args)]
pub(super) struct Factors {
    /// A factor that opens the second door, in the order in which they are offered; may be repeated. All others are off
    #[arg(long = "factor", value_name = "FACTOR")]
    on: Vec<String>,
    /// For whom a factor is, by the id of a group of users; may be repeated. The factor is for these groups and no others
    #[arg(long = "factor-group", value_name = "FACTOR=GROUP")]
    groups: Vec<String>,
    /// A factor that is for everybody; may be repeated
    #[arg(long = "factor-for-everybody", value_name = "FACTOR")]
    everybody: Vec<String>,
}

impl Factors {
    /// The list as it is to be, unless it stays. What is on stays so where nothing is said of it, and so does for whom.
    pub(super) fn rows(&self, settings: &Value) -> anyhow::Result<Option<Value>> {
        if self.on.is_empty() && self.groups.is_empty() && self.everybody.is_empty() {
            return Ok(None);
        }
        let before: Vec<MethodRow> = match settings.get("factors") {
            Some(rows) => serde_json::from_value(rows.clone()).context("the server's list of factors")?,
            None => Vec::new(),
        };
        let mut rows = self.in_order(MethodRow::complete(&before))?;
        for (method, groups) in self.for_whom()? {
            if let Some(row) = rows.iter_mut().find(|row| row.method == method) {
                row.groups = groups;
            }
        }
        Ok(Some(json!(rows)))
    }

    /// Those that are on first, where it is said which these are.
    fn in_order(&self, rows: Vec<MethodRow>) -> anyhow::Result<Vec<MethodRow>> {
        if self.on.is_empty() {
            return Ok(rows);
        }
        let on = self.on.iter().map(|given| method(given)).collect::<anyhow::Result<Vec<_>>>()?;
        let place = |row: &MethodRow| on.iter().position(|method| *method == row.method);
        let mut rows: Vec<MethodRow> =
            rows.into_iter().map(|row| MethodRow { on: on.contains(&row.method), ..row }).collect();
        rows.sort_by_key(|row| place(row).unwrap_or(on.len()));
        Ok(rows)
    }

    /// The factors of which it is said for whom they are; no groups for everybody.
    fn for_whom(&self) -> anyhow::Result<Vec<(Method, Vec<GroupId>)>> {
        let mut found: Vec<(Method, Vec<GroupId>)> = Vec::new();
        for given in &self.groups {
            let (factor, group) =
                given.split_once('=').context("a factor's group is given as FACTOR=GROUP")?;
            let (factor, group) = (method(factor)?, group.parse()?);
            match found.iter_mut().find(|(method, _)| *method == factor) {
                Some((_, groups)) => groups.push(group),
                None => found.push((factor, vec![group])),
            }
        }
        for given in &self.everybody {
            let everybody = method(given)?;
            if found.iter().any(|(method, _)| *method == everybody) {
                bail!("`{given}` is either for groups or for everybody");
            }
            found.push((everybody, Vec::new()));
        }
        Ok(found)
    }
}

fn method(given: &str) -> anyhow::Result<Method> {
    let found = Method::ALL.into_iter().find(|method| method.as_str() == given);
    found.with_context(|| {
        let all: Vec<&str> = Method::ALL.iter().map(|method| method.as_str()).collect();
        format!("`{given}` is no factor: name some of {}", all.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const STAFF: &str = "grp_01890a5dac96774bbcceb302099a8057";

    fn given(on: &[&str], groups: &[String], everybody: &[&str]) -> Factors {
        let owned = |given: &[&str]| given.iter().map(ToString::to_string).collect();
        Factors { on: owned(on), groups: groups.to_vec(), everybody: owned(everybody) }
    }

    #[test]
    fn what_is_not_spoken_of_stays_as_it_was() {
        let staff: GroupId = STAFF.parse().unwrap();
        let settings = json!({ "factors": [{ "method": "totp", "on": false, "groups": [staff] }] });
        assert_eq!(given(&[], &[], &[]).rows(&settings).unwrap(), None);
        let rows = |factors: &Factors| -> Vec<MethodRow> {
            serde_json::from_value(factors.rows(&settings).unwrap().unwrap()).unwrap()
        };
        let for_staff = rows(&given(&[], &[format!("text={staff}")], &[]));
        let of = |rows: &[MethodRow], method| rows.iter().find(|row| row.method == method).cloned().unwrap();
        assert_eq!(
            of(&for_staff, Method::Text),
            MethodRow { method: Method::Text, on: true, groups: vec![staff] }
        );
        assert_eq!(
            of(&for_staff, Method::Totp),
            MethodRow { method: Method::Totp, on: false, groups: vec![staff] }
        );
        assert_eq!(for_staff.len(), Method::ALL.len());
        let ordered = rows(&given(&["push", "totp"], &[], &["totp"]));
        let on: Vec<Method> = ordered.iter().filter(|row| row.on).map(|row| row.method).collect();
        assert_eq!(on, [Method::Push, Method::Totp]);
        assert_eq!(of(&ordered, Method::Totp).groups, []);
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        let settings = json!({});
        for wrong in [
            given(&["fax"], &[], &[]),
            given(&[], &["text".into()], &[]),
            given(&[], &["text=staff".into()], &[]),
            given(&[], &[format!("text={STAFF}")], &["text"]),
            given(&[], &[], &["fax"]),
        ] {
            assert!(wrong.rows(&settings).is_err());
        }
    }
}
