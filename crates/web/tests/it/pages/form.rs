//! A form as a browser would send it that was shown the page and touched nothing.

/// Its fields with their values, in the order of the page; the token of the form is left out.
pub(super) fn fields_of(page: &str, action: &str) -> Vec<(String, String)> {
    let form = page.split_once(&format!("<form method=\"post\" action=\"{action}\"")).unwrap().1;
    let form = form.split_once("</form>").unwrap().0;
    let mut fields = Vec::new();
    for (at, _) in form.match_indices('<') {
        let (tag, rest) = form[at + 1..].split_once('>').unwrap();
        let value = match tag.split_whitespace().next() {
            Some("input") if is_sent(tag) => attribute(tag, "value").unwrap_or_default(),
            Some("textarea") => unescaped(rest.split_once('<').unwrap().0),
            Some("select") => chosen(rest),
            _ => continue,
        };
        match attribute(tag, "name") {
            Some(name) if name != "form_token" && attribute(tag, "form").is_none() => {
                fields.push((name, value));
            }
            _ => {}
        }
    }
    fields
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    Some(unescaped(rest.split_once('"')?.0))
}

/// As a browser reads it.
pub(super) fn unescaped(text: &str) -> String {
    let marks = [("&#60;", "<"), ("&#62;", ">"), ("&#34;", "\""), ("&#39;", "'"), ("&#38;", "&")];
    marks.iter().fold(text.to_owned(), |text, (mark, sign)| text.replace(mark, sign))
}

/// What is ticked or chosen is sent, and what is typed.
fn is_sent(tag: &str) -> bool {
    let ticked = matches!(attribute(tag, "type").as_deref(), Some("checkbox" | "radio"));
    !ticked || tag.ends_with(" checked")
}

/// The option that is selected, or else the first.
fn chosen(rest: &str) -> String {
    let options = rest.split_once("</select>").unwrap().0;
    let options: Vec<&str> =
        options.split("<option").skip(1).map(|option| option.split_once('>').unwrap().0).collect();
    let selected = options.iter().find(|option| option.ends_with(" selected")).or(options.first());
    selected.and_then(|option| attribute(option, "value")).unwrap_or_default()
}

pub(super) fn set(fields: &mut [(String, String)], name: &str, value: &str) {
    fields.iter_mut().find(|(named, _)| named == name).unwrap().1 = value.to_owned();
}

pub(super) fn without(fields: &[(String, String)], name: &str) -> Vec<(String, String)> {
    fields.iter().filter(|(named, _)| named != name).cloned().collect()
}

pub(super) fn lent(fields: &[(String, String)]) -> Vec<(&str, &str)> {
    fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}
