//! What an import says, row by row.

use serde_json::{Value, json};

use super::client::Client;

pub(super) fn show(client: &Client, report: &Value, dry_run: bool) -> anyhow::Result<()> {
    if client.json {
        return client.show(report);
    }
    let rows = json!({ "items": report.get("rows") });
    client.show_list(
        &rows,
        &[("LINE", "line"), ("NAME", "name"), ("OUTCOME", "outcome"), ("DETAIL", "detail")],
    )?;
    let count = |name| report.get(name).and_then(Value::as_u64).unwrap_or_default();
    let (created, updated, skipped, refused) =
        (count("created"), count("updated"), count("skipped"), count("refused"));
    let what = if dry_run { "would be " } else { "" };
    let line = format!(
        "\n{created} {what}created, {updated} {what}updated, {skipped} as they were, {refused} refused"
    );
    crate::print(&line);
    Ok(())
}
